"""PuzzleMix: masks by graph cuts, and the transport of blocks."""
