"""Short per-image restatements of reference pipelines, to time against and to compare with."""
