"""Describe an image and the course of learning: facts, histogram, error curve, steps of Lloyd's algorithm."""
