"""Palettes and palette files, one format a module."""
