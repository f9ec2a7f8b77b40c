"""Co-Mixup: many inputs to one output, assigned jointly."""
