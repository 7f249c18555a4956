"""What the core's tests draw and compare with: images of every kind, and slow, exact answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache

import hypothesis.strategies as st
import numpy as np
import pytest

from napari_quantize import Codebook
from napari_quantize.core.learning.learner import Learner
from napari_quantize.core.pixels import pixels
from napari_quantize.core.request.request import Method, Mode, Request, Tick, no_tick
from napari_quantize.core.samples.samples import CountedSamples


class StopError(BaseException):
    """What a caller raises to end the work: no handler of errors may hold it back."""


def refuse() -> None:
    """A tick that must not be called."""
    pytest.fail("work has started")


def stopping_at(number: int, ticks: list[int]) -> Callable[[], None]:
    """A tick that counts into `ticks` and raises at its `number`-th call."""

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == number:
            raise StopError

    return tick


def working_threads() -> list[str]:
    """The names of the package's threads that are there."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("napari-quantize")]


LEVEL_MODES: tuple[Mode, ...] = ("global", "per_channel")  # those whose centers are single values
INTEGERS = [np.dtype(code) for code in ("?", "i1", "u1", "<i2", ">i2", "<u2", ">u2")]
INTEGERS += [np.dtype(order + code) for code in ("i4", "u4", "i8", "u8") for order in "<>"]
FLOATS = [np.dtype(order + code) for code in ("f2", "f4", "f8") for order in "<>"]
DTYPES = INTEGERS + FLOATS


@contextmanager
def small_blocks(n_threads: int, block: int = 28) -> Iterator[None]:
    """Cut even small images into many blocks of so many bytes, shared by `n_threads` threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixels, "count_threads", lambda: n_threads)
        patch.setattr(pixels, "BLOCK", block)
        patch.setattr(pixels, "BATCH", 2)
        yield


def _any_bits(dtype: np.dtype) -> st.SearchStrategy[np.ndarray]:
    """Single values from all bit patterns: NaN with payloads, infinities, subnormals, -0.0."""
    unsigned = np.dtype(f"u{dtype.itemsize}").newbyteorder(dtype.byteorder)
    return st.integers(0, 256**dtype.itemsize - 1).map(lambda bits: np.array([bits], unsigned).view(dtype))


def _usable(value: np.ndarray) -> bool:
    number = value.item()
    return abs(number) <= 2**53 if isinstance(number, int) else not 1e150 < abs(number) < np.inf


@cache
def values_of(dtype: np.dtype) -> st.SearchStrategy[np.ndarray]:
    """Single values that may be learnt from or are left out, as arrays of shape (1,)."""
    if dtype.kind == "b":
        return st.booleans().map(lambda value: np.array([value]))
    near = st.integers(0, 100).map(lambda value: np.array([value], dtype))
    if dtype.kind == "f":
        special = st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 0.1, -1.0, 1e-7, 6e4])
        near |= special.map(lambda value: np.array([value]).astype(dtype))
    return near | _any_bits(dtype).filter(_usable)


shapes = st.lists(st.integers(1, 6), max_size=5).map(tuple)


@st.composite
def layouts(draw: st.DrawFn, array: np.ndarray) -> np.ndarray:
    """Draw an array of the same values, laid out in some other way in memory."""
    order = draw(st.permutations(range(array.ndim)))
    steps = [draw(st.sampled_from([1, -1, 2, -3])) for _ in range(array.ndim)]
    slices = tuple(slice(None, None, step) for step in steps)
    shape = [abs(step) * (length - 1) + 1 for step, length in zip(steps, array.shape, strict=True)]
    base = np.zeros([shape[axis] for axis in order], array.dtype).transpose(np.argsort(order))
    view = base[(*slices, ...)]
    view[...] = array
    view.flags.writeable = draw(st.booleans())
    return view


@st.composite
def images(
    draw: st.DrawFn,
    dtypes: list[np.dtype] | None = None,
    shapes: st.SearchStrategy[tuple[int, ...]] = shapes,
    *,
    max_values: int = 8,
) -> np.ndarray:
    """Draw an image of a few values that may be learnt from, NaN and infinities among them."""
    dtype = draw(st.sampled_from(dtypes or DTYPES))
    palette = np.concatenate(draw(st.lists(values_of(dtype), min_size=1, max_size=max_values)))
    if not np.isfinite(palette).any():
        palette[0] = 1
    shape = draw(shapes)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    image = np.array(palette[rng.integers(len(palette), size=shape)], dtype)
    if not np.isfinite(image).any():
        image.flat[0] = palette[np.isfinite(palette)][0]
    if image.ndim and draw(st.integers(0, 4)) == 0:
        return np.broadcast_to(image[:1], image.shape) if np.isfinite(image[:1]).any() else image
    return draw(layouts(image))


@st.composite
def channel_images(draw: st.DrawFn, dtypes: list[np.dtype] | None = None) -> tuple[np.ndarray, int]:
    """Draw an image with 2 to 4 channels, each with a finite value, and the axis these lie along."""
    image = draw(images(dtypes, st.tuples(st.integers(1, 6), st.integers(2, 6), st.integers(2, 4))))
    channels = np.array(image)
    lonely = ~np.isfinite(channels).any(axis=(0, 1))
    channels[0, 0, lonely] = 1
    axis = draw(st.integers(-3, 2))
    return draw(layouts(np.moveaxis(channels, -1, axis))), axis


@st.composite
def masks(draw: st.DrawFn, shape: Sequence[int], needed: np.ndarray | None = None) -> np.ndarray:
    """Draw a mask in any memory layout, True at least at one of the places that are `needed`."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = np.array(rng.random(tuple(shape)) < draw(st.sampled_from([0.05, 0.5, 1.0])))
    places = np.flatnonzero(np.ones(mask.shape, dtype=bool) if needed is None else needed)
    mask.flat[places[rng.integers(len(places))]] = True
    return draw(layouts(mask))


def same_bytes(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays agree in shape, dtype and every bit of every value."""
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def same_levels(one: Codebook, other: Codebook) -> bool:
    """Whether two codebooks have the same centers, to the last bit."""
    return len(one.levels) == len(other.levels) and all(map(same_bytes, one.levels, other.levels))


def entropy(values: np.ndarray) -> float:
    """Bits for each value."""
    shares = np.unique(values, return_counts=True)[1] / values.size
    return float(-(shares * np.log2(shares)).sum())


def finite_values(image: np.ndarray) -> np.ndarray:
    """The values that take part, flat."""
    return image[np.isfinite(image)].ravel()


def distinct(values: np.ndarray) -> np.ndarray:
    """The distinct finite values, ascending, as float64."""
    return np.unique(finite_values(values).astype(np.float64) + 0.0)


def nearest(number: float, centers: list[Fraction]) -> int:
    """The index of the nearest center in exact arithmetic, the lower one on a tie."""
    value = Fraction(number)
    distances = [abs(value - center) for center in centers]
    return distances.index(min(distances))


def encode_one(values: np.ndarray, centers: np.ndarray, beyond: int) -> np.ndarray:
    """Indices of the nearest centers; `beyond` for NaN and infinities."""
    exact = [Fraction(center) for center in centers.tolist()]
    found = [nearest(v, exact) if np.isfinite(v) else beyond for v in values.ravel().tolist()]
    return np.array(found, dtype=np.int64).reshape(values.shape)


def outputs_of(centers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """What each center looks like in `dtype`."""
    if dtype.kind != "f":
        return np.rint(centers).astype(dtype)
    rounded = centers.astype(dtype)
    return rounded[encode_one(rounded.astype(np.float64), centers, -1)]


def apply_one(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Values replaced by their nearest centers, NaN and infinities left as they are."""
    codes = encode_one(values, centers, -1)
    result = values.copy()
    result[codes >= 0] = outputs_of(centers, values.dtype)[codes[codes >= 0]]
    return result


def by_channel(image: np.ndarray, codebook: Codebook) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each colour channel with its centers; alpha is no colour."""
    if codebook.channel_axis is None:
        return [(image, codebook.levels[0])]
    channels = list(np.moveaxis(image, codebook.channel_axis, 0))
    if codebook.alpha:
        channels.pop()
    levels = codebook.levels * len(channels) if codebook.mode == "global" else codebook.levels
    return list(zip(channels, levels, strict=True))


def visible(image: np.ndarray, channel_axis: int | None, *, alpha: bool) -> np.ndarray:
    """Which pixels have an alpha other than 0, in the shape of one channel."""
    if channel_axis is None:
        return np.ones(image.shape, dtype=bool)
    last = np.moveaxis(image, channel_axis, 0)[-1]
    return last != 0 if alpha else np.ones(last.shape, dtype=bool)


def counted(values: list[float], counts: list[int] | None = None) -> CountedSamples:
    """Counted samples of numbers, each once where no counts are given."""
    array = np.asarray(values, dtype=np.float64)
    return CountedSamples.from_counts(array, np.asarray(counts or [1] * len(array), dtype=np.int64))


def cost_of(samples: CountedSamples, centers: np.ndarray) -> float:
    """Sum of squared distances of counted samples from their nearest centers."""
    places = np.clip(np.searchsorted(centers, samples.values), 1, max(len(centers) - 1, 1))
    low = np.abs(samples.values - centers[places - 1])
    high = np.abs(samples.values - centers[np.minimum(places, len(centers) - 1)])
    return float(samples.counts @ np.minimum(low, high) ** 2)


def optimal_cost(samples: CountedSamples, k: int) -> Fraction:
    """The lowest cost that k centers can have: dynamic programming over all partitions, in exact arithmetic."""
    values = [Fraction(value) for value in samples.values.tolist()]
    counts = samples.counts.tolist()
    n = len(values)

    @cache
    def within(start: int, stop: int) -> Fraction:
        weight = sum(counts[start:stop])
        mean = sum(c * v for c, v in zip(counts[start:stop], values[start:stop], strict=True)) / weight
        return sum(
            (c * (v - mean) ** 2 for c, v in zip(counts[start:stop], values[start:stop], strict=True)), Fraction(0)
        )

    best = [within(0, stop) if stop else Fraction(0) for stop in range(n + 1)]
    for _ in range(k - 1):
        ways = [[best[cut] + within(cut, stop) for cut in range(stop)] for stop in range(n + 1)]
        best = [min(costs, default=Fraction(0)) for costs in ways]
    return best[n]


def learnt(
    samples: CountedSamples, k: int, seed: int = 0, method: Method = "minibatch", tick: Tick = no_tick
) -> np.ndarray:
    """Centers that are learnt from counted samples."""
    learner = Learner((samples,), Request(method=method, random_state=seed), np.dtype(np.float64), tick)
    return learner.codebook(k).levels[0]
