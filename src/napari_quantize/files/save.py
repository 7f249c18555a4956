"""The one door out: an image in the file that holds it exactly."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.whole_file import whole_file
from napari_quantize.files.tiff import write_tiff

if TYPE_CHECKING:
    from napari_quantize.files.raster import Raster

