"""Learn a codebook from an image, and quantize with it: the one-image, one-k entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

from napari_quantize.core.arguments import Method, Mode, Request, Tick, check_image, check_k, check_n_jobs
from napari_quantize.core.cluster import learn_centers
from napari_quantize.core.codebook import Codebook, no_tick
from napari_quantize.core.pixels import Pixels
from napari_quantize.core.samples import CountedSamples, count_samples

if TYPE_CHECKING:
    import numpy as np


def fit(
    image: np.ndarray,
    k: SupportsIndex,
    *,
    mode: Mode = "global",
    channel_axis: int | None = None,
    alpha: bool = False,
    method: Method = "minibatch",
    random_state: int = 0,
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
) -> Codebook:
    """Learn `k` values from an image.

    Parameters
    ----------
    image : ndarray
        Any shape; bool, integers or floats of at most 64 bits, in any memory layout and byte order. NaN,
        infinities and pixels whose alpha is 0 are not learnt from.
    k : int
        How many values to keep, 1 … 65,536. If the image has no more distinct values than that, the codebook
        holds just these and quantizing is lossless.
    mode : {"global", "per_channel"}
        One set of centers for the values of all channels, or one for each channel.
    channel_axis : int, optional
        Axis of the channels; None for an image of one channel.
    alpha : bool
        Whether the last entry along `channel_axis` is alpha, to be kept and not learnt.
    method : {"minibatch"}
        ``"minibatch"``: scikit-learn's MiniBatchKMeans on the counted distinct values, then Lloyd's steps.
    random_state : int
        Seed; the same seed gives the same bytes.
    tick : callable, optional
        Called without arguments between blocks of pixels and steps of the algorithm; what it raises ends the work.
    n_jobs : int, optional
        How many threads work on the pixels, 1 or more; None for one a processor. The result is the same.

    Returns
    -------
    Codebook

    Raises
    ------
    ValueError
        If an argument is out of range, or the image is empty, has no finite value, or values too large.
    TypeError
        If an argument or the image's dtype is of the wrong kind.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import fit
    >>> codebook = fit(np.array([0, 1, 2, 100, 101, 102], dtype=np.uint8), 2)
    >>> codebook.centers.round(6).tolist()
    [1.0, 101.0]
    """
    k = check_k(k)
    request = Request(mode, channel_axis, alpha, method, random_state)
    image = check_image(image, request)
    pixels = Pixels.of(image, request.channel_axis, request.alpha, check_n_jobs(n_jobs))
    tick = tick or no_tick
    samples = count_samples(pixels, request.mode, tick)
    return learn(samples, k, request, image.dtype, tick)


def quantize(
    image: np.ndarray,
    k: SupportsIndex,
    *,
    mode: Mode = "global",
    channel_axis: int | None = None,
    alpha: bool = False,
    method: Method = "minibatch",
    random_state: int = 0,
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
) -> np.ndarray:
    """Return an image with only `k` values left in it: `fit`, then `Codebook.apply`.

    Parameters
    ----------
    image, k, mode, channel_axis, alpha, method, random_state, tick, n_jobs
        As in `fit`.

    Returns
    -------
    ndarray, same shape and dtype
        A new array.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import quantize
    >>> quantize(np.array([0, 1, 2, 100, 101, 102], dtype=np.uint8), 2)
    array([  1,   1,   1, 101, 101, 101], dtype=uint8)
    """
    codebook = fit(
        image,
        k,
        mode=mode,
        channel_axis=channel_axis,
        alpha=alpha,
        method=method,
        random_state=random_state,
        tick=tick,
        n_jobs=n_jobs,
    )
    return codebook.apply(image, tick=tick or no_tick, n_jobs=n_jobs)


def learn(samples: tuple[CountedSamples, ...], k: int, request: Request, dtype: np.dtype, tick: Tick) -> Codebook:
    """Learn a codebook from counted samples, one a group of channels."""
    levels = tuple(learn_centers(counted, k, request.random_state, tick) for counted in samples)
    return Codebook(k, levels, dtype, request)
