"""PNG files: indexed or exact, with codebook and record."""
