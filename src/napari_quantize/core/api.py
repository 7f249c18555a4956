"""The public functions of learning and applying: fit, quantize, sweep and transfer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, SupportsIndex, Unpack, overload

import numpy as np

from napari_quantize.core.arrays import is_lazy, is_pyramid
from napari_quantize.core.codebook.blockwise import apply_to_pixels
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.learning.learner import Learner, Options, prepare, request_of, summarize
from napari_quantize.core.pixels.lazy import pixels_of
from napari_quantize.core.pixels.limits import check_photo
from napari_quantize.core.pixels.masks import check_mask
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.quality.assessment import Assessment
from napari_quantize.core.quality.quality import Quality
from napari_quantize.core.request.color_options import ColorSpace
from napari_quantize.core.request.ignore import Ignorable
from napari_quantize.core.request.request import Method, Mode, Request, Tick, check_k, check_ks, check_n_jobs, no_tick
from napari_quantize.core.samples.samples import CountedSamples


@dataclass(frozen=True)
class Result:
    """Result of a sweep for one k.

    Attributes
    ----------
    k : int
        Requested number of values.
    image : ndarray or dask array
        The quantized image: shape and dtype of the source; lazy for a lazy source, a list for a list of pyramid levels.
    codebook : Codebook
        The codebook that was learnt.
    quality : Quality
        Figures of what was lost.
    samples : tuple of CountedSamples
        Counted samples that the codebook was learnt from, shared by all results of the sweep.
    """

    k: int
    image: Any
    codebook: Codebook
    quality: Quality
    samples: tuple[CountedSamples, ...]


def sweep(
    image: Any,
    ks: Iterable[SupportsIndex] = (1, 2, 4, 8, 16, 32),
    *,
    mode: Mode = "global",
    channel_axis: int | None = None,
    alpha: bool = False,
    method: Method = "minibatch",
    random_state: int = 0,
    mask: Any = None,
    ignore: Iterable[Ignorable] = (),
    color_space: ColorSpace = "rgb",
    balance: bool = False,
    keep: Iterable[Sequence[float]] = (),
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
) -> Iterator[Result]:
    """Quantize an image for several k; the pixels are counted once for all of them.

    Parameters
    ----------
    image : ndarray, lazy array, array on disk, or list of pyramid levels
        As in `fit`.
    ks : iterable of int
        Numbers of values to keep, in any order. Duplicates are dropped.
    mode, channel_axis, alpha, method, random_state, mask, ignore, color_space, balance, keep, tick, n_jobs
        As in `fit`.

    Returns
    -------
    iterator of Result
        Results in ascending k, each computed when it is requested. Each codebook equals ``fit(image, k)``.

    Raises
    ------
    ValueError, TypeError
        As in `fit`; arguments are checked before the iterator is returned.

    Examples
    --------
    >>> from skimage.data import camera
    >>> from napari_quantize import sweep
    >>> [(result.k, round(result.quality.rmse)) for result in sweep(camera(), (1, 2, 4))]
    [(1, 74), (2, 28), (4, 12)]
    """
    numbers = check_ks(ks)
    request = request_of(
        mask,
        mode=mode,
        channel_axis=channel_axis,
        alpha=alpha,
        method=method,
        random_state=random_state,
        ignore=ignore,
        color_space=color_space,
        balance=balance,
        keep=keep,
    )
    return sweep_request(image, numbers, request, mask=mask, tick=tick or no_tick, n_jobs=check_n_jobs(n_jobs))


def sweep_request(
    image: Any,
    ks: tuple[int, ...],
    request: Request,
    *,
    mask: Any = None,
    tick: Tick = no_tick,
    n_jobs: int | None = None,
) -> Iterator[Result]:
    """Quantize an image for several k with a checked request: see `sweep`.

    Parameters
    ----------
    image : ndarray
        As in `fit`.
    ks : tuple of int
        Distinct and ascending.
    request : Request
        How to learn; its digest is that of `mask`.
    mask, tick, n_jobs
        As in `fit`.

    Returns
    -------
    iterator of Result
        As from `sweep`.

    Raises
    ------
    ValueError, TypeError
        If the image or the mask does not fit the request, before the iterator is returned.
    """
    array, pixels = prepare(image, mask, ks[0], request, n_jobs)
    # A generator of its own, so that arguments are checked when this is called, not when the first result is taken.
    if is_pyramid(image):
        return _sweep_lazily(image, pixels, ks, request, tick)
    return (_sweep_lazily if is_lazy(array) else _sweep)(array, pixels, ks, request, tick)


def transfer(
    image: Any,
    codebook: Codebook,
    *,
    mask: Any = None,
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
) -> Result:
    """Quantize an image with a codebook learnt from another image, and measure the loss.

    Parameters
    ----------
    image : ndarray, lazy array, array on disk, or list of pyramid levels
        Image with the channels of the codebook: see `fit`.
    codebook : Codebook
        Codebook to apply. Values that it ignores are not measured; a mask it was learnt within has no effect.
    mask : array of bool, optional
        True where the loss is measured, with axes as in `napari_quantize.fit`; the whole image is quantized.
    tick, n_jobs
        As in `napari_quantize.fit`.

    Returns
    -------
    Result
        Result with the counted samples of `image` within the mask; ``quality.excess`` is None: nothing was learnt.

    Raises
    ------
    TypeError
        If `codebook` is no Codebook, or the mask is not boolean.
    ValueError
        If the mask does not fit the image or is True nowhere, or the image has no value to measure.
    ValueError, TypeError
        As in `napari_quantize.Codebook.apply`.

    Examples
    --------
    >>> from skimage.data import camera
    >>> from napari_quantize import fit, transfer
    >>> result = transfer(camera()[:, ::-1], fit(camera(), 4))
    >>> result.image.shape, round(result.quality.rmse)
    ((512, 512), 12)
    """
    if not isinstance(codebook, Codebook):
        raise TypeError(
            f"codebook={codebook!r:.80} must be a Codebook, as `fit` returns it or `Codebook.load` reads it"
        )
    tick, request = tick or no_tick, codebook.request
    array, whole, lookups = codebook.prepare(image, check_n_jobs(n_jobs))
    mask = check_mask(mask, array.shape, request.channel_axis)
    pixels = pixels_of(array, request.channel_axis, request.alpha, whole.n_jobs, mask, request.ignore)
    samples = summarize(pixels, request, tick)
    (quality,) = Assessment.of(pixels, samples, request.mode, tick).assess([codebook], [None], tick)
    if is_lazy(array) or is_pyramid(image):
        quantized = codebook.apply(image, tick=tick, n_jobs=whole.n_jobs)
    else:
        quantized = apply_to_pixels(array, pixels, lookups, request, tick)
    return Result(codebook.k, quantized, codebook, quality, samples)


def _sweep(
    image: np.ndarray,
    pixels: Pixels,
    ks: tuple[int, ...],
    request: Request,
    tick: Tick,
) -> Iterator[Result]:
    learner, assessment = _counted(pixels, ks, request, tick)
    samples = assessment.samples
    for k in ks:
        codebook = learner.codebook(k)
        (quality,) = assessment.assess([codebook], [learner.excess(codebook)], tick)
        quantized = apply_to_pixels(image, pixels, codebook.lookups(pixels), request, tick)
        yield Result(k, quantized, codebook, quality, samples)


def _sweep_lazily(image: Any, pixels: Pixels, ks: tuple[int, ...], request: Request, tick: Tick) -> Iterator[Result]:
    """Yield results of a dask array or of levels of a pyramid; the figures of all k need one pass over the pixels."""
    learner, assessment = _counted(pixels, ks, request, tick)
    codebooks = [learner.codebook(k) for k in ks]
    qualities = assessment.assess(codebooks, [learner.excess(codebook) for codebook in codebooks], tick)
    for k, codebook, quality in zip(ks, codebooks, qualities, strict=True):
        yield Result(k, codebook.apply(image, tick=tick, n_jobs=pixels.n_jobs), codebook, quality, assessment.samples)


def _counted(pixels: Pixels, ks: tuple[int, ...], request: Request, tick: Tick) -> tuple[Learner, Assessment]:
    """Count everything that learning and measuring need."""
    samples = summarize(pixels, request, tick)
    if request.color_space == "lab" and (pixels.mask is not None or pixels.ignored is not None):
        check_photo(replace(pixels, mask=None, ignored=None), tick)  # what is not learnt from is quantized too
    learner = Learner(samples, request, pixels.array.dtype, tick)
    learner.check(ks)  # not earlier, because the limit depends on the number of distinct values
    return learner, Assessment.of(pixels, samples, request.mode, tick)


def fit(
    image: Any,
    k: SupportsIndex,
    *,
    mode: Mode = "global",
    channel_axis: int | None = None,
    alpha: bool = False,
    method: Method = "minibatch",
    random_state: int = 0,
    mask: Any = None,
    ignore: Iterable[Ignorable] = (),
    color_space: ColorSpace = "rgb",
    balance: bool = False,
    keep: Iterable[Sequence[float]] = (),
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
) -> Codebook:
    """Learn `k` values from an image.

    Parameters
    ----------
    image : ndarray, lazy array, array on disk, or list of pyramid levels
        Any shape; bool, integers or floats of at most 64 bits, in any memory layout and byte order. NaN,
        infinities and pixels whose alpha is 0 are not learnt from; the other values lie within ±2**53 (integers) or
        ±1e150 (floats). Arrays of dask, on disk (of zarr or h5py), and memory-mapped arrays of 2 GB or more are read
        chunk by chunk, by dask's scheduler, and give the same bytes as arrays in memory. Of a list of pyramid levels,
        large to small, the first is learnt from.
    k : int
        Number of values to keep, 1 … 65,536. If the image has at most `k` distinct values, the codebook holds exactly
        these, and quantizing is lossless.
    mode : {"global", "per_channel", "color"}
        ``"global"``: one set of centers for the values of all channels. ``"per_channel"``: one set for each channel.
        ``"color"``: centers are colours, vectors of 2 to 16 channels.
    channel_axis : int, optional
        Axis of the channels; None for an image of one channel.
    alpha : bool
        Whether the last entry along `channel_axis` is alpha, which is kept and not learnt from.
    method : {"minibatch", "lloyd", "exact"}
        ``"minibatch"``: scikit-learn's MiniBatchKMeans on the counted distinct values, then Lloyd's steps, with moves
        of all borders between levels at once as long as they help, or a few cuts and merges of clusters of colours.
        ``"lloyd"``: scikit-learn's KMeans, then Lloyd's steps. ``"exact"``: provably optimal centers, whatever the
        seed; not for colours.
    random_state : int
        Seed; the same seed gives the same bytes.
    mask : array of bool, optional
        True where values are learnt from; in memory or lazy. `Codebook.apply` quantizes the others, too. A mask with as
        many axes as the image is broadcast to it, a mask with fewer axes to the image without its channel axis.
    ignore : iterable of numbers and (low, high) pairs, optional
        Values that are quantized but not learnt from: ``[0]``, ``[65535, (None, 10)]``. Both ends of a pair are
        ignored, and None is an open end. In float images, numbers are rounded to the image's dtype. A colour is
        ignored if all of its channels are.
    color_space : {"rgb", "lab"}
        Space in which distances between colours are measured, in mode ``"color"``: ``"rgb"`` is that of the data,
        ``"lab"`` is CIELAB, where equal distances look about equal. Lab is for sRGB photographs: 3 channels of uint8,
        uint16, or floats from 0 to 1. White of uint16 is 65,535 there, also in images of 10, 12 and 14 bits: multiply
        these to fill 16 bits. Centers are in data units in both.
    balance : bool
        Whether channels of unequal strength are divided by their robust ranges before distances are measured, in mode
        ``"color"``. The robust range goes from the 0.1th to the 99.9th percentile of the values that are learnt from;
        if that is 0, from the smallest to the largest value. The codebook keeps the ranges for further images.
    keep : iterable of colours, optional
        Fixed centers, in mode ``"color"``: a number for each channel, in data units. The other centers are learnt, and
        `k` counts both.
    tick : callable, optional
        Called without arguments between blocks of pixels and steps of the algorithm. An exception that it raises stops
        the work.
    n_jobs : int, optional
        Number of threads that work on the pixels; None for one per processor. The result does not depend on it.

    Returns
    -------
    Codebook
        The centers, with everything needed to apply them to this image or to others.

    Raises
    ------
    ValueError
        If an argument is out of range, or the image is empty, has values that are too large, or has no value to learn
        from: finite, visible, within the mask and not ignored; or if ``method="exact"`` would need too much memory (`k`
        times distinct values over 2**27).
    TypeError
        If an argument or the image's dtype is of the wrong kind.

    References
    ----------
    D. Sculley, "Web-scale k-means clustering", WWW 2010 (``"minibatch"``).
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28(2), 129-137, 1982 (``"lloyd"``).
    X. Wu, "Optimal quantization by matrix searching", J. Algorithms 12(4), 663-673, 1991 (``"exact"``).

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import fit
    >>> codebook = fit(np.array([0, 1, 2, 100, 101, 102], dtype=np.uint8), 2)
    >>> codebook.centers.round(6).tolist()
    [1.0, 101.0]
    >>> fit(np.array([0, 0, 0, 7, 9, 102], dtype=np.uint8), 2, ignore=[0]).centers.round(6).tolist()
    [8.0, 102.0]
    >>> colors = np.array([[[0, 9], [1, 8], [200, 100], [210, 90]]], dtype=np.uint8)
    >>> fit(colors, 2, mode="color", channel_axis=-1, keep=[(0, 9)]).centers.round(6).tolist()
    [[0.0, 9.0], [205.0, 95.0]]
    """
    k = check_k(k)
    request = request_of(
        mask,
        mode=mode,
        channel_axis=channel_axis,
        alpha=alpha,
        method=method,
        random_state=random_state,
        ignore=ignore,
        color_space=color_space,
        balance=balance,
        keep=keep,
    )
    image, pixels = prepare(image, mask, k, request, check_n_jobs(n_jobs))
    tick = tick or no_tick
    samples = summarize(pixels, request, tick)
    learner = Learner(samples, request, image.dtype, tick)
    learner.check([k])
    return learner.codebook(k)


@overload
def quantize(
    image: np.ndarray,
    k: SupportsIndex,
    *,
    mask: Any = ...,
    tick: Tick | None = ...,
    n_jobs: SupportsIndex | None = ...,
    **options: Unpack[Options],
) -> np.ndarray: ...
@overload
def quantize(
    image: Any,
    k: SupportsIndex,
    *,
    mask: Any = ...,
    tick: Tick | None = ...,
    n_jobs: SupportsIndex | None = ...,
    **options: Unpack[Options],
) -> Any: ...
# `fit` and `sweep` spell their keywords out, so that `help` and editors show the defaults. This shorthand does not.
def quantize(
    image: Any,
    k: SupportsIndex,
    *,
    mask: Any = None,
    tick: Tick | None = None,
    n_jobs: SupportsIndex | None = None,
    **options: Unpack[Options],
) -> Any:
    """Return an image with only `k` values left in it: `fit`, then `Codebook.apply`.

    Parameters
    ----------
    image, k, mask, tick, n_jobs
        As in `fit`.
    **options
        All other keywords of `fit`: `mode`, `channel_axis`, `alpha`, `method`, `random_state`, `ignore`,
        `color_space`, `balance` and `keep`.

    Returns
    -------
    ndarray or dask array, same shape and dtype
        A new array: lazy for a lazy image, a list of arrays for a list of pyramid levels.

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
    codebook = fit(image, k, mask=mask, tick=tick, n_jobs=n_jobs, **options)
    return codebook.apply(image, tick=tick or no_tick, n_jobs=n_jobs)
