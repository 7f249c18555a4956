"""Resolve the values of the fields into a plan for a run."""
