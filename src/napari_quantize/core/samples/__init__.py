"""Counted samples: the distinct values or colours of an image with their counts."""
