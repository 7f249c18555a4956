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
from napari_quantize.viewer.family.find_layers import layer_by_id
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels import model
from napari_quantize.viewer.labels.colors import repeated_colors
from napari_quantize.viewer.labels.model import LabelOptions, LabelsRequest, NewLabels, make_labels, why_no_labels
from napari_quantize.viewer.layers.axes import Axes
from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance, labels_provenance_of
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
    """The result whose labels are made, and how its layer will be: fixed before the work starts."""

    result: Image
    provenance: Provenance
    geometry: dict[str, Any]
    options: LabelOptions
    earlier: Labels | None


class LabelsController:
    """Make labels of the current result when the user presses the button.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        The viewer.
    family : Family
        The model.
    button : LabelsButton
        The button, which holds the options.
    show_notice : callable
        Shows a notice.
    """

    def __init__(
        self, viewer: Viewer, family: Family, button: LabelsButton, show_notice: Callable[[str], None]
    ) -> None:
        self._viewer, self._family, self._button, self._show_notice = viewer, family, button, show_notice
        self._background = Background(button)
        self._source_id = ""
        button.requested.connect(self._on_requested)
        button.cancel_requested.connect(self._on_cancel_requested)
        button.menu_opened.connect(self._show_options)

    def close_down(self) -> None:
        """Stop the background work."""
        self._background.close()
        self._button.show_busy(False)

    def _on_cancel_requested(self) -> None:
        self._background.cancel()
        self._finish("")

    def _on_requested(self) -> None:
        self._show_options()
        shown = self._family.snapshot()
        reason = why_no_labels(shown)
        if reason or shown.current is None or shown.source is None:
            self._show_notice(reason)
            return
        result, provenance = shown.current
        layers = _quantized_layers(self._viewer, provenance, shown.source)
        missing = [name for layer, name in layers if layer is None]
        if missing:
            self._show_notice(labels_messages.missing_channel(missing[0]))
            return
        self._start(result, provenance, shown.source, [layer for layer, _ in layers if layer is not None])

    def _start(self, result: Image, provenance: Provenance, source: Image, layers: list[Image]) -> None:
        options = self._button.form.options
        earlier = _earlier(self._viewer, provenance, options)
        target = _Target(result, provenance, labels_geometry(provenance, source), options, earlier)
        codebook, data = provenance.codebook, Source.of(source)
        if provenance.together:
            data = data.joined([Source.of(part) for part in layers])
        request = LabelsRequest(
            codebook,
            data.data,
            channels_of(provenance, source),
            labels_axes(self._viewer, provenance, source),
            options,
            codebook.levels[0] / white_of(codebook.dtype) if source.rgb else None,
            None if earlier is None else earlier.data,
        )
        self._button.show_busy(True)
        self._background.submit(
            partial(make_labels, request, self._background.tick, self._background.deliver),
            partial(self._on_labels, target),
            self._on_failed,
            self._on_progress,
        )

    def _on_progress(self, text: str) -> None:
        if isalive(self._button):
            self._show_notice(text)

    def _on_failed(self, message: str) -> None:
        if isalive(self._button):
            self._finish(sentence(message))

    def _on_labels(self, target: _Target, new: NewLabels) -> None:
        if not isalive(self._button):
            return
        if target.result not in self._viewer.layers:
            self._finish(labels_messages.GONE)
            return
        # In napari's grid, the labels would get a cell of their own instead of lying on the image.
        self._family.release_canvas()
        # The user may have removed the earlier labels meanwhile. Whether they were painted on, the thread has found
        # out, since the digest of a large array takes long.
        earlier = target.earlier if target.earlier in self._viewer.layers else None
        painted = earlier.name if earlier is not None and not _is_unchanged(earlier, new.earlier) else ""
        if earlier is not None and not painted:
            layer = earlier
            _replace_labels(layer, new, target.geometry)
            _write_provenance(layer, target, new)
        else:
            layer = _new_layer(target, new)
            _write_provenance(
                layer, target, new
            )  # before the viewer emits `inserted`: the dock then reads its provenance
            self._viewer.add_layer(layer)
        layer.visible = True
        # napari's status bar shows label and features under the cursor for the active layer only.
        self._viewer.layers.selection.active = layer
        self._finish(model.done_sentence(layer.name, new, target.options, painted))

    def _finish(self, message: str) -> None:
        self._button.show_busy(False)
        self._show_notice(message)

    def _show_options(self) -> None:
        """Show the options for the current source. Another source resets the choice on planes."""
        form, source, current = self._button.form, self._family.source, self._family.current
        if source is None or current is None:
            return
        options = form.options
        if str(source.unique_id) != self._source_id:
            self._source_id = str(source.unique_id)
            options = replace(options, through=None)
        axes = labels_axes(self._viewer, current[1], source)
        form.show_options(options, has_planes=len(axes.spatial) > 2, goes_through=axes.forms_volume)


def _quantized_layers(viewer: Viewer, provenance: Provenance, source: Image) -> list[tuple[Image | None, str]]:
    """Return the layers that were quantized, None for removed ones, with their names."""
    if not provenance.together:
        return [(source, source.name)]
    return [(layer_by_id(viewer, layer_id), name) for layer_id, name in provenance.together]


def _earlier(viewer: Viewer, provenance: Provenance, options: LabelOptions) -> Labels | None:
    """Return the newest layer of labels of this result, or of objects if the options split; None if there is none."""
    for layer in reversed(viewer.layers):
        labels_provenance = labels_provenance_of(layer)
        if (
            labels_provenance is not None
            and labels_provenance.result == _identity(provenance)
            and labels_provenance.options["split"] == options.split
        ):
            return layer
    return None


def _identity(provenance: Provenance) -> str:
    """Return a key of the result that labels are made of.

    Layers that were quantized together share one, since each of them holds only a channel of the result.
    """
    return repr(provenance.settings_key[1:]) if provenance.together else provenance.layer_id


def _is_unchanged(layer: Labels, digest: str) -> bool:
    """Return whether the user has left a labels layer as it was made; `digest` is that of its present labels."""
    labels_provenance = labels_provenance_of(layer)
    return (
        labels_provenance is not None
        and labels_provenance.digest == digest
        and labels_provenance.columns == list(layer.features.columns)
    )


def _new_layer(target: _Target, new: NewLabels) -> Labels:
    name = f"{'objects' if target.options.split else 'labels'} {target.result.name}"
    colormap = _colormap(new)
    return Labels(new.labels, name=name, features=new.features, colormap=colormap, opacity=_OPACITY, **target.geometry)


def _write_provenance(layer: Labels, target: _Target, new: NewLabels) -> None:
    LabelsProvenance(
        layer_id=str(layer.unique_id),
        result_id=str(target.result.unique_id),
        result=_identity(target.provenance),
        options=asdict(target.options),
        digest=new.digest,
        columns=list(new.features),
    ).write(layer)


def _replace_labels(layer: Labels, new: NewLabels, geometry: dict[str, Any]) -> None:
    """Give a layer new labels; keep its name and opacity, which the user may have set."""
    layer.data = new.labels
    layer.features = new.features
    # Setting a colormap makes napari colour all labels again, so leave the one for any number of labels as it is.
    if new.colors is not None:
        layer.colormap = _colormap(new)
    set_geometry(layer, geometry)


def _colormap(new: NewLabels) -> Any:
    if new.colors is None:
        # Some of napari's own colours are nearly black, like the background of most images.
        return CyclicLabelColormap(colors=repeated_colors())
    return DirectLabelColormap(color_dict=new.colors)


def channels_of(provenance: Provenance, source: Image) -> tuple[str, ...]:
    """Return the names of the channels of colours; none if a pixel has one value."""
    if provenance.codebook.mode != "color":
        return ()
    if provenance.together:
        return tuple(name for _, name in provenance.together)
    n_channels = provenance.codebook.levels[0].shape[1]
    return ("R", "G", "B") if source.rgb else tuple(f"c{channel}" for channel in range(n_channels))


def labels_geometry(provenance: Provenance, source: Image) -> dict[str, Any]:
    """Return the geometry of a result's labels: that of the image, without the channel axis if classes are colours."""
    geometry, dropped_axis = geometry_of(source), _dropped_axis(provenance, source)
    if dropped_axis is None:
        return geometry
    n = source.ndim
    rest = [axis for axis in range(n) if axis != dropped_axis]
    shear = np.asarray(geometry["shear"], dtype=float)
    if shear.ndim == 1:  # napari accepts the upper triangle of the matrix, row by row
        matrix = np.eye(n)
        matrix[np.triu_indices(n, 1)] = shear
        shear = matrix
    affine = [*rest, n]
    return {
        **{name: np.asarray(geometry[name])[rest] for name in ("scale", "translate")},
        **{name: tuple(geometry[name][axis] for axis in rest) for name in ("units", "axis_labels")},
        "rotate": np.asarray(geometry["rotate"])[np.ix_(rest, rest)],
        "shear": shear[np.ix_(rest, rest)],
        "affine": np.asarray(geometry["affine"])[np.ix_(affine, affine)],
    }


def labels_axes(viewer: Viewer, provenance: Provenance, source: Image) -> Axes:
    """Return the axes of a result's labels, in the order in which the viewer shows them."""
    dropped_axis = _dropped_axis(provenance, source)
    channel = None if provenance.together or provenance.codebook.mode == "color" else provenance.codebook.channel_axis
    axes = Axes.of(source, viewer.dims, None if channel is None else channel % int(source.ndim))
    return axes if dropped_axis is None else _without(axes, dropped_axis)


def _without(axes: Axes, dropped_axis: int) -> Axes:
    """Return the axes without one of them, and renumber the others."""
    rest = [axis for axis in range(len(axes.names)) if axis != dropped_axis]
    return Axes(
        tuple(axes.names[axis] for axis in rest),
        tuple(axes.units[axis] for axis in rest),
        tuple(axes.scale[axis] for axis in rest),
        tuple(rest.index(axis) for axis in axes.order if axis != dropped_axis),
        displayed_in_3d=axes.displayed_in_3d,
    )


def _dropped_axis(provenance: Provenance, source: Image) -> int | None:
    """Return the channel axis of colours, which labels lack; None if there is none, as in RGB layers of napari."""
    axis = provenance.codebook.channel_axis
    if axis is None or source.rgb or provenance.together or not provenance.in_colors:
        return None
    return axis % int(source.ndim)
