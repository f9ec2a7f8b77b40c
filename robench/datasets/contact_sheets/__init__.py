"""Contact sheets of the benchmark sets."""
