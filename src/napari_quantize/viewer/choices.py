"""What can be chosen in the dock: users' words, and the values that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from napari_quantize.core.arguments import MAX_CHANNELS

if TYPE_CHECKING:
    from napari_quantize.viewer.layers import Source

TOGETHER = "together"
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


def kind_of(source: Source | None, axis: object, *, together: bool) -> str:
    """Return which of `MODES` fit an image with this axis for its channels, or several selected layers."""
    if source is None or not (source.rgb or isinstance(axis, int)):
        return "layers" if together else "one channel"
    if source.rgb:
        return "photo"
    return "channels" if source.shape[cast("int", axis)] <= MAX_CHANNELS else "many channels"
