"""How noisy an image is of its own: what a loss can be held against."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.pixels.pixels import Index, Pixels, channels_last, map_blocks
from napari_quantize.core.pixels.strips import strips
from napari_quantize.core.request.request import Request, Tick, check_image, no_tick

_SIZE = 3
# Of a normal distribution: half of the values lie within this many standard deviations of the mean.
_MEDIAN = 0.6744897501960817
# Standard deviation that the mask makes of independent noise with standard deviation 1: the root of its squares' sum.
_GAIN = 6.0
# Sum of the mask's sizes: divided by it, no response leaves float64.
_REACH = 16.0


def estimate_noise(
    image: np.ndarray, *, channel_axis: int | None = None, alpha: bool = False, tick: Tick | None = None
) -> float:
    """Estimate the standard deviation of an image's own noise, in data units.

    Parameters
    ----------
    image : ndarray
        As in `napari_quantize.fit`; its last two axes (but for the channels') are those of its planes.
    channel_axis, alpha, tick
        As in `napari_quantize.fit`.

    Returns
    -------
    float
        Median of the planes' and channels' estimates.

    Raises
    ------
    ValueError
        If planes are smaller than 3 × 3 pixels, or no 3 × 3 pixels of the image are all finite and visible.
    ValueError, TypeError
        As in `napari_quantize.fit`.

    Notes
    -----
    Immerkær's mask [1]_ ``N = [[1, −2, 1], [−2, 4, −2], [1, −2, 1]]`` does not respond to planes, slopes and straight
    edges along the axes; independent noise of standard deviation sigma it turns into such of 6 sigma. So
    ``sigma = median(|image * N|) / (6 · 0.6745)``, over all windows whose nine pixels are finite and visible. In place
    of Immerkær's mean the median is taken, as Donoho and Johnstone [2]_ do: edges and specks are few, and do not count.

    Responses of integers are integers. Their median is interpolated as if each lay anywhere within ±½ of its value;
    so rounding counts as noise (``sqrt(sigma² + 1/12)``). Where more than half of the responses are 0, so is sigma:
    below about 0.3 no noise can be told in integers, nor where most pixels are clipped. Fine texture counts as noise,
    and noise that neighbours share (JPEG, interpolation, smoothing) is underestimated.

    While it works, it holds about 16 bytes for each pixel of one plane.

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
    pixels = Pixels(channels_last(check_image(image, request), request.channel_axis), request.alpha)
    shape = pixels.array.shape[:-1]
    if len(shape) < 2 or min(shape[-2:]) < _SIZE:
        size = " × ".join(map(str, shape[-2:]))
        raise ValueError(f"noise is measured in 3 × 3 pixels: the planes of this image have {size or 'no size'}")
    sigmas = [sigma for at in np.ndindex(shape[:-2]) for sigma in _noise_at(pixels, at, tick or no_tick)]
    known = [sigma for sigma in sigmas if sigma is not None]
    if not known:
        raise ValueError("no 3 × 3 pixels of this image are all finite and visible: its noise cannot be measured")
    return float(np.median(known))


def _noise_at(pixels: Pixels, at: tuple[int, ...], tick: Tick) -> list[float | None]:
    """Measure each channel of the plane that lies at `at` along the axes before the last two."""
    block: np.ndarray = pixels.array[at]
    hidden = block[..., -1] == 0 if pixels.alpha else np.zeros(block.shape[:-1], dtype=bool)
    return [_plane_noise(block[..., channel], hidden, tick) for channel in range(pixels.n_channels)]


def _plane_noise(plane: np.ndarray, hidden: np.ndarray, tick: Tick) -> float | None:
    def responses(rows: Index) -> np.ndarray:
        return _responses(plane[rows], hidden[rows])

    height, width = plane.shape
    sizes = np.concatenate(list(map_blocks(responses, strips(height, width, _SIZE), tick)))
    if not len(sizes):
        return None
    median = float(np.median(sizes)) if plane.dtype.kind == "f" else _grouped_median(sizes, 1 / _REACH)
    return median * (_REACH / (_GAIN * _MEDIAN))


def _responses(plane: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the sizes of the mask's responses where all nine pixels take part, divided by `_REACH`."""
    values = plane.astype(np.float64)
    left_out = hidden | ~np.isfinite(values)
    values[left_out] = np.nan
    values /= _REACH
    for _ in range(2):  # the mask is [1, -2, 1] along one axis and then along the other
        values = (values[:-2] - 2 * values[1:-1] + values[2:]).T
    sizes = np.abs(values).ravel()
    return sizes[~np.isnan(sizes)] if left_out.any() else sizes


def _grouped_median(values: np.ndarray, step: float) -> float:
    """Return the median of multiples of `step`, as if each were spread evenly over one step; 0 where it is 0."""
    middle = float(np.median(values))
    if middle == 0:
        return 0.0
    n_below = np.count_nonzero(values < middle)
    n_equal = np.count_nonzero(values == middle)
    if not n_equal:  # an even number of values, and the middle ones differ
        return middle
    return middle + step * ((len(values) / 2 - n_below) / n_equal - 0.5)
