"""Gaussian smoothing of an image, before its levels or colours are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

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
        _smooth_channel(image, smoothed, None, tuple(sigmas), tick)
        return smoothed
    channels, targets = np.moveaxis(image, channel_axis, 0), np.moveaxis(smoothed, channel_axis, 0)
    own = tuple(np.delete(np.asarray(sigmas, float), channel_axis))
    visible = channels[-1] != 0 if alpha else None
    for channel in range(len(channels) - alpha):
        _smooth_channel(channels[channel], targets[channel], visible, own, tick)
    return smoothed


def _smooth_channel(
    source: np.ndarray, target: np.ndarray, visible: np.ndarray | None, sigmas: tuple[float, ...], tick: Tick
) -> None:
    from scipy.ndimage import gaussian_filter

    within = [axis for axis, sigma in enumerate(sigmas) if sigma > 0]
    others = [axis for axis in range(source.ndim) if axis not in within]
    if not within:
        return
    order, widths = (*others, *within), [sigmas[axis] for axis in within]
    planes, targets = source.transpose(order), target.transpose(order)
    seen = None if visible is None else visible.transpose(order)
    for index in np.ndindex(planes.shape[: len(others)]):
        tick()
        plane = planes[index].astype(np.float64)
        counts = np.isfinite(plane) if seen is None else np.isfinite(plane) & seen[index]
        if counts.all():
            targets[index] = _rounded(gaussian_filter(plane, widths, mode="nearest"), source.dtype)
            continue
        total = gaussian_filter(np.where(counts, plane, 0), widths, mode="nearest")
        weight = gaussian_filter(counts.astype(np.float64), widths, mode="nearest")
        means = np.divide(total, weight, out=np.zeros_like(total), where=counts)
        targets[index] = np.where(counts, _rounded(means, source.dtype), planes[index])


def _rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values in `dtype`, rounded if it holds integers."""
    if dtype.kind == "f":
        return values.astype(dtype)
    values = np.rint(values)
    if dtype.itemsize == 8:  # the largest integers round to a float64 beyond the dtype
        values = np.minimum(values, np.nextafter(float(np.iinfo(dtype).max), 0))
    return values.astype(dtype)
