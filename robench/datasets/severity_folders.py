"""Corrupted sets stored as class folders of pictures per corruption and severity."""
