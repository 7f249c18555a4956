"""Choices of the fields: the words that users see, and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from napari_quantize.core.request.request import MAX_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_quantize.viewer.layers.sources import Source

TOGETHER = "together"
UNANSWERED: Final = "unanswered"
"""Value of the channel axis until the user has answered whether the first axis holds channels."""
_COLOURS = ("Colours", "color")
_LEVELS = [("Levels, same for all", "global"), ("Levels, own for each", "per_channel")]
# The first entry is chosen at first: channels of a microscope differ in strength, so that shared levels would all go to
# the brightest one.
MODES = {
    "one channel": [("Levels", "global")],
    "channels": [*_LEVELS[::-1], _COLOURS],
    "many channels": _LEVELS[::-1],
    "layers": [("Levels", "global"), ("Classes of several channels", TOGETHER)],
    "photo": [_COLOURS, *_LEVELS],
}
METHODS = [("MiniBatchKMeans", "minibatch"), ("K-means (Lloyd)", "lloyd"), ("Best possible (exact)", "exact")]
IGNORED = [
    ("nothing", "nothing"),
    ("zeros", "zeros"),
    ("saturated values", "saturated"),
    ("what is outside the display limits", "outside"),
]


def options_title(method: str, seed: int, learnt_from: str, ignore: str) -> str:
    """Return the title of the options, which names those that are not default; `learnt_from` may be empty."""
    named = {value: name for name, value in METHODS}[method]
    parts = [named] if method == "exact" else [named, f"seed {seed}"]
    if learnt_from:
        parts.append(learnt_from)
    if ignore != "nothing":
        parts.append(f"ignoring {({value: name for name, value in IGNORED})[ignore]}")
    return f"Options  {' · '.join(parts)}"


def axis_choices(source: Source, answers: Mapping[str, int | None]) -> tuple[list[tuple[str, Any]], Any]:
    """Return the choices for the channel axis of an image, and the one to preselect.

    Parameters
    ----------
    source : Source
        The image.
    answers : mapping of str to int or None
        The user's answers for layers, by layer id.
    """
    axes = source.possible_channel_axes()
    choices: list[tuple[str, Any]] = [(f"axis {axis}, {source.shape[axis]} entries", axis) for axis in axes]
    if source.rgb:
        return choices, None
    default = UNANSWERED if source.has_unclear_channel_axis() else source.known_channel_axis()
    preselected = answers.get(source.layer_id, default)
    if preselected not in (*axes, None):  # the answer was for other data of this layer
        preselected = default
    if preselected == UNANSWERED:
        choices.append(("not said yet", UNANSWERED))
    return choices, preselected


def image_kind(source: Source | None, axis: object, *, together: bool) -> str:
    """Return the key of `MODES` for an image with this channel axis; `together` if others can be channels with it."""
    if source is None or not (source.rgb or isinstance(axis, int)):
        return "layers" if together else "one channel"
    if source.rgb:
        return "photo"
    return "channels" if source.shape[cast("int", axis)] <= MAX_CHANNELS else "many channels"
