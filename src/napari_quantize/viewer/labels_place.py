"""Where the labels of a result lie, and what their axes are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize.viewer.axes import Axes
from napari_quantize.viewer.layers import place_of

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.provenance import Provenance


def channels_of(made: Provenance, source: Image) -> tuple[str, ...]:
    """Return names of the channels of colours; none where a pixel has one value."""
    if made.codebook["mode"] != "color":
        return ()
    if made.together:
        return tuple(name for _, name in made.together)
    n_channels = len(made.codebook["levels"][0][0])
    return ("R", "G", "B") if source.rgb else tuple(f"c{channel}" for channel in range(n_channels))


def labels_place(made: Provenance, source: Image) -> dict[str, Any]:
    """Return where the labels of a result lie: where the image does, without an axis of channels if a pixel is one."""
    place, dropped = place_of(source), _dropped(made, source)
    if dropped is None:
        return place
    n = source.ndim
    rest = [axis for axis in range(n) if axis != dropped]
    shear = np.asarray(place["shear"], dtype=float)
    if shear.ndim == 1:  # the upper triangle of a matrix, row by row
        matrix = np.eye(n)
        matrix[np.triu_indices(n, 1)] = shear
        shear = matrix
    affine = [*rest, n]
    return {
        **{name: np.asarray(place[name])[rest] for name in ("scale", "translate")},
        **{name: tuple(place[name][axis] for axis in rest) for name in ("units", "axis_labels")},
        "rotate": np.asarray(place["rotate"])[np.ix_(rest, rest)],
        "shear": shear[np.ix_(rest, rest)],
        "affine": np.asarray(place["affine"])[np.ix_(affine, affine)],
    }


def labels_axes(viewer: Viewer, made: Provenance, source: Image) -> Axes:
    """Return the axes of a result's labels, as the viewer shows them."""
    dropped = _dropped(made, source)
    channel = None if made.together or made.codebook["mode"] == "color" else made.codebook["channel_axis"]
    axes = Axes.of(source, viewer.dims, None if channel is None else channel % int(source.ndim))
    return axes if dropped is None else _without(axes, dropped)


def _without(axes: Axes, dropped: int) -> Axes:
    """Return the axes, counted anew without one of them, that of the channels."""
    rest = [axis for axis in range(len(axes.names)) if axis != dropped]
    return Axes(
        tuple(axes.names[axis] for axis in rest),
        tuple(axes.units[axis] for axis in rest),
        tuple(axes.scale[axis] for axis in rest),
        tuple(rest.index(axis) for axis in axes.order if axis != dropped),
        volume=axes.volume,
    )


def _dropped(made: Provenance, source: Image) -> int | None:
    """Return the layer's axis that labels do not have: channels of colours. RGB is no axis to napari."""
    if source.rgb or made.together or made.codebook["mode"] != "color":
        return None
    axis, ndim = made.codebook["channel_axis"], int(source.ndim)
    return int(axis) % ndim
