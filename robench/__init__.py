"""Train robust image classifiers, and measure them in a way that can be believed."""
