"""Carry out plans in the background and add the results to the viewer."""
