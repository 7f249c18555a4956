"""Resolve the values of the fields into a checked request, or a problem: plain data, without a window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from napari_quantize.core.request.request import MAX_CHANNELS, MAX_K, Request
from napari_quantize.text.numbers import parse_ks
from napari_quantize.text.results import saturated_sentence
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.sources import MAX_LAZY_BYTES
from napari_quantize.viewer.plan.field_choices import TOGETHER, UNANSWERED

if TYPE_CHECKING:
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.request.ignore import IgnoredRange
    from napari_quantize.core.request.request import Method, Mode
    from napari_quantize.viewer.layers.sources import Source

MAX_LAYERS = 100
MAX_SLICES = 1000  # the look-up table of each slice takes a fraction of a MB
ChannelAxis = int | None | Literal["unanswered"]


@dataclass(frozen=True)
class FieldValues:
    """The values of the dock's fields.

    Attributes
    ----------
    source : Source or None
        The chosen image.
    mode : {"global", "per_channel", "color", "together"}
        Channels that share levels; colours; or colours of several layers.
    k_values : str
        As typed.
    channel_axis : int, None or "unanswered"
        Ignored for RGB images.
    random_state : int
        Seed.
    method : str
        Method of learning.
    ignore : {"nothing", "zeros", "saturated", "outside"}
        Values not to learn from.
    balance : bool
        Give all channels of several layers the same weight.
    limits : tuple of float
        The display limits.
    slice_axis : int or None
        Axis of the slices if each gets levels of its own.
    saturation : Saturation, str or None
        Saturated values if they are to be ignored, or the sentence that tells why they are not known.
    """

    source: Source | None
    mode: str
    k_values: str
    channel_axis: ChannelAxis
    random_state: int
    method: Method = "minibatch"
    ignore: str = "nothing"
    limits: tuple[float, float] = (0.0, 0.0)
    slice_axis: int | None = None
    saturation: Saturation | str | None = None
    balance: bool = False


@dataclass(frozen=True)
class ResolvedRun:
    """The run that the button *Quantize* would start, or the reason why it is disabled.

    Attributes
    ----------
    ks : tuple of int
        Values of K, ascending; empty if there is a problem.
    request : Request or None
        Checked arguments; None if there is a problem.
    n_layers : int
        Number of new layers.
    n_bytes : int
        Memory of the results.
    n_channels : int
        Number of quantized channels.
    problem : str
        Sentence that tells what to change; empty if there is no problem.
    notice : str
        Sentence to show before the run; may be empty.
    """

    ks: tuple[int, ...] = ()
    request: Request | None = None
    n_layers: int = 0
    n_bytes: int = 0
    n_channels: int = 0
    problem: str = ""
    notice: str = ""


def resolve(values: FieldValues, ks: tuple[int, ...] | None = None) -> ResolvedRun:
    """Resolve the values of the fields into a run, or into the reason why it is not possible.

    Parameters
    ----------
    values : FieldValues
        The values of the fields.
    ks : tuple of int, optional
        Values of K, ascending, instead of those typed.
    """
    source = values.source
    if source is None:
        return ResolvedRun(problem=messages.NO_IMAGE)
    if source.is_too_large:
        return ResolvedRun(problem=messages.too_large(source, MAX_LAZY_BYTES))
    try:
        ks = ks or parse_ks(values.k_values)
    except ValueError as error:
        return ResolvedRun(problem=str(error))
    n_layers = len(ks) * (source.shape[0] if values.mode == TOGETHER else 1)
    if problem := _layers_problem(values, source, len(ks), n_layers):
        return ResolvedRun(problem=problem)
    if values.channel_axis == UNANSWERED and not source.rgb and values.mode != TOGETHER:
        return ResolvedRun(problem="Say first what the first axis holds: channels, or planes of one channel.")
    axis = -1 if source.rgb else cast("int | None", values.channel_axis)
    mode: Mode = values.mode if axis is not None else "global"  # type: ignore[assignment]
    if values.mode == TOGETHER:
        mode, axis = "color", 0
    if values.slice_axis is not None:
        mode, axis = "per_channel", values.slice_axis
    saturation, uncounted = (None, values.saturation) if isinstance(values.saturation, str) else (values.saturation, "")
    if problem := _slices_problem(values, source, ks[-1]) or uncounted:
        return ResolvedRun(problem=problem)
    try:
        ignored = ranges_to_ignore(values.ignore, source.dtype, values.limits, saturation)
        balance = values.balance and values.mode == TOGETHER
        request = Request(mode, axis, source.alpha, values.method, values.random_state, ignored, balance=balance)
    except ValueError as error:
        return ResolvedRun(problem=messages.sentence(str(error)))
    n_channels = 1 if axis is None or values.slice_axis is not None else source.shape[axis] - source.alpha
    shown = 1 if values.mode == TOGETHER else n_channels
    return ResolvedRun(ks, request, n_layers, source.n_bytes * len(ks), shown, notice=_notice(values, mode, saturation))


def _notice(values: FieldValues, mode: Mode, saturation: Saturation | None) -> str:
    """Return the sentences to show before the run; may be empty."""
    notices = [] if values.slice_axis is None else [messages.EACH_SLICE]
    if saturation is not None:
        notices.append(saturated_sentence(saturation, in_colors=mode == "color"))
    return " ".join(notices)


def _layers_problem(values: FieldValues, source: Source, n_ks: int, n_layers: int) -> str:
    """Return why so many layers cannot be quantized together, or made; an empty string if they can."""
    if values.mode == TOGETHER and not 2 <= source.shape[0] <= MAX_CHANNELS:
        return messages.wrong_number_of_channels(source.shape[0], MAX_CHANNELS)
    return messages.too_many_layers(n_ks, n_layers, MAX_LAYERS) if n_layers > MAX_LAYERS else ""


def _slices_problem(values: FieldValues, source: Source, k: int) -> str:
    """Return why slices cannot have levels of their own; an empty string if there is no problem."""
    if values.slice_axis is None:
        return ""
    if values.mode == TOGETHER:
        return messages.SLICES_HAVE_LEVELS
    n_slices = source.shape[values.slice_axis]
    if n_slices > MAX_SLICES or n_slices * k > MAX_K:
        return messages.too_many_slices(n_slices, k, MAX_SLICES, MAX_K)
    return ""


def ranges_to_ignore(
    choice: str, dtype: np.dtype, limits: tuple[float, float], saturation: Saturation | None = None
) -> tuple[IgnoredRange, ...]:
    """Return the ranges of values not to learn from, as `fit` takes them.

    Raises
    ------
    ValueError
        If images of this dtype or layer have no such values.
    """
    if choice == "zeros":
        return ((0, 0),)
    if choice == "saturated":
        if saturation is None:  # integers are always counted
            raise ValueError(f"images of dtype {dtype} have no saturated value: ignore something else")
        return ((saturation.value, None),)
    if choice == "outside":
        return _outside(dtype, *limits)
    return ()


def _outside(dtype: np.dtype, low: float, high: float) -> tuple[IgnoredRange, ...]:
    if low >= high:
        raise ValueError("there are no display limits that all channels share: ignore something else")
    if dtype.kind in "biu":
        return ((None, math.ceil(low) - 1), (math.floor(high) + 1, None))
    # The limits are inclusive, so take the next values of the image's dtype beyond them. In float64 the next values
    # would round back to the limits themselves for a float32 image.
    below, above = (
        np.nextafter(dtype.type(end), dtype.type(toward)) for end, toward in ((low, -np.inf), (high, np.inf))
    )
    return ((None, float(below)), (float(above), None))
