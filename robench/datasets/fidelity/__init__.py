"""How near published corrupted files are to those that robench makes."""
