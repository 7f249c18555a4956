"""Many image files in, result files and figures out."""
