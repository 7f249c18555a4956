"""Levels whose borders were set by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook

if TYPE_CHECKING:
    from napari_quantize.core.samples.samples import CountedSamples


def move_border(codebook: Codebook, samples: CountedSamples, group: int, index: int, value: float) -> Codebook:
    """Return a codebook in which one border between classes lies elsewhere, and each level is the mean of its class.

    Parameters
    ----------
    codebook : Codebook
        A codebook of levels.
    samples : CountedSamples
        The values of the group's channels that the codebook was learnt from, with their counts.
    group : int
        Index of the set of levels.
    index : int
        Index of the border: that between classes `index` and `index` + 1, counted from 0.
    value : float
        Where the border shall lie: the largest value of the lower class. It moves so far that both classes keep a
        value.

    Returns
    -------
    Codebook
        A codebook of method ``"given"``, with all its borders. A class without values keeps its level. The digest of
        the mask stays, since the means are those of the values within it.

    Raises
    ------
    ValueError
        If the two classes have fewer than two values.
    """
    limits = codebook.borders_of(group).copy()
    values = samples.values
    low = limits[index - 1] if index else -np.inf
    high = limits[index + 1] if index + 1 < len(limits) else np.inf
    between = values[(values > low) & (values <= high)]
    if len(between) < 2:
        raise ValueError(f"the border cannot be moved: classes {index + 1} and {index + 2} share {len(between)} value")
    if codebook.dtype.kind == "f":
        limits[index] = min(max(value, between[0]), between[-2])
    else:
        limits[index] = _after_integer(min(max(np.floor(value), between[0]), between[-2]))
    centers = _means(codebook.levels[group], limits, values, samples.counts)
    levels = tuple(centers if at == group else own for at, own in enumerate(codebook.levels))
    borders = tuple(limits if at == group else codebook.borders_of(at) for at in range(len(levels)))
    request = replace(codebook.request, method="given")
    return Codebook(codebook.k, levels, codebook.dtype, request, borders=borders)


def _after_integer(number: float) -> float:
    """Return the border after an integer: halfway to the next one, where a histogram's bars end."""
    halfway = number + 0.5
    # From 2**52 on, float64 holds no halves: the sum is rounded to one of the two integers.
    return halfway if number < halfway < number + 1 else number


def _means(centers: np.ndarray, limits: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the mean of the values of each class; of a class without values, its center."""
    means = centers.copy()
    ends = [0, *np.searchsorted(values, limits, side="right").tolist(), len(values)]
    for number, (start, stop) in enumerate(pairwise(ends)):
        if stop > start:
            own = values[start:stop].astype(np.float64)
            mean = np.average(own, weights=counts[start:stop])
            means[number] = min(max(mean, own[0]), own[-1])  # a mean of equal values can be rounded away from them
    return means
