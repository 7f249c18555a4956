"""The codebook: centers, how they are applied, checked and stored."""
