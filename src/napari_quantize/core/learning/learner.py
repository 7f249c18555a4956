"""Learning: samples are counted once, and codebooks for several k are learnt from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypedDict, Unpack, cast

import numpy as np

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.learning.colors import PaletteLearner
from napari_quantize.core.learning.levels import lloyd_centers, minibatch_centers
from napari_quantize.core.learning.optimal_levels import OptimalPartitions
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.lookup.color_spaces import space_for
from napari_quantize.core.pixels.lazy import pixels_of
from napari_quantize.core.pixels.limits import check_photo
from napari_quantize.core.pixels.masks import check_mask, mask_digest
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.color_options import ColorSpace, check_keep_fits
from napari_quantize.core.request.ignore import Ignorable
from napari_quantize.core.request.request import (
    MAX_CHANNELS,
    METHODS,
    Method,
    Mode,
    Request,
    Tick,
    check_choice,
    check_image,
)
from napari_quantize.core.samples.colors import count_colors
from napari_quantize.core.samples.samples import CountedSamples, count_samples, robust_ranges

# Entries of the table that an exact solution is traced back through: 256 MB, as they have 16 bits.
_MAX_EXACT = 2**27
# Distinct values times k up to which the optimum is found only to tell how far a result is from it: half a second.
_MAX_EXCESS = 2**21


class Options(TypedDict, total=False):
    """Keywords of `fit` that say how to learn, and where the channels are."""

    mode: Mode
    channel_axis: int | None
    alpha: bool
    method: Method
    random_state: int
    ignore: Iterable[Ignorable]
    color_space: ColorSpace
    balance: bool
    keep: Iterable[Sequence[float]]


def request_of(mask: Any, **options: Unpack[Options]) -> Request:
    """Return the checked request of `fit`.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.
    """
    check_choice("method", options.get("method", METHODS[0]), METHODS)
    # `Request` normalizes `ignore` and `keep`, so that equivalent arguments give equal codebooks.
    return Request(**cast("dict[str, Any]", options), mask_digest=mask_digest(mask))


def prepare(image: Any, mask: Any, k: int, request: Request, n_jobs: int | None) -> tuple[np.ndarray, Pixels]:
    """Return the image as an array, lazy or not, that the request for `k` centers or more fits, and its masked pixels.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.
    """
    check_keep_fits(request.keep, k)
    image = check_image(image, request)
    mask = check_mask(mask, image.shape, request.channel_axis)
    return image, pixels_of(image, request.channel_axis, request.alpha, n_jobs, mask, request.ignore)


def summarize(pixels: Pixels, request: Request, tick: Tick) -> tuple[CountedSamples, ...]:
    """Count the samples to learn from: values, in one summary for each group of channels, or colours."""
    if request.mode != "color":
        return count_samples(pixels, request.mode, tick)
    if request.color_space == "lab":
        check_photo(pixels, tick)
    return (count_colors(pixels, tick, even=not request.balance),)


def make_learner(
    image: np.ndarray,
    request: Request,
    mask: np.ndarray | None,
    tick: Tick,
    samples: tuple[CountedSamples, ...] | None = None,
) -> Learner:
    """Return a learner for a request; its samples are counted unless they are given.

    Parameters
    ----------
    image : ndarray
        As in `fit`.
    request : Request
        How to learn.
    mask : ndarray of bool or None
        As in `fit`.
    tick : callable
        Called between steps.
    samples : tuple of CountedSamples, optional
        Samples of this image for this request.

    Returns
    -------
    Learner
        Learns codebooks for any k.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.
    """
    image, pixels = prepare(image, mask, len(request.keep) or 1, request, None)
    return Learner(samples or summarize(pixels, request, tick), request, image.dtype, tick)


class Learner:
    """Learns codebooks for several k from the same counted samples.

    Parameters
    ----------
    samples : tuple of CountedSamples
        Samples of each group of channels; kept as an attribute.
    request : Request
        How to learn.
    dtype : numpy.dtype
        Dtype of the image.
    tick : callable
        Called between steps.
    """

    def __init__(self, samples: tuple[CountedSamples, ...], request: Request, dtype: np.dtype, tick: Tick) -> None:
        self.samples = samples
        self._request, self._dtype, self._tick = request, dtype, tick
        self._scales = robust_ranges(samples[0]) if request.balance else None
        space = space_for(request.color_space, self._scales, dtype)
        self._palettes = (
            PaletteLearner(samples[0], dtype, space, request.keep, tick) if request.mode == "color" else None
        )
        self._sizes = [] if self._palettes else [len(counted.values) for counted in samples]
        # Weighted values and optimal partitions take ten times the samples' memory, and a stack can have hundreds of
        # channels: only those of the most recently used channels are kept.
        weighted = lru_cache(MAX_CHANNELS)(lambda index: WeightedValues(samples[index], tick))
        self._weighted = weighted
        self._optimal = lru_cache(MAX_CHANNELS)(lambda index: OptimalPartitions(weighted(index), tick))

    def check(self, ks: Iterable[int]) -> None:
        """Raise a ValueError if one of these k needs too much memory."""
        n = max(self._sizes, default=0)
        for k in ks:
            if self._request.method == "exact" and k < n and k * n > _MAX_EXACT:
                raise ValueError(
                    f"k={k} is out of reach of method='exact' for {n:,} distinct values: "
                    f"at most {_MAX_EXACT // n:,} is possible"
                )

    def codebook(self, k: int) -> Codebook:
        """Learn k centers for each group of channels."""
        levels = tuple(self._centers(index, k) for index in range(len(self._sizes))) or (self._palette(k),)
        return Codebook(k, levels, self._dtype, self._request, self._scales)

    def _centers(self, index: int, k: int) -> np.ndarray:
        weighted, seed = self._weighted(index), self._request.random_state
        self._tick()
        if k >= len(weighted):
            return weighted.values.copy()
        if self._request.method == "exact":
            return self._optimal(index).centers(k)
        find = {"minibatch": minibatch_centers, "lloyd": lloyd_centers}[self._request.method]
        return find(weighted, k, seed)

    def _palette(self, k: int) -> np.ndarray:
        self._tick()
        return cast("PaletteLearner", self._palettes).palette(k, self._request.method, self._request.random_state)

    def excess(self, codebook: Codebook) -> float | None:
        """Return cost / optimal cost - 1 of a codebook learnt here; None if it is undefined or would take long.

        It is undefined for colours, if nothing is lost because k is at least the number of distinct samples, and if
        the least cost cannot be told from rounding errors, as beside an outlier of the largest float32.
        """
        lossy = [index for index, size in enumerate(self._sizes) if codebook.k < size]
        if not lossy or any(self._sizes[index] * codebook.k > _MAX_EXCESS for index in lossy):
            return None
        widths, costs, least = [], [], []
        for index in lossy:
            weighted = self._weighted(index)
            widths.append(weighted.width)
            costs.append(weighted.cost_of(codebook.levels[index]))
            least.append(self._optimal(index).cost(codebook.k))
            if not weighted.resolves(least[-1]):
                return None
        # Each cost is in units of its group's squared range: convert all to the widest range before they are added.
        weights = [(width / max(widths)) ** 2 for width in widths]
        total = float(np.dot(weights, least))
        if total == 0:  # squares of the smallest numbers underflow next to large ones
            return None
        # Rounding can put a cost just below the optimum.
        return max(0.0, float(np.dot(weights, costs)) / total - 1)

    def least_mse(self, k: int) -> float:
        """Return the least possible mean squared error per value with k unrounded levels for each group.

        It is in squared data units, and takes time and memory as ``method="exact"`` does. It is known for levels only,
        not for colours.
        """
        lossy = [index for index, size in enumerate(self._sizes) if k < size]
        costs = [self._optimal(index).cost(k) * self._weighted(index).width ** 2 for index in lossy]
        return sum(costs) / sum(counted.total for counted in self.samples)
