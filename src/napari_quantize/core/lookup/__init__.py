"""Look values and colours up: each goes to its nearest center."""
