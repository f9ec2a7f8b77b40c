"""Whatever lies in a folder: which set it is, what is missing or damaged, and what mends it."""
