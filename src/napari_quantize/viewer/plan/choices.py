"""What can be chosen in the dock: users' words, and the values that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from napari_quantize.core.request.request import MAX_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_quantize.viewer.layers.sources import Source

TOGETHER = "together"
UNANSWERED: Final = "unanswered"
"""Of the channels' axis: only the user can tell, and has not yet."""
_COLOURS = ("Colours", "color")
_LEVELS = [("Levels, same for all", "global"), ("Levels, own for each", "per_channel")]
MODES = {
    "one channel": [("Levels", "global")],
    "channels": [*_LEVELS, _COLOURS],
    "many channels": _LEVELS,
    "layers": [("Levels", "global"), ("Colours, several layers", TOGETHER)],
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
    """Say in the title of the folded options what is chosen there; `learnt_from` is empty for the whole image."""
    named = {value: name for name, value in METHODS}[method]
    parts = [named] if method == "exact" else [named, f"seed {seed}"]
    if learnt_from:
        parts.append(learnt_from)
    if ignore != "nothing":
        parts.append(f"ignoring {({value: name for name, value in IGNORED})[ignore]}")
    return f"Options  {' · '.join(parts)}"


def axis_choices(source: Source, answers: Mapping[str, int | None]) -> tuple[list[tuple[str, Any]], Any]:
    """Return which axes of an image can hold its channels, and which one is taken.

    Parameters
    ----------
    source : Source
        The image.
    answers : mapping of str to int or None
        What the user has said of layers, by their id.
    """
    axes = source.possible_channel_axes()
    choices: list[tuple[str, Any]] = [(f"axis {axis}, {source.shape[axis]} entries", axis) for axis in axes]
    if source.rgb:
        return choices, None
    unsaid = UNANSWERED if source.is_doubtful() else source.known_channel_axis()
    wanted = answers.get(source.layer_id, unsaid)
    if wanted not in (*axes, None):  # answered for other data of this layer
        wanted = unsaid
    if wanted == UNANSWERED:
        choices.append(("not said yet", UNANSWERED))
    return choices, wanted


def kind_of(source: Source | None, axis: object, *, together: bool) -> str:
    """Return which of `MODES` fit an image with this axis for its channels, or several selected layers."""
    if source is None or not (source.rgb or isinstance(axis, int)):
        return "layers" if together else "one channel"
    if source.rgb:
        return "photo"
    return "channels" if source.shape[cast("int", axis)] <= MAX_CHANNELS else "many channels"
