"""The results that can be exported, and the names of their files: plain data, without a window."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.formats.png.separations import MAX_FILES
from napari_quantize.palettes.codebooks import palette_of
from napari_quantize.text.names import free_name
from napari_quantize.text.results import result_name
from napari_quantize.viewer.export import messages as export_messages

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.formats.raster import Raster
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.table.rows import Sheet

MAX_COLOURS = {".pal": 256, ".act": 256}

# Windows refuses these characters in names, a dot or space at the end, and the names of its devices.
_ILLEGAL = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))}
# File systems allow 255 bytes. The rest is for what tells results apart, such as `_k8_own_exact` or a number, and for
# the suffix.
_MAX_STEM_BYTES = 150
_MAX_LONG_BYTES = 60


@dataclass(frozen=True, eq=False)
class Candidate:
    """A result that can be exported.

    Attributes
    ----------
    layer_id, name : str
        ``unique_id`` and name of its layer.
    provenance : Provenance
        Its provenance.
    raster : Raster
        Its pixels, calibration, codebook and record.
    source : array-like or None
        Pixels of its source; None if that was removed.
    why_stale : str
        Why its figures do not hold for the source's present pixels; empty if they do.
    why_no_part : str
        Why the values that it was learnt from cannot be counted again; empty if they can.
    """

    layer_id: str
    name: str
    provenance: Provenance
    raster: Raster
    source: Any = None
    why_stale: str = ""
    why_no_part: str = ""

    @property
    def can_be_dithered(self) -> bool:
        """True if it can be dithered: colours of an 8-bit photo whose source is in the viewer, as it was."""
        image = self.raster.image
        of_photo = self.raster.rgb and image.ndim == 3 and image.dtype == np.uint8
        has_source = self.source is not None and not self.why_stale
        return of_photo and self.provenance.codebook.mode == "color" and has_source

    def why_no_palette(self, suffix: str) -> str:
        """Return why such a file cannot hold its palette; an empty string if it can."""
        if self.provenance.together:
            return export_messages.TOGETHER
        if suffix == ".json":
            return ""
        groups = self.provenance.codebook.levels
        if len(groups) > 1:
            return export_messages.OWN_LEVELS
        if self.provenance.codebook.mode == "color" and not self.raster.rgb:
            return export_messages.NO_RGB
        try:
            palette_of(self.provenance.codebook)
        except ValueError as error:  # colours of 32 bits, or floats outside 0 … 1
            return str(error)
        most = MAX_COLOURS.get(suffix)
        return export_messages.too_many(most) if most is not None and len(groups[0]) > most else ""

    @property
    def n_separations(self) -> int:
        """Number of its separations: one for each colour, or for each level of each channel."""
        codebook = self.provenance.codebook
        n_files = sum(map(len, codebook.levels))
        if codebook.mode == "global" and self.raster.rgb:  # each channel has all levels
            n_files *= self.raster.image.shape[-1] - codebook.alpha
        return n_files

    @property
    def why_no_separations(self) -> str:
        """Reason why there are no separations of it; empty if there are."""
        if self.provenance.together:
            return export_messages.TOGETHER
        if len(self.raster.calibration.axes) != 2:
            return export_messages.NO_PLANE
        return export_messages.too_many(MAX_FILES, "files") if self.n_separations > MAX_FILES else ""

    @property
    def why_no_figure(self) -> str:
        """Reason why the figure leaves it out; empty if it does not."""
        return export_messages.NO_SOURCE if self.source is None else self.why_stale

    @property
    def why_no_report(self) -> str:
        """Reason why the report leaves it out; empty if it does not."""
        if self.provenance.together:
            return export_messages.TOGETHER
        return self.why_no_figure or self.why_no_part


@dataclass(frozen=True, eq=False)
class ExportInputs:
    """What can be exported, as the dock shows it.

    Attributes
    ----------
    candidates : sequence of Candidate
        All results: names of files must not depend on which of them are ticked.
    viewer : napari.viewer.Viewer
        The viewer, whose planes a figure shows.
    source : Image or None
        Layer of the image; None if that was removed.
    results : sequence of (Image, Provenance)
        Layers of the results.
    sheet, columns : Sheet, tuple of str
        The dock's table, and the names of its visible columns.
    """

    candidates: Sequence[Candidate]
    viewer: Viewer
    source: Image | None
    results: Sequence[tuple[Image, Provenance]]
    sheet: Sheet
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class OutputFile:
    """One file, or one folder of files, to write.

    Attributes
    ----------
    path : Path
        Its path.
    write : callable
        Function of the path and of whether to replace an existing file.
    n_in_folder : int
        Number of the files in a folder; 0 for a file.
    """

    path: Path
    write: Callable[[Path, bool], object]
    n_in_folder: int = 0

    @property
    def n_files(self) -> int:
        """Number of files that are written."""
        return self.n_in_folder or 1


def legal_file_name(name: str, most: int = _MAX_STEM_BYTES) -> str:
    """Return a file name of at most `most` bytes that every system accepts, as close to `name` as possible."""
    name = _ILLEGAL.sub("_", name).rstrip(". ")
    if name.split(".")[0].upper() in _DEVICES:
        name = f"_{name}"
    # File names need not be valid Unicode (surrogates); leave out what cannot be encoded.
    return name.encode(errors="ignore")[:most].decode(errors="ignore").rstrip(". ")


def file_stems(first: str, candidates: Sequence[Candidate]) -> dict[str, str]:
    """Return the beginning of the file names of each result, by layer id.

    This is `first` and the result's name. If several results have the same, their layers' names tell them apart.
    """
    short = {each.layer_id: f"{first}_{_short(each)}" for each in candidates}
    several = {stem for stem, n in Counter(map(str.lower, short.values())).items() if n > 1}
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for each in candidates:
        stem = short[each.layer_id]
        if stem.lower() in several:
            stem = f"{first}_{_long(each)}"
        stem = free_name(stem, lambda free: free.lower() in taken, "_")  # Windows and macOS ignore case
        taken.add(stem.lower())
        stems[each.layer_id] = stem
    return stems


def existing(files: Iterable[OutputFile]) -> list[Path]:
    """Return the paths that exist already."""
    return [file.path for file in files if file.path.exists()]


def _short(candidate: Candidate) -> str:
    """Name a file as its result: ``K=8 own`` gives ``k8_own``."""
    return _file_name(result_name(candidate.provenance))


def _long(candidate: Candidate) -> str:
    """Name a file as its result's layer, which the user may have renamed."""
    return _file_name(candidate.name.removesuffix(f" · {candidate.provenance.source_name}"))


def _file_name(name: str) -> str:
    return legal_file_name(re.sub(r"[^\w.-]+", "_", re.sub(r"^K=(?=\d)", "k", name)), _MAX_LONG_BYTES)
