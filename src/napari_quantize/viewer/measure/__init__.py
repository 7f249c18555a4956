"""Slow measurements, in the background."""
