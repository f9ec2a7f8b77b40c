"""`robench lint`: whether results can be believed, and whose numbers they can stand beside."""
