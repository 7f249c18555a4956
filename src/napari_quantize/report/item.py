"""What the report shows of one image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_quantize.core.api import Result
    from napari_quantize.formats.raster import Raster
    from napari_quantize.text.results import Made


@dataclass(frozen=True)
class WrittenFiles:
    """What was written of a result.

    Attributes
    ----------
    file, codebook : str
        Names of the image and of the codebook; empty if there is none.
    kb : float or None
        Size of the image's file, in KB of 1,024 bytes; None to measure what it takes as a PNG.
    """

    file: str = ""
    codebook: str = ""
    kb: float | None = None


@dataclass(frozen=True, eq=False)
class ReportItem:
    """One image of a report, with its results.

    Attributes
    ----------
    name : str
        What it is called.
    source : Raster
        The image.
    results : sequence of Result
        As `sweep` or `transfer` make them, by ascending K; at least one.
    written : sequence of WrittenFiles
        One for each result, or none.
    info : Mapping
        What reading the file told: ``format``, ``file_kb`` and ``notes`` are shown.
    learnt_from : str
        Of what else the codebooks were learnt; empty if of this image.
    made : sequence of Made
        How each result was made, where more is known of that than the results tell; else none.
    """

    name: str
    source: Raster
    results: Sequence[Result]
    written: Sequence[WrittenFiles] = ()
    info: Mapping[str, Any] = field(default_factory=dict)
    learnt_from: str = ""
    made: Sequence[Made] = ()

    def __post_init__(self) -> None:
        if not self.results:
            raise ValueError(f"{self.name} has no results to report")
        if self.written and len(self.written) != len(self.results):
            raise ValueError(f"{self.name} has {len(self.results)} results, but {len(self.written)} were written")
        if self.made and len(self.made) != len(self.results):
            raise ValueError(
                f"{self.name} has {len(self.results)} results, but it is told how {len(self.made)} were made"
            )
        for result in self.results:
            if result.image.shape != self.source.image.shape:
                raise ValueError(
                    f"{self.name} has the shape {self.source.image.shape}, but its result with K={result.k} has "
                    f"{result.image.shape}"
                )
