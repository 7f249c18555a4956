"""Palettes, and palette files with one module for each format."""
