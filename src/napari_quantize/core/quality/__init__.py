"""Figures of loss."""
