"""*Make labels*: the classes of the current result as a Labels layer, made in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap
from qtpy.compat import isalive

from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.viewer.family.finders import layer_by_id
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels import model
from napari_quantize.viewer.labels.colors import repeated_colors
from napari_quantize.viewer.labels.model import LabelOptions, LabelsRequest, NewLabels, make, why_none
from napari_quantize.viewer.layers.axes import Axes
from napari_quantize.viewer.layers.labels_provenance import LabelsMark, mark_of
from napari_quantize.viewer.layers.sources import Source, geometry_of, set_geometry
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.labels.button import LabelsButton
    from napari_quantize.viewer.layers.provenance import Provenance

_OPACITY = 0.7


@dataclass(frozen=True)
class _Target:
    """Whose labels were asked for, and where they shall go: what is known before the work."""

    result: Image
    made: Provenance
    place: dict[str, Any]
    options: LabelOptions
    earlier: Labels | None


class LabelMaker:
    """Makes labels of the result that is shown, whenever the button asks for it.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    family : Family
        Knows the result.
    button : LabelsButton
        Asks, and holds the options.
    say : callable
        Shows a notice.
    """

    def __init__(self, viewer: Viewer, family: Family, button: LabelsButton, say: Callable[[str], None]) -> None:
        self._viewer, self._family, self._button, self._say = viewer, family, button, say
        self._background = Background(button)
        self._source_id = ""
        button.wanted.connect(self._on_wanted)
        button.stopped.connect(self._on_stopped)
        button.opened.connect(self._show_options)

    def close_down(self) -> None:
        """Stop what goes on in the background."""
        self._background.close()
        self._button.show_busy(False)

    def _on_stopped(self) -> None:
        self._background.cancel()
        self._end("")

    def _on_wanted(self) -> None:
        self._show_options()
        shown = self._family.shown()
        reason = why_none(shown)
        if reason or shown.current is None or shown.source is None:
            self._say(reason)
            return
        result, made = shown.current
        parts = _parts_of(self._viewer, made, shown.source)
        lost = [name for layer, name in parts if layer is None]
        if lost:
            self._say(labels_messages.lost_channel(lost[0]))
            return
        self._start(result, made, shown.source, [layer for layer, _ in parts if layer is not None])

    def _start(self, result: Image, made: Provenance, source: Image, parts: list[Image]) -> None:
        options = self._button.form.options
        earlier = _earlier(self._viewer, made, options)
        target = _Target(result, made, labels_place(made, source), options, earlier)
        codebook, data = made.codebook, Source.of(source)
        if made.together:
            data = data.joined([Source.of(part) for part in parts])
        request = LabelsRequest(
            codebook,
            data.data,
            channels_of(made, source),
            labels_axes(self._viewer, made, source),
            options,
            codebook.levels[0] / white_of(codebook.dtype) if source.rgb else None,
            None if earlier is None else earlier.data,
        )
        self._button.show_busy(True)
        self._background.do(
            partial(make, request, self._background.tick, self._background.tell),
            partial(self._on_made, target),
            self._on_failed,
            self._on_told,
        )

    def _on_told(self, what: str) -> None:
        if isalive(self._button):
            self._say(what)

    def _on_failed(self, message: str) -> None:
        if isalive(self._button):
            self._end(sentence(message))

    def _on_made(self, target: _Target, made: NewLabels) -> None:
        if not isalive(self._button):
            return
        if target.result not in self._viewer.layers:
            self._end(labels_messages.GONE)
            return
        self._family.free_canvas()  # labels lie over the image: beside it they are of no use
        earlier = target.earlier if target.earlier in self._viewer.layers else None
        painted = earlier.name if earlier is not None and not _is_untouched(earlier, made.earlier) else ""
        if earlier is not None and not painted:
            layer = earlier
            _fill(layer, made, target.place)
            _sign(layer, target, made)
        else:
            layer = _new_layer(target, made)
            _sign(layer, target, made)  # before the viewer tells of the layer: the dock looks for it
            self._viewer.add_layer(layer)
        layer.visible = True
        # Only of the active layer napari shows what lies under the cursor.
        self._viewer.layers.selection.active = layer
        self._end(model.done_sentence(layer.name, made, target.options, painted))

    def _end(self, message: str) -> None:
        self._button.show_busy(False)
        self._say(message)

    def _show_options(self) -> None:
        """Show the options for the image that is there now; what was chosen for another's planes is forgotten."""
        form, source, current = self._button.form, self._family.source, self._family.current
        if source is None or current is None:
            return
        options = form.options
        if str(source.unique_id) != self._source_id:
            self._source_id = str(source.unique_id)
            options = replace(options, through=None)
        axes = labels_axes(self._viewer, current[1], source)
        form.show_options(options, has_planes=len(axes.spatial) > 2, goes_through=axes.goes_through)


def _parts_of(viewer: Viewer, made: Provenance, source: Image) -> list[tuple[Image | None, str]]:
    """Return the layers that were quantized, None for those that are gone, with their names."""
    if not made.together:
        return [(source, source.name)]
    return [(layer_by_id(viewer, layer_id), name) for layer_id, name in made.together]


def _earlier(viewer: Viewer, made: Provenance, options: LabelOptions) -> Labels | None:
    """Return the labels, or objects, that were made of this result last."""
    for layer in reversed(viewer.layers):
        mark = mark_of(layer)
        if mark is not None and mark.result == _identity(made) and mark.options["split"] == options.split:
            return layer
    return None


def _identity(made: Provenance) -> str:
    """Return what a result is: of layers that were quantized together, each holds only a channel of it."""
    return repr(made.way[1:]) if made.together else made.layer_id


def _is_untouched(layer: Labels, digest: str) -> bool:
    """Return whether the user has not changed a labels layer; `digest` is that of its labels now."""
    mark = mark_of(layer)
    return mark is not None and mark.digest == digest and mark.columns == list(layer.features.columns)


def _new_layer(target: _Target, made: NewLabels) -> Labels:
    name = f"{'objects' if target.options.split else 'labels'} {target.result.name}"
    colormap = _colormap(made)
    return Labels(made.labels, name=name, features=made.features, colormap=colormap, opacity=_OPACITY, **target.place)


def _sign(layer: Labels, target: _Target, made: NewLabels) -> None:
    LabelsMark(
        layer_id=str(layer.unique_id),
        result_id=str(target.result.unique_id),
        result=_identity(target.made),
        options=asdict(target.options),
        digest=made.digest,
        columns=list(made.features),
    ).write(layer)


def _fill(layer: Labels, made: NewLabels, place: dict[str, Any]) -> None:
    """Give a layer new labels; its name and opacity stay the user's."""
    layer.data = made.labels
    layer.features = made.features
    # The rest only where it differs: each makes napari colour all the labels again.
    if made.colors is not None:
        layer.colormap = _colormap(made)
    set_geometry(layer, place)


def _colormap(made: NewLabels) -> Any:
    if made.colors is None:
        # napari's own have some that are nearly black, as most images' background is.
        return CyclicLabelColormap(colors=repeated_colors())
    return DirectLabelColormap(color_dict=made.colors)


def channels_of(made: Provenance, source: Image) -> tuple[str, ...]:
    """Return names of the channels of colours; none where a pixel has one value."""
    if made.codebook.mode != "color":
        return ()
    if made.together:
        return tuple(name for _, name in made.together)
    n_channels = made.codebook.levels[0].shape[1]
    return ("R", "G", "B") if source.rgb else tuple(f"c{channel}" for channel in range(n_channels))


def labels_place(made: Provenance, source: Image) -> dict[str, Any]:
    """Return where the labels of a result lie: where the image does, without an axis of channels if a pixel is one."""
    place, dropped = geometry_of(source), _dropped(made, source)
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
    channel = None if made.together or made.codebook.mode == "color" else made.codebook.channel_axis
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
    axis = made.codebook.channel_axis
    if axis is None or source.rgb or made.together or not made.in_colors:
        return None
    return axis % int(source.ndim)
