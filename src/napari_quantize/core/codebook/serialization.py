"""Conversion of codebooks to and from plain numbers, strings, lists and dicts, as JSON holds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_quantize.core.request.request import Request, check_k

_FORMAT = "napari-quantize codebook"
_FORMAT_VERSION = 1
# A closed list, because numpy also reads "O", "U5", "datetime64" and None as dtypes.
_DTYPES = {np.dtype(code).name: np.dtype(code) for code in "?bhilqBHILQefd"}

_MAX_MESSAGE = 200  # characters of an error message: a file can hold a wrong value of any length

Parts = tuple[
    int,
    tuple[np.ndarray, ...],
    np.dtype,
    Request,
    tuple[float, ...] | None,
    tuple[np.ndarray, ...] | None,
]


def to_dict(
    k: int,
    levels: tuple[np.ndarray, ...],
    dtype: np.dtype,
    request: Request,
    scales: tuple[float, ...] | None,
    borders: tuple[np.ndarray, ...] | None,
) -> dict[str, Any]:
    """Return the parts of a codebook by name; `from_dict` restores them to the last bit."""
    by_hand = {} if borders is None else {"borders": [limits.tolist() for limits in borders]}
    return {
        "format": _FORMAT,
        "format_version": _FORMAT_VERSION,
        "k": k,
        "mode": request.mode,
        "method": request.method,
        "random_state": request.random_state,
        "channel_axis": request.channel_axis,
        "alpha": request.alpha,
        "ignore": [list(ends) for ends in request.ignore],
        "mask_digest": request.mask_digest,
        "color_space": request.color_space,
        "balance": request.balance,
        "keep": [list(color) for color in request.keep],
        "palette": request.palette,
        "dtype": dtype.name,
        "scales": None if scales is None else list(scales),
        # As Python's floats, whose text in JSON reads back to the same bits.
        "levels": [centers.tolist() for centers in levels],
        **by_hand,
    }


def from_dict(content: object) -> Parts:
    """Return k, centers, dtype, request, the channels' scales and borders set by hand, all checked.

    Raises
    ------
    ValueError
        If an entry is missing or wrong; the message names it.
    """
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError(f"this is no codebook: it does not say format: {_FORMAT!r}")
    if content.get("format_version") != _FORMAT_VERSION:
        raise ValueError(
            f"the codebook has format_version {content.get('format_version')!r}; "
            f"this version of napari-quantize reads {_FORMAT_VERSION}"
        )
    try:
        request = request_in(content)
        read_one = _colors if request.mode == "color" else _centers
        levels = tuple(read_one(numbers) for numbers in _listed(content["levels"], "a list of lists"))
        scales = None if content["scales"] is None else tuple(_centers(content["scales"]).tolist())
        by_hand = content.get("borders")  # left out where the nearest level is meant
        borders = None if by_hand is None else tuple(map(_centers, _listed(by_hand, "a list of lists")))
        return check_k(content["k"]), levels, _dtype(content["dtype"]), request, scales, borders
    except KeyError as error:
        raise ValueError(f"the codebook lacks {error}") from None
    except TypeError as error:
        raise ValueError(f"the codebook holds something unexpected: {error}") from None


def shortened(message: str) -> str:
    """Return a message without the end of the long value that it quotes."""
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"


def request_in(content: dict[str, Any]) -> Request:
    """Return the request that a codebook was learnt by.

    Raises
    ------
    KeyError, TypeError, ValueError
        If an entry is missing or wrong.
    """
    content = {"palette": "", **content}  # may be missing
    return Request(**{name: content[name] for name in Request.__dataclass_fields__})


def _centers(numbers: object) -> np.ndarray:
    # numpy would also convert strings and booleans to numbers.
    for number in _listed(numbers, "a list of numbers"):
        if type(number) not in (int, float):
            raise ValueError(f"the codebook's levels hold {number!r}, which is no number")
    try:
        return np.array(numbers, dtype=np.float64)
    except OverflowError:
        raise ValueError("the codebook's levels hold an integer too large for float64") from None


def _colors(rows: object) -> np.ndarray:
    colors = [_centers(row) for row in _listed(rows, "a list of colours")]
    if len({len(color) for color in colors}) != 1:
        raise ValueError("the codebook's colours differ in their numbers of channels")
    return np.array(colors)


def _listed(value: object, what: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"the codebook's levels hold {value!r} in place of {what}")
    return list(value)


def _dtype(name: object) -> np.dtype:
    if not isinstance(name, str) or name not in _DTYPES:
        raise ValueError(f"dtype={name!r} must be one of {', '.join(map(repr, _DTYPES))}")
    return _DTYPES[name]
