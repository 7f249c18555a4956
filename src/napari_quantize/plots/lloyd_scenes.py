"""What the steps of Lloyd's algorithm are drawn on: chosen once a run, and looked at from step to step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.analysis.lloyd_trace import Trace
    from napari_quantize.core.samples.samples import CountedSamples

_MAX_DOTS = 1000


@dataclass(frozen=True)
class Scene:
    """One run, and what its steps are drawn on.

    Attributes
    ----------
    trace : Trace
        The run.
    best, own : float or None
        Errors to compare with: the least that is possible, and that of the result that is looked at.
    """

    trace: Trace
    best: float | None
    own: float | None


@dataclass(frozen=True)
class LevelsScene(Scene):
    """A run on values.

    Attributes
    ----------
    facts : ImageFacts
        Its histogram's only row is of the values that were clustered.
    color : str or None
        Of a channel; None for grey.
    """

    facts: ImageFacts
    color: str | None = None

    @classmethod
    def of(
        cls,
        trace: Trace,
        samples: CountedSamples,
        facts: ImageFacts,
        color: str | None,
        best: float | None,
        own: float | None,
    ) -> LevelsScene:
        """Count the samples in the bins of an image's histogram."""
        counts = np.histogram(samples.values, facts.edges, weights=samples.counts)[0]
        return cls(trace, best, own, replace(facts, counts=counts[np.newaxis]), color)


@dataclass(frozen=True)
class ColorsScene(Scene):
    """A run on colours, seen from the side from which they lie furthest apart.

    Attributes
    ----------
    dots : ndarray of float64, shape (n, C)
        Some of the colours.
    plane : ndarray of float64, shape (C, 2)
        The two main axes, as columns.
    white : float or None
        The value of a full channel; None where the channels are not red, green and blue.
    """

    dots: np.ndarray
    plane: np.ndarray
    white: float | None

    @classmethod
    def of(
        cls, trace: Trace, samples: CountedSamples, white: float | None, best: float | None, own: float | None
    ) -> ColorsScene:
        """Choose dots among the colours, frequent ones first, and find the axes."""
        values, reached = samples.values, np.cumsum(samples.counts)
        positions = np.searchsorted(reached, (np.arange(_MAX_DOTS) + 0.5) / _MAX_DOTS * reached[-1])
        apart = values - np.average(values, axis=0, weights=samples.counts)
        _, axes = np.linalg.eigh((apart * samples.counts[:, np.newaxis]).T @ apart)
        plane = axes[:, :-3:-1]
        # To the right it gets brighter; the other direction only has to be the same each time.
        signs = np.where(plane.sum(axis=0) < 0, -1, 1)
        return cls(trace, best, own, values[np.unique(positions)], plane * signs, white)
