"""Formats of palette files: each module decodes and encodes the bytes of one."""
