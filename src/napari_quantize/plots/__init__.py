"""Draw figures with matplotlib, for the dock and for saved files."""
