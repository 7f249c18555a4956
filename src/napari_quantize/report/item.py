"""The input of a report: an image, its results and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_quantize.core.api import Result
    from napari_quantize.core.record import Record
    from napari_quantize.formats.raster import Raster


@dataclass(frozen=True)
class WrittenFiles:
    """Files of one result.

    Attributes
    ----------
    file, codebook : str
        Names of the image's and the codebook's file; empty if there is none.
    kb : float or None
        Size of the image's file in units of 1,024 bytes; None to measure its size as a PNG.
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
        Name of the image.
    source : Raster
        The image.
    results : sequence of Result
        Results of `sweep` or `transfer` by ascending K; at least one.
    written : sequence of WrittenFiles
        One for each result, or empty.
    info : Mapping
        Facts from `load` or `read_image`: the report shows ``format``, ``file_kb`` and ``notes``.
    learnt_from : str
        Name of the image from which the codebooks were learnt, if not from this one; else empty.
    records : sequence of Record
        How each result was made, if more is known than the results hold; else empty.
    color_differences : sequence of float or None
        Mean ΔE of each result, None where it is not defined, if they were measured already; else empty.

    Raises
    ------
    ValueError
        If there are no results, one has another shape than the source, or a list is not as long as the results.
    """

    name: str
    source: Raster
    results: Sequence[Result]
    written: Sequence[WrittenFiles] = ()
    info: Mapping[str, Any] = field(default_factory=dict)
    learnt_from: str = ""
    records: Sequence[Record] = ()
    color_differences: Sequence[float | None] = ()

    def __post_init__(self) -> None:
        if not self.results:
            raise ValueError(f"{self.name} has no results to report")
        if self.written and len(self.written) != len(self.results):
            raise ValueError(f"{self.name} has {len(self.results)} results, but {len(self.written)} were written")
        if self.records and len(self.records) != len(self.results):
            raise ValueError(f"{self.name} has {len(self.results)} results, but {len(self.records)} records")
        if self.color_differences and len(self.color_differences) != len(self.results):
            raise ValueError(
                f"{self.name} has {len(self.results)} results, but {len(self.color_differences)} colour differences"
            )
        for result in self.results:
            if result.image.shape != self.source.image.shape:
                raise ValueError(
                    f"{self.name} has the shape {self.source.image.shape}, but its result with K={result.k} has "
                    f"{result.image.shape}"
                )
