"""Checks of arguments: errors are one sentence that holds the values, raised before any work starts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, SupportsIndex, cast, get_args

import numpy as np

from napari_quantize.core.arrays import as_array, is_lazy, is_masked
from napari_quantize.core.request.color_options import COLOR_SPACES, Color, ColorSpace, check_color_image, check_keep
from napari_quantize.core.request.ignore import IgnoredRange, check_ignore

Mode = Literal["global", "per_channel", "color"]
Method = Literal["minibatch", "lloyd", "exact", "given"]
Tick = Callable[[], object]

MODES: tuple[Mode, ...] = get_args(Mode)
_METHODS: tuple[Method, ...] = get_args(Method)
METHODS = _METHODS[:-1]
"""Methods of learning: all but ``"given"``."""

MAX_K = 65_536
MAX_PALETTE_NAME = 200
MAX_CHANNELS = 16  # of colours; more channels are slices or spectra
MAX_SIZE = 1e150  # squares of larger numbers leave float64
_MAX_SEED = 2**32 - 1  # what scikit-learn accepts


@dataclass(frozen=True)
class Request:
    """The checked arguments of `fit`, except the image and k.

    Attributes
    ----------
    mode : {"global", "per_channel", "color"}
        One set of centers for all channels, one set for each channel, or centers that are colours.
    channel_axis : int or None
        Axis of the channels, as the caller gave it.
    alpha : bool
        Whether the last channel is alpha.
    method : {"minibatch", "lloyd", "exact", "given"}
        How centers are found; ``"given"``: they come from a palette and were not learnt.
    random_state : int
        Seed.
    ignore : tuple of (low, high)
        Values that are not learnt from: disjoint ranges in ascending order. Both ends belong to a range; None is an
        open end.
    mask_digest : str or None
        Hash of the mask, to tell whether two codebooks were learnt within the same mask. The mask itself is not kept,
        because only learning needs it.
    color_space : {"rgb", "lab"}
        Space in which distances between colours are measured.
    balance : bool
        Whether channels are divided by their ranges first.
    keep : tuple of tuple of float
        Colours that are fixed centers.
    palette : str
        Name of the given palette, if it has one: one line of at most 200 characters.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or of the wrong kind, or two do not go together.
    """

    mode: Mode = "global"
    channel_axis: int | None = None
    alpha: bool = False
    method: Method = "minibatch"
    random_state: int = 0
    ignore: tuple[IgnoredRange, ...] = ()
    mask_digest: str | None = None
    color_space: ColorSpace = "rgb"
    balance: bool = False
    keep: tuple[Color, ...] = ()
    palette: str = ""

    def __post_init__(self) -> None:
        # Values are normalized to plain Python types, so that equivalent requests are equal and JSON can hold them.
        check_choice("mode", self.mode, MODES)
        check_choice("method", self.method, _METHODS)
        seed = _as_integer("random_state", self.random_state)
        if not 0 <= seed <= _MAX_SEED:
            raise ValueError(f"random_state={seed} must lie between 0 and {_MAX_SEED}")
        object.__setattr__(self, "random_state", seed)
        if self.channel_axis is not None:
            object.__setattr__(self, "channel_axis", _as_integer("channel_axis", self.channel_axis))
        if not isinstance(self.alpha, bool | np.bool_):
            raise TypeError(f"alpha={self.alpha!r} must be True or False")
        object.__setattr__(self, "alpha", bool(self.alpha))
        if self.alpha and self.channel_axis is None:
            raise ValueError("alpha=True needs channel_axis: alpha is the last entry along it")
        if self.mode == "color" and self.channel_axis is None:
            raise ValueError("mode='color' needs channel_axis: colours are the vectors along it")
        if self.mode == "color" and self.method == "exact":
            raise ValueError("method='exact' is for single values: mode='color' takes 'minibatch' or 'lloyd'")
        object.__setattr__(self, "ignore", check_ignore(self.ignore))
        if not isinstance(self.mask_digest, str | None):
            raise TypeError(f"mask_digest={self.mask_digest!r} must be a string or None")
        self._check_palette()
        self._check_colors()

    def _check_palette(self) -> None:
        if not isinstance(self.palette, str):
            raise TypeError(f"palette={self.palette!r} must be a string")
        if len(self.palette) > MAX_PALETTE_NAME or not self.palette.isprintable():
            raise ValueError(f"palette={self.palette[:40]!r}… must be one line of at most {MAX_PALETTE_NAME} letters")
        if self.palette and self.method != "given":
            raise ValueError(f"palette={self.palette!r} goes with method='given', not method={self.method!r}")

    def learning(self, **changes: Any) -> Request:
        """Return a request to learn again with `changes`; ``method="given"`` becomes the default method."""
        given = {"method": "minibatch", "palette": ""} if self.method == "given" else {}
        return replace(self, **{**given, **changes})

    def _check_colors(self) -> None:
        check_choice("color_space", self.color_space, COLOR_SPACES)
        if not isinstance(self.balance, bool | np.bool_):
            raise TypeError(f"balance={self.balance!r} must be True or False")
        object.__setattr__(self, "balance", bool(self.balance))
        object.__setattr__(self, "keep", check_keep(self.keep))
        options = {"color_space='lab'": self.color_space == "lab", "balance=True": self.balance, "keep": self.keep}
        for option, given in options.items():
            if given and self.mode != "color":
                raise ValueError(f"{option} is for mode='color', not mode={self.mode!r}")
        if self.balance and self.color_space == "lab":
            raise ValueError("balance=True does not go with color_space='lab', which has scales of its own")


def check_k(k: SupportsIndex) -> int:
    """Return `k` as an int between 1 and 65,536, or raise an error that says why it is not."""
    number = _as_integer("k", k)
    if number < 1:
        raise ValueError(f"k={number} must be at least 1")
    if number > MAX_K:
        raise ValueError(f"k={number} must be at most {MAX_K:,}")
    return number


def check_ks(ks: Iterable[SupportsIndex]) -> tuple[int, ...]:
    """Return the distinct `ks` in ascending order."""
    if isinstance(ks, str | bytes) or not hasattr(ks, "__iter__") or getattr(ks, "ndim", 1) == 0:
        raise TypeError(f"ks={ks!r} must be a sequence of integers, like (2, 4, 8)")
    numbers = tuple(sorted({check_k(k) for k in ks}))
    if not numbers:
        raise ValueError("ks is empty: it must hold at least one k")
    return numbers


def check_n_jobs(n_jobs: SupportsIndex | None) -> int | None:
    """Return `n_jobs` as an int of at least 1 or None, or raise an error that says why it is neither."""
    if n_jobs is None:
        return None
    number = _as_integer("n_jobs", n_jobs)
    if number < 1:
        raise ValueError(f"n_jobs={number} must be at least 1, or None for all processors")
    return number


def check_image(image: np.ndarray, request: Request) -> np.ndarray:
    """Return `image` as a plain or a dask array, checked against `request`.

    Raises
    ------
    TypeError
        If the values are not real numbers of at most 64 bits, or the array is masked.
    ValueError
        If the image is empty or has no such channel axis.
    """
    if is_masked(image):
        raise TypeError("masked arrays are not read: fill the masked values first (with NaN to leave them out)")
    array: np.ndarray = as_array(image, request.channel_axis if request.mode == "color" or request.alpha else None)
    check_dtype(array.dtype)
    if array.size == 0:
        raise ValueError(f"image is empty: its shape is {array.shape}")
    axis = request.channel_axis
    if axis is None:
        return array
    if not -array.ndim <= axis < array.ndim:
        raise ValueError(
            f"channel_axis={axis} is out of range for an image of shape {array.shape}; "
            "use channel_axis=None if it has one channel"
        )
    if request.alpha and array.shape[axis] < 2:
        raise ValueError(
            f"alpha=True needs at least 2 entries along channel_axis={axis}, but shape {array.shape} has 1"
        )
    n_channels = array.shape[axis] - request.alpha
    if request.mode == "color" and not 2 <= n_channels <= MAX_CHANNELS:
        raise ValueError(f"mode='color' takes 2 to {MAX_CHANNELS} channels, but shape {array.shape} has {n_channels}")
    low, high = dtype_limits(array.dtype)
    limits = max(low, -MAX_SIZE), min(high, MAX_SIZE)
    check_color_image(array, n_channels, request.color_space, request.keep, limits)
    return array


def check_in_memory(image: np.ndarray, request: Request) -> np.ndarray:
    """Return an image, checked as by `check_image`, that numpy can read: raise a TypeError if it is lazy."""
    checked = check_image(image, request)
    if isinstance(image, np.memmap):
        return np.asarray(image)
    if is_lazy(checked):
        raise TypeError("this takes arrays in memory, and not lazy ones: pass numpy.asarray(image)")
    return checked


def check_dtype(dtype: np.dtype) -> None:
    """Raise a TypeError unless `dtype` is bool, an integer or a float of at most 64 bits."""
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise TypeError(f"images of dtype {dtype} cannot be quantized: use bool, integers, or floats up to 64 bits")


def dtype_limits(dtype: np.dtype) -> tuple[float, float]:
    """Return the smallest and the largest finite value of `dtype`."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        return float(limits.min), float(limits.max)
    # As integers: float64 would round the upper end of 64-bit integers up, out of their range.
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def _as_integer(name: str, value: object) -> int:
    # bool is a subclass of int, but k=True is a mistake.
    if not isinstance(value, bool | np.bool_):
        with suppress(TypeError):
            # Numpy's integers too, but no floats, not even whole ones.
            return operator.index(cast("SupportsIndex", value))
    raise TypeError(f"{name}={value!r} must be an integer")


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise a ValueError if `value` is not one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(map(repr, choices))}")


def no_tick() -> None:
    """Do nothing: the `tick` of work that nobody cancels or watches."""
