"""Perceptual figures of loss: SSIM and colour difference. They take longer than others, so they are optional."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from napari_quantize.core.pixels.limits import find_white
from napari_quantize.core.pixels.pixels import Index, Pixels, channels_last, map_blocks
from napari_quantize.core.pixels.strips import strips, whole_windows
from napari_quantize.core.quality.quality import peak_range, unit_for
from napari_quantize.core.request.request import MAX_SIZE, Request, Tick, check_in_memory, no_tick

_WINDOW = 11  # pixels across: the middle one, and 3.5 standard deviations of 1.5 pixels on both sides
_MAX_OFFSET = 1e3  # ranges: values further away from 0 are moved towards it


def ssim(
    source: np.ndarray,
    result: np.ndarray,
    *,
    channel_axis: int | None = None,
    alpha: bool = False,
    tick: Tick | None = None,
) -> float:
    """Compute the mean structural similarity (SSIM) of two planes: 1 for equal planes, less the more they differ.

    Parameters
    ----------
    source, result : ndarray
        A 2-D image, or a 3-D one with a channel axis, and its quantized twin of the same shape and dtype.
    channel_axis : int or None
        Axis of the channels; None for a 2-D image.
    alpha : bool
        Whether the last entry along `channel_axis` is alpha. Alpha is not compared, and windows with a pixel of alpha 0
        in the source are left out.
    tick : callable, optional
        Called between strips of the image. An exception that it raises stops the work.

    Returns
    -------
    float
        Mean over all windows and channels.

    Raises
    ------
    ValueError
        If there are more axes than those of one plane; the plane is smaller than a window; no window is fully visible;
        visible values are NaN, infinite or beyond 1e150; the images differ in shape or dtype; or the source is constant
        (and not uint8) and the result differs.
    ValueError, TypeError
        As in `napari_quantize.fit`.

    Notes
    -----
    SSIM is computed as Wang et al. define it [1]_. In each window, with means ``μ``, variances ``σ²`` and covariance
    ``σxy`` weighted by a Gaussian of 1.5 pixels that is cut to 11 × 11 pixels,

    ``SSIM = (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2))``,

    ``C1 = (0.01 R)²``, ``C2 = (0.03 R)²``. Only windows wholly within the image count. R is the range of PSNR in
    `Quality`: 255 for uint8, else maximum − minimum of the source's visible values. Each channel is compared
    separately.

    SSIM compares means relative to their magnitude, so it depends on the position of 0. Values that begin more than
    1,000 R away from 0 are moved until they begin 1,000 R away: this changes SSIM by less than 1e-8 and avoids
    cancellation.

    References
    ----------
    .. [1] Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment: from error visibility
       to structural similarity", IEEE Transactions on Image Processing 13(4), 600-612, 2004.

    Examples
    --------
    >>> from skimage.data import camera
    >>> from napari_quantize import quantize, ssim
    >>> ssim(camera(), camera()), ssim(camera(), quantize(camera(), 4)) < 0.9
    (1.0, True)
    """
    one, other = _pair(source, result, Request("per_channel", channel_axis, alpha))
    _check_plane(one.array.shape)
    visible: np.ndarray = one.array[..., -1] != 0 if one.alpha else np.ones(one.array.shape[:-1], dtype=bool)
    if not whole_windows(visible, _WINDOW).any():
        raise ValueError(f"SSIM needs {_WINDOW} × {_WINDOW} pixels without a transparent one: this image has none")
    low, high = limits = _limits("source", one, visible)
    result_limits = _limits("result", other, visible)
    data_range = peak_range(one.array.dtype, low, high)
    if data_range == 0:
        if result_limits == limits:
            return 1.0
        raise ValueError(f"the source holds {low:g} only and the result does not: SSIM has no range to relate this to")

    def similarities(rows: Index) -> np.ndarray:
        shown = visible[rows]
        # Hidden pixels may hold anything, even NaN, which would spread. Windows with them are left out below.
        source, result = (np.where(shown[..., np.newaxis], p.array[rows][..., : p.n_channels], 0) for p in (one, other))
        of_windows: np.ndarray = _similarities(source, result, low, data_range)[whole_windows(shown, _WINDOW)]
        return of_windows

    # The strips depend on the image's size alone, so the sums do not depend on the number of threads.
    height, width = visible.shape
    parts = [
        (math.fsum(part.sum(axis=0)), part.size)
        for part in map_blocks(similarities, strips(height, width, _WINDOW), tick or no_tick)
    ]
    return math.fsum(total for total, _ in parts) / sum(count for _, count in parts)


class DeltaE(NamedTuple):
    """Colour difference of two images.

    Attributes
    ----------
    mean : float
        Mean over the pixels.
    p95 : float
        95th percentile: the smallest difference that at least 95 % of the pixels do not exceed.
    """

    mean: float
    p95: float


def delta_e(source: np.ndarray, result: np.ndarray, *, white: float | None = None, tick: Tick | None = None) -> DeltaE:
    """Compute the CIEDE2000 colour difference of two images: about 1 is just visible side by side.

    Parameters
    ----------
    source, result : ndarray, shape (..., 3) or (..., 4)
        sRGB colours, and the quantized image of the same shape and dtype: uint8, uint16, or floats from 0 to 1. A
        fourth channel is alpha; pixels with alpha 0 in the source are left out.
    white : float, optional
        Value of a full channel of uint16, for a part of an image: ``Quality.white`` of the whole. By default the full
        value of the fewest bits of 8, 10, 12, 14 and 16 that hold the source.
    tick : callable, optional
        Called between blocks of pixels. An exception that it raises stops the work.

    Returns
    -------
    DeltaE
        Mean and 95th percentile over the visible pixels, in units of ΔE00; (0, 0) for equal images.

    Raises
    ------
    TypeError
        If the dtype is another one, or an image is lazy.
    ValueError
        If the images differ in shape or dtype, the last axis does not hold 3 or 4 channels, no pixel is visible, a
        visible float lies outside of 0 … 1, or `white` is not a finite number above 0.

    Notes
    -----
    Both images are converted to CIELAB (IEC 61966-2-1 decoding, white point D65, observer of 2°) and compared by the
    CIE's formula of 2000 with ``kL = kC = kH = 1`` [1]_. Values beyond white count as white.

    Cameras of 10, 12 and 14 bits fill a part of uint16, and napari stretches what it shows to the largest value. A dark
    image of real 16 bits is taken for brighter than it is, so that its ΔE errs on the large side.

    References
    ----------
    .. [1] G. Sharma, W. Wu and E. N. Dalal, "The CIEDE2000 color-difference formula: implementation notes,
       supplementary test data, and mathematical observations", Color Research & Application 30(1), 21-30, 2005.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import delta_e
    >>> red, green = np.array([[[255, 0, 0]]], np.uint8), np.array([[[0, 255, 0]]], np.uint8)
    >>> round(delta_e(red, green).mean, 1)
    86.6
    """
    one, other = _pair_of_colors(source, result)
    top = find_white(one, tick or no_tick) if white is None else _checked_white(white)

    def differences(index: Index) -> np.ndarray:
        _, colors = _visible_colors(one, other, index)
        if colors.dtype.itemsize > 1:
            return _ciede2000(_unit_interval(colors, top))
        codes, counts = np.unique(_codes(colors), return_counts=True)
        return np.repeat(_ciede2000(_unit_interval(_rows(codes), top)), counts)

    found = np.concatenate(list(map_blocks(differences, one.blocks(), tick or no_tick)))
    if not len(found):
        raise ValueError("all pixels are transparent: there are no colours to compare")
    mean = float(found.mean())
    rank = (19 * len(found) + 19) // 20 - 1  # in integers, because 0.95 has no exact float
    found.partition(rank)
    return DeltaE(mean, float(found[rank]))


def delta_e_map(
    source: np.ndarray, result: np.ndarray, *, white: float | None = None, tick: Tick | None = None
) -> np.ndarray:
    """Compute the CIEDE2000 colour difference of each pixel.

    Parameters
    ----------
    source, result : ndarray, shape (..., 3) or (..., 4)
        As in `delta_e`.
    white : float, optional
        As in `delta_e`.
    tick : callable, optional
        Called between blocks of pixels. An exception that it raises stops the work.

    Returns
    -------
    ndarray of float32, shape (...)
        Differences in units of ΔE00; 0 where the source's alpha is 0, NaN where a visible colour is NaN or infinite.

    Raises
    ------
    TypeError, ValueError
        As in `delta_e`, except that NaN and infinite colours are allowed.
    """
    one, other = _pair_of_colors(source, result)
    top = find_white(one, tick or no_tick) if white is None else _checked_white(white)
    found = np.zeros((*one.array.shape[:-1], 1), np.float32)  # one channel, so that blocks index it as the images

    def write(index: Index) -> None:
        visible, colors = _visible_colors(one, other, index)
        block = found[index]
        differences = np.zeros(block.size, np.float32)
        if colors.dtype.kind == "f":
            differences[visible] = _ciede2000_of_floats(colors)
        elif colors.dtype.itemsize > 1:
            differences[visible] = _ciede2000(_unit_interval(colors, top))
        else:
            codes, inverse = np.unique(_codes(colors), return_inverse=True)
            differences[visible] = _ciede2000(_unit_interval(_rows(codes), top))[inverse]
        block[...] = differences.reshape(block.shape)

    for _ in map_blocks(write, one.blocks(), tick or no_tick):
        pass
    return found[..., 0]


def _checked_white(white: float) -> float:
    if not 0 < white < math.inf:
        raise ValueError(f"white={white:g} must be a finite number above 0")
    return white


def _pair_of_colors(source: np.ndarray, result: np.ndarray) -> tuple[Pixels, Pixels]:
    """Return both images as pixels, checked to hold sRGB colours of the same shape and dtype."""
    n_channels = np.shape(source)[-1] if np.ndim(source) else 0
    if n_channels not in (3, 4):
        raise ValueError(
            f"colour differences need 3 or 4 channels along the last axis: the shape is {np.shape(source)}"
        )
    one, other = _pair(source, result, Request("per_channel", -1, n_channels == 4))
    dtype = one.array.dtype
    if dtype.kind != "f" and not (dtype.kind == "u" and dtype.itemsize <= 2):
        raise TypeError(f"colour differences need uint8, uint16 or floats from 0 to 1, not {dtype}")
    return one, other


def _pair(source: np.ndarray, result: np.ndarray, request: Request) -> tuple[Pixels, Pixels]:
    """Return both images as pixels, checked to have the same shape and dtype."""
    one, other = (check_in_memory(image, request) for image in (source, result))
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        raise ValueError(
            "source and result must be alike: "
            f"shape {one.shape} and dtype {one.dtype} differ from {other.shape} and {other.dtype}"
        )
    first, second = (Pixels(channels_last(image, request.channel_axis), request.alpha) for image in (one, other))
    return first, second


def _check_plane(shape: tuple[int, ...]) -> None:
    *plane, _ = shape
    sizes = " × ".join(map(str, plane))
    if len(plane) != 2:
        raise ValueError(
            f"SSIM compares planes with 2 axes beside the channels': this image has {len(plane)} ({sizes})"
        )
    if min(plane) < _WINDOW:
        raise ValueError(f"SSIM looks through {_WINDOW} × {_WINDOW} pixels: the image has {sizes}")


def _limits(name: str, pixels: Pixels, visible: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest visible value."""
    where = visible[..., np.newaxis]
    values = pixels.array[..., : pixels.n_channels]
    # numpy's `where` needs a start: any visible value.
    first = values[np.unravel_index(visible.argmax(), visible.shape)][0]
    low, high = (float(f(values, where=where, initial=first)) for f in (np.min, np.max))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"the {name} holds NaN or infinities: windows that hold them have no SSIM")
    if max(-low, high) > MAX_SIZE:
        raise ValueError(f"the {name} holds {max(low, high, key=abs):g}: values beyond 1e150 cannot be compared")
    return low, high


def _similarities(source: np.ndarray, result: np.ndarray, low: float, data_range: float) -> np.ndarray:
    """Return the SSIM of each window: one row and column for each, channels last."""
    from skimage.metrics import structural_similarity

    # SSIM is the same in any unit. In this one, fourth powers neither overflow nor vanish.
    unit = unit_for(data_range)
    # Variances are differences of squares, which would cancel for values with a large offset.
    offset = low - min(max(low, -_MAX_OFFSET * data_range), _MAX_OFFSET * data_range)
    _, similarities = structural_similarity(
        (source.astype(np.float64) - offset) / unit,
        (result.astype(np.float64) - offset) / unit,
        data_range=data_range / unit,
        channel_axis=-1,
        full=True,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    margin = _WINDOW // 2
    inner: np.ndarray = similarities[margin:-margin, margin:-margin]
    return inner


def _visible_colors(one: Pixels, other: Pixels, index: Index) -> tuple[np.ndarray | slice, np.ndarray]:
    """Return which pixels of a block are visible, and their colours in both images, shape (n, 6)."""
    colors = np.concatenate([pixels.array[index][..., :3] for pixels in (one, other)], axis=-1).reshape(-1, 6)
    if not one.alpha:
        return slice(None), colors
    visible = one.array[index][..., -1].reshape(-1) != 0
    return visible, colors[visible]


def _codes(colors: np.ndarray) -> np.ndarray:
    """Return rows of six bytes as one integer each, since many are equal and integers sort faster than rows."""
    padded = np.zeros((len(colors), 8), dtype=np.uint8)
    padded[:, :6] = colors
    return padded.view(np.uint64).ravel()


def _rows(codes: np.ndarray) -> np.ndarray:
    """Return the rows of six bytes that `_codes` made integers of."""
    return codes.view(np.uint8).reshape(-1, 8)[:, :6]


def _unit_interval(colors: np.ndarray, white: float) -> np.ndarray:
    if colors.dtype.kind == "u":
        return np.minimum(colors / np.float64(white), 1)
    values = colors.astype(np.float64)
    outside = ~((values >= 0) & (values <= 1))  # NaN too
    if outside.any():
        raise ValueError(f"colours as floats must lie from 0 to 1: the images hold {values[outside][0]:.16g}")
    return values


def _ciede2000_of_floats(colors: np.ndarray) -> np.ndarray:
    """Return the differences of pairs of colours; NaN where either is NaN or infinite."""
    differences = np.full(len(colors), np.nan)
    finite = np.isfinite(colors).all(axis=1)
    differences[finite] = _ciede2000(_unit_interval(colors[finite], 1))
    return differences


def _ciede2000(colors: np.ndarray) -> np.ndarray:
    from skimage.color import deltaE_ciede2000, rgb2lab

    lab = rgb2lab(colors.reshape(-1, 2, 3))
    differences: np.ndarray = deltaE_ciede2000(lab[:, 0], lab[:, 1])
    # The conversion is a matrix product, whose last digits depend on where a colour stands.
    differences[(colors[:, :3] == colors[:, 3:]).all(axis=1)] = 0
    return differences
