"""A source and its results: the model that the dock shows."""
