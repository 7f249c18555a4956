"""Bytes on disk to arrays and back."""
