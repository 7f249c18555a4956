"""Prepare a run of Lloyd's algorithm for drawing: everything that stays the same from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.analysis.lloyd_trace import Trace
    from napari_quantize.core.samples.samples import CountedSamples

_MAX_DOTS = 1000  # drawn again in each step, and more would cover each other


@dataclass(frozen=True)
class LloydData:
    """One run of Lloyd's algorithm, with the data that its plots share.

    Attributes
    ----------
    trace : Trace
        The run.
    best, own : float or None
        Errors to compare with: the least possible one, and that of the current result.
    """

    trace: Trace
    best: float | None
    own: float | None


@dataclass(frozen=True)
class LevelsData(LloydData):
    """A run on values, drawn over their histogram.

    Attributes
    ----------
    facts : ImageFacts
        Facts whose histogram has one row, of the values that were clustered.
    color : str or None
        Colour of the channel; None for grey.
    """

    facts: ImageFacts
    color: str | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The outer edges of the bars that hold values: a channel can have a smaller range than its image."""
        full = np.flatnonzero(self.facts.counts[0])
        return float(self.facts.edges[full[0]]), float(self.facts.edges[full[-1] + 1])

    @classmethod
    def of(
        cls,
        trace: Trace,
        samples: CountedSamples,
        facts: ImageFacts,
        color: str | None,
        best: float | None,
        own: float | None,
    ) -> LevelsData:
        """Count the samples in the bins of an image's histogram."""
        return cls(trace, best, own, facts.of_part(samples), color)


@dataclass(frozen=True)
class ColorsData(LloydData):
    """A run on colours, projected to the plane of their two main axes (PCA).

    Attributes
    ----------
    dots : ndarray of float64, shape (n, C)
        Sample of the colours.
    plane : ndarray of float64, shape (C, 2)
        The two main axes, as columns.
    white : float or None
        Value of a full channel; None if the channels are not red, green and blue.
    """

    dots: np.ndarray
    plane: np.ndarray
    white: float | None

    @classmethod
    def of(
        cls, trace: Trace, samples: CountedSamples, white: float | None, best: float | None, own: float | None
    ) -> ColorsData:
        """Sample the colours by frequency, and find their main axes."""
        values, cumulative = samples.values, np.cumsum(samples.counts)
        # At even steps of the cumulative counts: a sample by frequency that is the same in each run.
        positions = np.searchsorted(cumulative, (np.arange(_MAX_DOTS) + 0.5) / _MAX_DOTS * cumulative[-1])
        deviations = values - np.average(values, axis=0, weights=samples.counts)
        _, axes = np.linalg.eigh((deviations * samples.counts[:, np.newaxis]).T @ deviations)
        plane = axes[:, :-3:-1]  # the last two, since `eigh` sorts by ascending variance
        # The sign of an eigenvector is arbitrary. Fix it, so that brighter colours lie to the right in every run.
        signs = np.where(plane.sum(axis=0) < 0, -1, 1)
        return cls(trace, best, own, values[np.unique(positions)], plane * signs, white)
