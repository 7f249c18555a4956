"""The panel *Histogram*."""
