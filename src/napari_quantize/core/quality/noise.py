"""Estimate of an image's own noise, to compare a loss with."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from napari_quantize.core.pixels.pixels import Index, Pixels, channels_last, map_blocks
from napari_quantize.core.pixels.strips import strips
from napari_quantize.core.request.request import Request, Tick, check_in_memory, no_tick

NoiseProblem = Literal["few values", "below steps", "no windows", "several layers", "part"]
"""Why noise is not known: the image has few distinct values, its noise is smaller than the steps between them, no 3 × 3
pixels are visible and finite, or the errors are those of several layers or of a part of the image."""

_SIZE = 3
# Half of the values of a normal distribution lie within this many standard deviations of the mean.
_NORMAL_MEDIAN = 0.6744897501960817
# The mask turns independent noise of standard deviation 1 into 6: the root of the sum of its squared entries.
_MASK_NORM = 6.0
# Sum of the absolute entries of the mask: after division by it, no response overflows float64.
_ABS_SUM = 16.0
# The noise of a stack is estimated from a few planes: planes differ little, and each estimate takes time.
_MAX_PLANES = 9
# An image with fewer distinct values was drawn, labelled or quantized, and does not show the noise of a camera.
_FEWEST_VALUES = 17
# In steps between neighbouring values: rounding to these hides smaller noise.
_LEAST_NOISE = 0.5
_MAX_SAMPLED = 2**18


def estimate_noise(
    image: np.ndarray, *, channel_axis: int | None = None, alpha: bool = False, tick: Tick | None = None
) -> float:
    """Estimate the standard deviation of an image's own noise, in data units.

    Parameters
    ----------
    image : ndarray
        The image, in memory. The last two axes, except the channel axis, are those of its planes.
    channel_axis, alpha, tick
        As in `napari_quantize.fit`.

    Returns
    -------
    float
        Median of the estimates for all planes and channels.

    Raises
    ------
    ValueError
        If planes are smaller than 3 × 3 pixels, or no window of 3 × 3 pixels is wholly finite and visible.
    ValueError, TypeError
        As in `napari_quantize.fit`.

    Notes
    -----
    Immerkær's mask [1]_ ``N = [[1, −2, 1], [−2, 4, −2], [1, −2, 1]]`` does not respond to constant areas,
    slopes and straight edges along the axes, and turns independent noise of standard deviation sigma into noise of 6
    sigma. So ``sigma = median(|image * N|) / (6 · 0.6745)``, over all windows whose nine pixels are finite and visible.
    The median replaces Immerkær's mean, as in Donoho and Johnstone [2]_, because it ignores the few windows at edges
    and specks.

    Responses of integers are integers. Their median is interpolated as if each lay anywhere within ±½ of its value, so
    rounding counts as noise: from a sigma of about 0.5 on, as ``sqrt(sigma² + 1/12)``. Below that it depends on the
    mean: where sigma is 0.3, the estimate is from 0.2, if the mean is an integer, to 0.54, if it lies halfway between
    two. If more than half of the responses are 0, sigma is 0: less noise than that cannot be measured in integers, nor
    can noise of images in which most pixels are clipped. Fine texture counts as noise, and noise that is correlated
    between neighbours (JPEG, interpolation, smoothing) is underestimated.

    The estimate needs about 16 bytes for each pixel of one plane.

    References
    ----------
    .. [1] J. Immerkær, "Fast noise variance estimation", Computer Vision and Image Understanding 64(2), 300-302, 1996.
    .. [2] D. L. Donoho and I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81(3),
       425-455, 1994.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import estimate_noise
    >>> round(estimate_noise(np.random.default_rng(0).normal(100, 5, (512, 512))), 1)
    5.0
    """
    request = Request("per_channel", channel_axis, alpha)
    pixels = Pixels(channels_last(check_in_memory(image, request), request.channel_axis), request.alpha)
    shape = pixels.array.shape[:-1]
    if len(shape) < 2 or min(shape[-2:]) < _SIZE:
        size = " × ".join(map(str, shape[-2:]))
        raise ValueError(f"noise is measured in 3 × 3 pixels: the planes of this image have {size or 'no size'}")
    sigmas = [sigma for index in np.ndindex(shape[:-2]) for sigma in _noise_at(pixels, index, tick or no_tick)]
    known = [sigma for sigma in sigmas if sigma is not None]
    if not known:
        raise ValueError("no 3 × 3 pixels of this image are all finite and visible: its noise cannot be measured")
    return float(np.median(known))


def own_noise(image: Any, channel_axis: int | None, alpha: bool, tick: Tick) -> float | NoiseProblem:
    """Return the standard deviation of an image's own noise, or why it cannot be estimated.

    It can be estimated if the image has planes, more than 16 values, and noise of at least half the step between
    values. It cannot for images that were drawn, labelled or quantized, or that are mostly flat or clipped.

    Parameters
    ----------
    image : array-like
        Image. At most 9 planes of a stack are read, so lazy arrays are read only in part.
    channel_axis : int or None
        Axis of the channels.
    alpha : bool
        Whether the last channel is alpha.
    tick : callable
        Called between steps.

    Returns
    -------
    float or NoiseProblem
        Standard deviation in data units, as `napari_quantize.estimate_noise` defines noise.
    """
    planes = _sample_planes(image, channel_axis)
    tick()
    try:
        sigma = estimate_noise(planes, channel_axis=channel_axis, alpha=alpha, tick=tick)
    except ValueError:  # no planes, or nothing in them that is finite and visible
        return "no windows"
    colors = channels_last(planes, channel_axis)
    step = _step(colors[..., :-1] if alpha else colors)
    if step is None:
        return "few values"
    return sigma if sigma >= _LEAST_NOISE * step else "below steps"


def _sample_planes(image: Any, channel_axis: int | None) -> np.ndarray:
    n_axes = len(image.shape)
    channel = None if channel_axis is None else channel_axis % n_axes
    leading = [axis for axis in range(n_axes) if axis != channel][:-2]
    # Along each leading axis, so that all of them together give at most 9 planes; 1e-9, because roots are rounded.
    most = max(1, int(_MAX_PLANES ** (1 / max(1, len(leading))) + 1e-9))
    steps = [max(1, -(-length // most)) if axis in leading else 1 for axis, length in enumerate(image.shape)]
    return np.asarray(image[tuple(slice(None, None, step) for step in steps)])


def _step(array: np.ndarray) -> float | None:
    """Return the median distance from a value to the next larger one; None if there are few values."""
    # A step that shares no factor with the last axis, which can be that of channels: all of them are seen.
    step = array.size // _MAX_SAMPLED + 1
    while math.gcd(step, array.shape[-1]) > 1:
        step += 1
    some = array.ravel()[::step].astype(np.float64)
    values, counts = np.unique(some[np.isfinite(some)], return_counts=True)
    if len(values) < _FEWEST_VALUES:
        return None
    # The median over pixels, not over values, so that rare values in between do not count.
    steps = np.diff(values)
    order = np.argsort(steps)
    cumulative = np.cumsum(counts[:-1][order])
    return float(steps[order][np.searchsorted(cumulative, cumulative[-1] / 2)])


def _noise_at(pixels: Pixels, index: tuple[int, ...], tick: Tick) -> list[float | None]:
    """Estimate the noise of each channel of the plane at `index` along the axes before the last two."""
    block: np.ndarray = pixels.array[index]
    hidden = block[..., -1] == 0 if pixels.alpha else np.zeros(block.shape[:-1], dtype=bool)
    return [_plane_noise(block[..., channel], hidden, tick) for channel in range(pixels.n_channels)]


def _plane_noise(plane: np.ndarray, hidden: np.ndarray, tick: Tick) -> float | None:
    def responses(rows: Index) -> np.ndarray:
        return _responses(plane[rows], hidden[rows])

    height, width = plane.shape
    sizes = np.concatenate(list(map_blocks(responses, strips(height, width, _SIZE), tick)))
    if not len(sizes):
        return None
    median = float(np.median(sizes)) if plane.dtype.kind == "f" else _grouped_median(sizes, 1 / _ABS_SUM)
    return median * (_ABS_SUM / (_MASK_NORM * _NORMAL_MEDIAN))


def _responses(plane: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the absolute responses of windows whose nine pixels take part, divided by `_ABS_SUM`."""
    values = plane.astype(np.float64)
    left_out = hidden | ~np.isfinite(values)
    values[left_out] = np.nan
    values /= _ABS_SUM
    for _ in range(2):  # the mask is separable: [1, -2, 1] along one axis, then along the other
        values = (values[:-2] - 2 * values[1:-1] + values[2:]).T
    sizes = np.abs(values).ravel()
    return sizes[~np.isnan(sizes)] if left_out.any() else sizes


def _grouped_median(values: np.ndarray, step: float) -> float:
    """Return the median of multiples of `step`, as if each were spread evenly over one step; 0 if the median is 0."""
    middle = float(np.median(values))
    if middle == 0:
        return 0.0
    n_below = np.count_nonzero(values < middle)
    n_equal = np.count_nonzero(values == middle)
    if not n_equal:  # an even number of values, whose middle two differ
        return middle
    return middle + step * ((len(values) / 2 - n_below) / n_equal - 0.5)
