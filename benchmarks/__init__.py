"""Speed and memory of napari-quantize beside its peers: ``python -m benchmarks``."""
