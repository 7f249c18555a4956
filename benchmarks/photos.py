"""Photos for benchmarks: those of a folder, or some that scikit-image ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


def photos(folder: Path | None) -> list[tuple[str, np.ndarray]]:
    """Return the photos of a folder with their names, or some that scikit-image ships."""
    if folder is None:
        names = ("astronaut", "chelsea", "coffee", "immunohistochemistry")
        return [(name, getattr(skimage.data, name)()) for name in names]
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _ENDINGS]
    if not paths:
        raise SystemExit(f"no photos in {folder}: their names end in {', '.join(_ENDINGS)}")
    return [(path.stem, np.asarray(Image.open(path).convert("RGB"))) for path in paths]
