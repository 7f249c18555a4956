"""Learn a codebook from an image, and quantize with it: the one-image, one-k entry points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import SupportsIndex, cast

import numpy as np

from napari_quantize.core.arguments import MAX_CHANNELS, Method, Mode, Request, Tick, check_image, check_k, check_n_jobs
from napari_quantize.core.cluster import lloyd_centers, minibatch_centers
from napari_quantize.core.codebook import Codebook, no_tick
from napari_quantize.core.color_arguments import ColorSpace, check_keep, check_keep_fits, check_photo
from napari_quantize.core.color_samples import count_colors
from napari_quantize.core.exact import Optimum
from napari_quantize.core.few import Few
from napari_quantize.core.line import Line
from napari_quantize.core.palette import Colors
from napari_quantize.core.pixels import Pixels
from napari_quantize.core.regions import Ignorable, check_ignore, check_mask, mask_digest
from napari_quantize.core.samples import CountedSamples, count_samples
from napari_quantize.core.space import robust_ranges, space_for

# Entries of the table that an exact solution goes back through: 256 MB.
_MAX_EXACT = 2**27
# Distinct values times k up to which the optimum is found only to tell how far a result is from it: half a second.
_MAX_EXCESS = 2**21


def fit(
    image: np.ndarray,
    k: SupportsIndex,
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
    mode : {"global", "per_channel", "color"}
        One set of centers for the values of all channels, or one for each channel; or centers that are colours, the
        vectors of 2 to 16 channels.
    channel_axis : int, optional
        Axis of the channels; None for an image of one channel.
    alpha : bool
        Whether the last entry along `channel_axis` is alpha, to be kept and not learnt.
    method : {"minibatch", "lloyd", "exact"}
        ``"minibatch"``: scikit-learn's MiniBatchKMeans on the counted distinct values, then Lloyd's steps, and cuts and
        merges of clusters as long as they help. ``"lloyd"``: scikit-learn's KMeans, then Lloyd's steps. ``"exact"``:
        centers that provably no others surpass, whatever the seed.
    random_state : int
        Seed; the same seed gives the same bytes.
    mask : ndarray of bool, optional
        Only where it is True is learnt from; `Codebook.apply` quantizes the rest like all else. A mask with as many
        axes as the image is broadcast to it, one with fewer to the image without its channel axis.
    ignore : iterable of numbers and (low, high) pairs, optional
        Values that are not learnt from, though quantized: ``[0]``, ``[65535, (None, 10)]``. The ends of a pair are
        ignored too, and None is an open end. In float images, numbers are rounded to the image's dtype. A colour is
        ignored if all of its channels are.
    color_space : {"rgb", "lab"}
        Where distances between colours are measured, in mode ``"color"``: ``"rgb"`` as the data are, ``"lab"`` in
        CIELAB, where equal distances look about equal. Lab is for sRGB photographs: 3 channels of uint8, uint16, or
        floats from 0 to 1. Centers are in data units in any case.
    balance : bool
        Whether channels are divided by their robust ranges before distances are measured, in mode ``"color"``: for
        channels of unequal strength. The range is that from the 0.1th to the 99.9th percentile of what is learnt from;
        where it is 0, from the smallest to the largest value. The codebook keeps it for the next image.
    keep : iterable of colours, optional
        Centers that are fixed, in mode ``"color"``: one number a channel, in data units. The others are learnt, and
        k counts both.
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
        If an argument is out of range, or the image is empty, has values too large, or none to learn from: finite,
        visible, within the mask and not ignored.
    TypeError
        If an argument or the image's dtype is of the wrong kind.

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
    request = Request(
        mode,
        channel_axis,
        alpha,
        method,
        random_state,
        check_ignore(ignore),
        mask_digest(mask),
        color_space,
        balance,
        check_keep(keep),
    )
    image, _, pixels = prepare(image, mask, k, request, check_n_jobs(n_jobs))
    tick = tick or no_tick
    samples = summarize(pixels, request, tick)
    learner = Learner(samples, request, image.dtype, tick)
    learner.check([k])
    return learner.codebook(k)


def quantize(
    image: np.ndarray,
    k: SupportsIndex,
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
) -> np.ndarray:
    """Return an image with only `k` values left in it: `fit`, then `Codebook.apply`.

    Parameters
    ----------
    image, k, mode, channel_axis, alpha, method, random_state, mask, ignore, color_space,
    balance, keep, tick, n_jobs
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
        mask=mask,
        ignore=ignore,
        color_space=color_space,
        balance=balance,
        keep=keep,
        tick=tick,
        n_jobs=n_jobs,
    )
    return codebook.apply(image, tick=tick or no_tick, n_jobs=n_jobs)


def prepare(
    image: np.ndarray, mask: np.ndarray | None, k: int, request: Request, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray | None, Pixels]:
    """Return image and mask as plain arrays that the request for `k` centers or more fits, and the pixels.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.
    """
    check_keep_fits(request.keep, k)
    image = check_image(image, request)
    mask = check_mask(mask, image.shape, request.channel_axis)
    return image, mask, Pixels.of(image, request.channel_axis, request.alpha, n_jobs, mask, request.ignore)


def summarize(pixels: Pixels, request: Request, tick: Tick) -> tuple[CountedSamples, ...]:
    """Count what centers are learnt from: values, one summary for each group of channels, or colours."""
    if request.mode != "color":
        return count_samples(pixels, request.mode, tick)
    if request.color_space == "lab":
        check_photo(pixels)
    return (count_colors(pixels, tick, even=not request.balance),)


def study(
    image: np.ndarray,
    request: Request,
    mask: np.ndarray | None,
    tick: Tick,
    samples: tuple[CountedSamples, ...] | None = None,
) -> Learner:
    """Count what `request` learns from, unless its `samples` are known, and return what learns from them for any k.

    Raises
    ------
    ValueError, TypeError
        As in `fit`.
    """
    image, _, pixels = prepare(image, mask, len(request.keep) or 1, request, None)
    return Learner(samples or summarize(pixels, request, tick), request, image.dtype, tick)


class Learner:
    """Learns codebooks for several k from the same counted samples.

    Parameters
    ----------
    samples : tuple of CountedSamples
        One a group of channels; kept as an attribute.
    request : Request
        How.
    dtype : numpy.dtype
        Of the image.
    tick : callable
        Called between steps.
    """

    def __init__(self, samples: tuple[CountedSamples, ...], request: Request, dtype: np.dtype, tick: Tick) -> None:
        self.samples = samples
        self._request, self._dtype, self._tick = request, dtype, tick
        self._scales = robust_ranges(samples[0]) if request.balance else None
        space = space_for(request.color_space, self._scales, dtype)
        self._colors = Colors(samples[0], dtype, space, request.keep, tick) if request.mode == "color" else None
        self._sizes = [] if self._colors else [len(counted.values) for counted in samples]
        # Together these take ten times the samples' memory: of many slices, not all are held.
        self._lines = Few(lambda place: Line(samples[place], tick), MAX_CHANNELS)
        self._optima = Few(lambda place: Optimum(self._lines[place], tick), MAX_CHANNELS)

    def check(self, ks: Iterable[int]) -> None:
        """Raise a ValueError if one of these k is out of reach."""
        n = max(self._sizes, default=0)
        for k in ks:
            if self._request.method == "exact" and k < n and k * n > _MAX_EXACT:
                raise ValueError(
                    f"k={k} is out of reach of method='exact' for {n:,} distinct values: "
                    f"at most {_MAX_EXACT // n:,} is possible"
                )

    def codebook(self, k: int) -> Codebook:
        """Learn k centers a group."""
        levels = tuple(self._centers(place, k) for place in range(len(self._sizes))) or (self._palette(k),)
        return Codebook(k, levels, self._dtype, self._request, self._scales)

    def _centers(self, place: int, k: int) -> np.ndarray:
        line, seed = self._lines[place], self._request.random_state
        self._tick()
        if k >= len(line):
            return line.values.copy()
        if self._request.method == "exact":
            return self._optima[place].centers(k)
        find = {"minibatch": minibatch_centers, "lloyd": lloyd_centers}[self._request.method]
        return find(line, k, seed)

    def _palette(self, k: int) -> np.ndarray:
        self._tick()
        return cast("Colors", self._colors).palette(k, self._request.method, self._request.random_state)

    def excess(self, codebook: Codebook) -> float | None:
        """Return cost / optimal cost - 1 of a codebook learnt here; None where it is undefined or would take long.

        Undefined it is for colours, and where nothing is lost, since k is no less than there are distinct samples.
        """
        open_ = [place for place, size in enumerate(self._sizes) if codebook.k < size]
        if not open_ or any(self._sizes[place] * codebook.k > _MAX_EXCESS for place in open_):
            return None
        widths, costs, least = [], [], []
        for place in open_:
            line = self._lines[place]
            widths.append(line.width)
            costs.append(line.cost_of(codebook.levels[place]))
            least.append(self._optima[place].cost(codebook.k))
        weights = [(width / max(widths)) ** 2 for width in widths]
        total = float(np.dot(weights, least))
        if total == 0:  # squares of the smallest numbers vanish beside others
            return None
        return max(0.0, float(np.dot(weights, costs)) / total - 1)

    def least_mse(self, k: int) -> float:
        """Return the mean squared error per value that no k levels a group fall below, before these are rounded.

        In data units squared. It takes time and memory as ``method="exact"`` does. For levels only: nobody knows it of
        colours.
        """
        open_ = [place for place, size in enumerate(self._sizes) if k < size]
        costs = [self._optima[place].cost(k) * self._lines[place].width ** 2 for place in open_]
        return sum(costs) / sum(counted.total for counted in self.samples)
