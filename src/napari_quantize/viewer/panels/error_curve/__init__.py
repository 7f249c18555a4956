"""The panel *How many are enough?*."""
