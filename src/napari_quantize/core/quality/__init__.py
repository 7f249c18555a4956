"""Figures of what quantization loses."""
