"""`robench compare` and `robench report`: from the small files of a run to tables and one page."""
