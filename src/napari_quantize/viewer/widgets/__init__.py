"""Qt widgets that know nothing of quantization."""
