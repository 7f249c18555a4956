"""The codebook: centers, with everything needed to apply them to an image."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from napari_quantize.core.arrays import is_lazy, is_pyramid
from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.core.codebook import serialization
from napari_quantize.core.codebook.blockwise import Lookups, apply_to_pixels, encode_pixels
from napari_quantize.core.codebook.lazy import apply_lazily, encode_lazily
from napari_quantize.core.codebook.validation import (
    check_kept,
    check_own_dtype,
    frozen_borders,
    frozen_colors,
    frozen_scales,
    frozen_values,
)
from napari_quantize.core.limited_file import read_limited
from napari_quantize.core.lookup.color_spaces import space_for
from napari_quantize.core.lookup.colors import ColorLookup
from napari_quantize.core.lookup.levels import LevelLookup, index_dtype, level_lookup
from napari_quantize.core.lookup.levels import borders as midpoints
from napari_quantize.core.pixels.lazy import pixels_of
from napari_quantize.core.pixels.limits import check_photo
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Request, check_dtype, check_image, check_k, check_n_jobs, no_tick

if TYPE_CHECKING:
    import os
    from typing import SupportsIndex

    from napari_quantize.core.request.request import Method, Mode, Tick

MAX_BYTES = 64 * 2**20
"""Largest size of a codebook's file: enough for 65,536 colours of 16 channels with 17 digits each."""


@dataclass(frozen=True, eq=False)  # its own __eq__: arrays have no single truth value
class Codebook:
    """Centers learnt from one image, to be applied to it or to others like it. Immutable.

    Attributes
    ----------
    k : int
        Requested number of centers.
    levels : tuple of ndarray
        The centers of each group of channels: float64, shape (n_used,), ascending, unrounded, in data units, read-only.
        Colours are one array of shape (n_used, C), from dark to bright.
    dtype : numpy.dtype
        Dtype of the image that was learnt from, in native byte order.
    request : Request
        How they were learnt, or that they were given.
    scales : tuple of float or None
        With ``balance=True``, the numbers by which channels are divided before distances are measured; else None.
    borders : tuple of ndarray or None
        Borders between the levels that were set by hand, one float64 array of shape (n_used - 1,) for each of `levels`,
        in data units: the largest number that belongs to a level and not to the next one. None if each value belongs to
        the nearest level.

    Raises
    ------
    ValueError, TypeError
        If the number of centers, their shape, the dtype, the scales or the borders do not fit each other.

    See Also
    --------
    napari_quantize.fit : makes one.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_quantize import fit
    >>> codebook = fit(np.array([0, 1, 2, 100, 101, 102], dtype=np.uint8), 2)
    >>> codebook.encode(np.array([7, 90], dtype=np.uint8))
    array([0, 1], dtype=uint8)
    >>> codebook.apply(np.array([7, 90], dtype=np.uint8))
    array([  1, 101], dtype=uint8)
    """

    k: int
    levels: tuple[np.ndarray, ...]
    dtype: np.dtype
    request: Request = field(default_factory=Request)
    scales: tuple[float, ...] | None = None
    borders: tuple[np.ndarray, ...] | None = None
    _lookups: dict[tuple[int, np.dtype], LevelLookup] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", check_k(self.k))
        check_dtype(np.dtype(self.dtype))
        freeze = frozen_colors if self.mode == "color" else frozen_values
        levels = tuple(freeze(centers, self.k) for centers in self.levels)
        if not levels or (self.mode != "per_channel" and len(levels) != 1):
            raise ValueError(f"mode={self.mode!r} does not go with {len(levels)} sets of centers")
        object.__setattr__(self, "levels", levels)
        check_kept(self.request.keep, levels[0])
        scales = frozen_scales(self.scales, self._count_channels(), balance=self.request.balance)
        object.__setattr__(self, "scales", scales)
        object.__setattr__(self, "borders", frozen_borders(self.borders, levels, colors=self.mode == "color"))
        object.__setattr__(self, "dtype", np.dtype(self.dtype).newbyteorder("="))

    @property
    def mode(self) -> Mode:
        """One set of centers (``"global"``), one for each channel (``"per_channel"``), or colours (``"color"``)."""
        return self.request.mode

    @property
    def method(self) -> Method:
        """Method by which the centers were found."""
        return self.request.method

    @property
    def random_state(self) -> int:
        """The seed."""
        return self.request.random_state

    @property
    def channel_axis(self) -> int | None:
        """Axis of the channels, None for one channel."""
        return self.request.channel_axis

    @property
    def alpha(self) -> bool:
        """True if the last channel is alpha, which is kept."""
        return self.request.alpha

    @property
    def centers(self) -> np.ndarray | tuple[np.ndarray, ...]:
        """The unrounded centers: `levels` in mode ``"per_channel"``, in the other modes its only array."""
        return self.levels if self.mode == "per_channel" else self.levels[0]

    @property
    def outputs(self) -> tuple[np.ndarray, ...]:
        """The centers rounded to `dtype`, one array of the same shape for each of `levels`: what `apply` writes."""
        return tuple(self.lookup(group_index, self.dtype).outputs for group_index in range(len(self.levels)))

    @property
    def n_used(self) -> int | tuple[int, ...]:
        """Number of centers, ``len(centers)``: fewer than k if the image has fewer values."""
        used = tuple(len(centers) for centers in self.levels)
        return used if self.mode == "per_channel" else used[0]

    def borders_of(self, group: int) -> np.ndarray:
        """Return the borders between the levels of a group of channels: those set by hand, or else the midpoints.

        Returns
        -------
        ndarray of float64, shape (n_used - 1,)
            In data units, ascending.
        """
        return midpoints(self.levels[group]) if self.borders is None else self.borders[group]

    @overload
    def encode(self, image: np.ndarray, *, tick: Tick = ..., n_jobs: SupportsIndex | None = ...) -> np.ndarray: ...
    @overload
    def encode(self, image: Any, *, tick: Tick = ..., n_jobs: SupportsIndex | None = ...) -> Any: ...
    def encode(self, image: Any, *, tick: Tick = no_tick, n_jobs: SupportsIndex | None = None) -> Any:
        """Return the index of the nearest center for each value.

        Parameters
        ----------
        image : ndarray, lazy array, array on disk, or list of pyramid levels
            Image with the channels that were learnt from: see `napari_quantize.fit`.
        tick : callable, optional
            Called between blocks of pixels. An exception that it raises stops the work.
        n_jobs : int, optional
            Number of threads; None for one per processor. The result does not depend on it.

        Returns
        -------
        ndarray or dask array of unsigned integers, same shape (without the channel axis in mode ``"color"``)
            Indices into the centers (of the value's channel), in the smallest dtype that holds `n_used`. NaN,
            infinities, alpha, and pixels whose alpha is 0 get the index `n_used` (the largest, in ``per_channel``).
            Lazy for a lazy image, a list of arrays for a list of pyramid levels.

        Raises
        ------
        ValueError, TypeError
            If the image does not fit the codebook (in Lab, also floats outside of 0 … 1), or `n_jobs` is less than 1.
        """
        if is_pyramid(image):
            return [self.encode(level, tick=tick, n_jobs=n_jobs) for level in image]
        image, n_jobs = self.check(image), check_n_jobs(n_jobs)
        if is_lazy(image):
            return encode_lazily(image, self, index_dtype(max(map(len, self.levels))))
        pixels, lookups = self._pixels(image, n_jobs)
        return encode_pixels(image, pixels, lookups, self.request, tick)

    @overload
    def apply(self, image: np.ndarray, *, tick: Tick = ..., n_jobs: SupportsIndex | None = ...) -> np.ndarray: ...
    @overload
    def apply(self, image: Any, *, tick: Tick = ..., n_jobs: SupportsIndex | None = ...) -> Any: ...
    def apply(self, image: Any, *, tick: Tick = no_tick, n_jobs: SupportsIndex | None = None) -> Any:
        """Return the image with each value replaced by its nearest center.

        Parameters
        ----------
        image : ndarray, lazy array, array on disk, or list of pyramid levels
            Image with the channels that were learnt from: see `napari_quantize.fit`.
        tick : callable, optional
            Called between blocks of pixels. An exception that it raises stops the work.
        n_jobs : int, optional
            Number of threads; None for one per processor. The result does not depend on it.

        Returns
        -------
        ndarray or dask array, same shape and dtype
            A new array: lazy for a lazy image, a list of arrays for a list of pyramid levels. Centers are rounded to
            the nearest integer in integer images. NaN, infinities, alpha, and pixels whose alpha is 0 stay as they are.

        Raises
        ------
        ValueError, TypeError
            If the image does not fit the codebook (in Lab, also floats outside of 0 … 1), or `n_jobs` is less than 1.
        """
        if is_pyramid(image):
            return [self.apply(level, tick=tick, n_jobs=n_jobs) for level in image]
        image, n_jobs = self.check(image), check_n_jobs(n_jobs)
        if is_lazy(image):
            return apply_lazily(image, self)
        pixels, lookups = self._pixels(image, n_jobs)
        return apply_to_pixels(image, pixels, lookups, self.request, tick)

    def prepare(self, image: np.ndarray, n_jobs: int | None = None) -> tuple[np.ndarray, Pixels, Lookups]:
        """Return `image`, checked, as a plain or a dask array, as pixels, and the look-up of each group of channels."""
        image = self.check(image)
        return image, *self._pixels(image, n_jobs)

    def _pixels(self, image: np.ndarray, n_jobs: int | None) -> tuple[Pixels, Lookups]:
        pixels = pixels_of(image, self.channel_axis, self.alpha, n_jobs)
        if self.request.color_space == "lab":
            check_photo(pixels)
        return pixels, self.lookups(pixels)

    def lookups(self, pixels: Pixels) -> Lookups:
        """Return the look-up of each group of channels for pixels of an image that is known to fit."""
        groups = enumerate(pixels.groups(self.mode))
        return [(group, self.lookup(group_index, pixels.array.dtype)) for group_index, group in groups]

    def check(self, image: np.ndarray) -> np.ndarray:
        """Return `image` as a plain or a dask array; raise an error if its shape or dtype does not fit."""
        image = check_image(image, self.request)
        check_own_dtype(self.levels, self.dtype, image.dtype, lab=self.request.color_space == "lab")
        several = self.mode != "global" and self.channel_axis is not None
        n_channels = image.shape[self.channel_axis or 0] - self.alpha if several else 1
        if n_channels != self._count_channels():
            raise ValueError(f"the image has {n_channels} channels, but the codebook has {self._count_channels()}")
        return image

    def lookup(self, group_index: int, dtype: np.dtype) -> LevelLookup:
        """Return the look-up of one of `levels` for pixels of a dtype."""
        # A ColorLookup fills its table as it meets colours: measuring a result fills it, and applying reuses it.
        if (group_index, dtype) not in self._lookups:
            self._lookups[group_index, dtype] = self._new_lookup(group_index, dtype)
        return self._lookups[group_index, dtype]

    def _new_lookup(self, group_index: int, dtype: np.dtype) -> LevelLookup:
        centers = self.levels[group_index]
        if self.mode != "color":
            return level_lookup(centers, dtype, None if self.borders is None else self.borders[group_index])
        return ColorLookup(centers, dtype, space_for(self.request.color_space, self.scales, dtype))

    def _count_channels(self) -> int:
        return self.levels[0].shape[1] if self.mode == "color" else len(self.levels)

    def of_channels(self, channels: slice) -> Codebook:
        """Return the codebook of some channels, in mode ``"per_channel"``."""
        borders = None if self.borders is None else self.borders[channels]
        return replace(self, levels=self.levels[channels], borders=borders)

    def __reduce__(self) -> tuple[type[Codebook], tuple[object, ...]]:
        # Through the constructor, because numpy copies and unpickles read-only arrays as writeable ones.
        return Codebook, (self.k, self.levels, self.dtype, self.request, self.scales, self.borders)

    def __dask_tokenize__(self) -> tuple[object, ...]:
        # Not the look-ups, which come and go.
        return self.__reduce__()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Codebook):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        numbers = (*self.levels, *(self.borders or ()))
        return hash((self.k, self.dtype, self.request, self.scales, *(array.tobytes() for array in numbers)))

    def to_dict(self) -> dict[str, Any]:
        """Return the codebook as plain numbers, strings, lists and dicts; `from_dict` reads it."""
        return serialization.to_dict(self.k, self.levels, self.dtype, self.request, self.scales, self.borders)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Codebook:
        """Return the codebook of a dict that `to_dict` returned, and check all of it.

        Parameters
        ----------
        content : dict
            Return value of `to_dict`, for example read from JSON.

        Returns
        -------
        Codebook

        Raises
        ------
        ValueError
            If an entry is missing or wrong; the message names it.
        """
        try:
            return cls(*serialization.from_dict(content))
        except ValueError as error:
            raise ValueError(serialization.shortened(str(error))) from None

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the codebook as JSON. An error leaves no partial file.

        Parameters
        ----------
        path : str or os.PathLike
            The file, usually ``.json``.
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        OSError
            If it cannot be written.
        """
        with atomic_write(path, overwrite=overwrite) as stream:
            stream.write(f"{json.dumps(self.to_dict(), indent=1)}\n".encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Codebook:
        """Read a codebook that `save` wrote, and check all of it.

        Parameters
        ----------
        path : str or os.PathLike
            The file.

        Returns
        -------
        Codebook

        Raises
        ------
        ValueError
            If the file holds no codebook, is larger than 64 MB, or is a pipe or a device; the message names the file.
        OSError
            If it cannot be read.
        """
        return decode_codebook(read_limited(path, MAX_BYTES, "codebook"), Path(path).name)


def decode_codebook(content: bytes, name: str) -> Codebook:
    """Return the codebook in the content of a file of this name, and check all of it.

    Raises
    ------
    ValueError
        If the content is no codebook; the message names the file.
    """
    try:
        parsed = json.loads(content)  # bytes, which may begin with a byte order mark
    except (ValueError, RecursionError) as error:  # json recurses for each bracket
        raise ValueError(f"{name} is no JSON file: {error}") from None
    try:
        return Codebook.from_dict(parsed)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
