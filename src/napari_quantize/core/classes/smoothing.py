"""Gaussian smoothing of an image, before its levels or colours are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.classes.planes import iterate_planes
from napari_quantize.core.request.request import no_tick

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick


def smooth(
    image: np.ndarray,
    sigmas: Sequence[float],
    *,
    channel_axis: int | None = None,
    alpha: bool = False,
    tick: Tick = no_tick,
) -> np.ndarray:
    """Return an image smoothed by a Gaussian, in its own dtype.

    NaN, infinities and pixels whose alpha is 0 stay as they are, and add nothing to their neighbours.

    Parameters
    ----------
    image : ndarray
        The image.
    sigmas : sequence of float
        Standard deviation in pixels along each axis. Planes or volumes along axes of 0 are smoothed one by one.
    channel_axis : int or None
        Axis of the channels, along which nothing is smoothed; None for one channel.
    alpha : bool
        Whether the last channel is alpha, which is kept.
    tick : callable, optional
        Called between planes or volumes. An exception that it raises stops the work.

    Returns
    -------
    ndarray, same shape and dtype
        A new array. Integers are rounded.

    References
    ----------
    H. Knutsson and C.-F. Westin, "Normalized and differential convolution", CVPR 1993: how pixels are left out.
    """
    smoothed = np.array(image)
    if channel_axis is None:
        _smooth_channel(image, smoothed, np.broadcast_to(np.True_, image.shape), tuple(sigmas), tick)
        return smoothed
    channels, targets = np.moveaxis(image, channel_axis, 0), np.moveaxis(smoothed, channel_axis, 0)
    own = tuple(np.delete(np.asarray(sigmas, float), channel_axis))
    visible = channels[-1] != 0 if alpha else np.broadcast_to(np.True_, channels.shape[1:])
    for channel in range(len(channels) - alpha):
        _smooth_channel(channels[channel], targets[channel], visible, own, tick)
    return smoothed


def _smooth_channel(
    source: np.ndarray, target: np.ndarray, visible: np.ndarray, sigmas: tuple[float, ...], tick: Tick
) -> None:
    from scipy.ndimage import gaussian_filter

    within = [axis for axis, sigma in enumerate(sigmas) if sigma > 0]
    if not within:
        return
    widths = [sigmas[axis] for axis in within]
    for plane, smoothed, shown in iterate_planes(within, tick, source, target, visible):
        values = plane.astype(np.float64)
        counts = np.isfinite(values) & shown
        if counts.all():
            smoothed[...] = _rounded(gaussian_filter(values, widths, mode="nearest"), source.dtype)
            continue
        total = gaussian_filter(np.where(counts, values, 0), widths, mode="nearest")
        weight = gaussian_filter(counts.astype(np.float64), widths, mode="nearest")
        means = np.divide(total, weight, out=np.zeros_like(total), where=counts)
        smoothed[...] = np.where(counts, _rounded(means, source.dtype), plane)


def _rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values in `dtype`, rounded if it holds integers."""
    if dtype.kind == "f":
        return values.astype(dtype)
    values = np.rint(values)
    if dtype.itemsize == 8:  # the largest integers round to a float64 beyond the dtype
        values = np.minimum(values, np.nextafter(float(np.iinfo(dtype).max), 0))
    return values.astype(dtype)
