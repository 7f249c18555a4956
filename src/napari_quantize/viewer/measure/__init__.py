"""Measure in the background what takes long."""
