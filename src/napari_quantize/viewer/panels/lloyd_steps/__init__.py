"""The panel *Show the steps*."""
