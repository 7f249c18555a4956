"""One image, one mode, several k: each result as soon as it is ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

from napari_quantize.core.arguments import Method, Mode, Request, Tick, check_ks, check_n_jobs
from napari_quantize.core.codebook import Codebook, no_tick
from napari_quantize.core.color_arguments import ColorSpace
from napari_quantize.core.colors import distinct_colors
from napari_quantize.core.learner import Learner, prepare, request_of, summarize
from napari_quantize.core.pixels import Pixels
from napari_quantize.core.quality import Quality, assess
from napari_quantize.core.regions import Ignorable
from napari_quantize.core.samples import CountedSamples

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Result:
    """What a sweep yields for one k.

    Attributes
    ----------
    k : int
        How many values were asked for.
    image : ndarray
        The quantized image: shape and dtype of the source.
    codebook : Codebook
        What was learnt.
    quality : Quality
        What was lost.
    samples : tuple of CountedSamples
        The counted samples it was learnt from, shared by all results of the sweep.
    """

    k: int
    image: np.ndarray
    codebook: Codebook
    quality: Quality
    samples: tuple[CountedSamples, ...]


def sweep(
    image: np.ndarray,
    ks: Iterable[SupportsIndex] = (1, 2, 4, 8, 16, 32),
    *,
    mode: Mode = "global",
    channel_axis: int | None = None,
    alpha: bool = False,
    method: Method = "minibatch",
    random_state: int = 0,
    mask: np.ndarray | None = None,
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
    image : ndarray
        As in `fit`.
    ks : iterable of int
        How many values to keep; sorted, and each taken once.
    mode, channel_axis, alpha, method, random_state, mask, ignore, color_space, balance, keep, tick, n_jobs
        As in `fit`.

    Returns
    -------
    iterator of Result
        In ascending k, each computed when it is asked for. The codebook of each equals ``fit(image, k)``.

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
    request = request_of(mode, channel_axis, alpha, method, random_state, ignore, mask, color_space, balance, keep)
    image, mask, pixels = prepare(image, mask, numbers[0], request, check_n_jobs(n_jobs))
    return _sweep(image, mask, pixels, numbers, request, tick or no_tick)


def transfer(
    image: np.ndarray, codebook: Codebook, *, tick: Tick | None = None, n_jobs: SupportsIndex | None = None
) -> Result:
    """Quantize an image with a codebook that was learnt from another one, and measure what is lost of this one.

    Parameters
    ----------
    image : ndarray
        An image with the channels that were learnt from.
    codebook : Codebook
        What is applied. What it ignores is not measured, either; a mask it was learnt within plays no part.
    tick, n_jobs
        As in `napari_quantize.fit`.

    Returns
    -------
    Result
        With the counted samples of `image`; ``quality.excess`` is None, since nothing was learnt.

    Raises
    ------
    ValueError, TypeError
        As in `napari_quantize.Codebook.apply`, and if the image has no value to measure.

    Examples
    --------
    >>> from skimage.data import camera
    >>> from napari_quantize import fit
    >>> from napari_quantize.core.sweep import transfer
    >>> result = transfer(camera()[:, ::-1], fit(camera(), 4))
    >>> result.image.shape, round(result.quality.rmse)
    ((512, 512), 12)
    """
    tick, request = tick or no_tick, codebook.request
    image, _, pixels = prepare(image, None, codebook.k, request, check_n_jobs(n_jobs))
    codebook.prepare(image)
    samples = summarize(pixels, request, tick)
    colors = pixels if request.mode == "color" else distinct_colors(pixels, tick)
    quality = assess(image, samples, colors, codebook, None, tick)
    return Result(codebook.k, codebook.apply(image, tick=tick, n_jobs=pixels.n_jobs), codebook, quality, samples)


def _sweep(
    image: np.ndarray,
    mask: np.ndarray | None,
    pixels: Pixels,
    ks: tuple[int, ...],
    request: Request,
    tick: Tick,
) -> Iterator[Result]:
    samples = summarize(pixels, request, tick)
    # What colours a palette leaves is known from its own tally.
    colors = pixels if request.mode == "color" else distinct_colors(pixels, tick)
    learner = Learner(samples, request, image.dtype, tick)
    learner.check(ks)
    for k in ks:
        codebook = learner.codebook(k)
        quality = assess(image, samples, colors, codebook, learner.excess(codebook), tick, mask)
        yield Result(k, codebook.apply(image, tick=tick, n_jobs=pixels.n_jobs), codebook, quality, samples)
