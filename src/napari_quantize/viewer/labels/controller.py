"""*Make labels*: the classes of the current result as a Labels layer, made in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Labels
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap
from napari.utils.notifications import show_error
from qtpy.compat import isalive

from napari_quantize.viewer.family.find_layers import identity_of, layer_by_id, list_labels, list_sources, sources_of
from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels import model
from napari_quantize.viewer.labels.colors import repeated_colors
from napari_quantize.viewer.labels.geometry import (
    dropped_axis,
    labels_axes,
    labels_geometry,
    labels_world,
    spread_axis,
)
from napari_quantize.viewer.labels.model import LabelsRequest, NewLabels, make_labels, why_no_labels
from napari_quantize.viewer.labels.options import LabelChoices, LabelOptions
from napari_quantize.viewer.labels.tables import LabelsTables
from napari_quantize.viewer.layers.axes import displayed_axes, pixel_at, plain_shape
from napari_quantize.viewer.layers.cache import DataVersion, data_version
from napari_quantize.viewer.layers.labels_provenance import LabelsProvenance, labels_provenance_of
from napari_quantize.viewer.layers.pixel_size import pixel_size_of
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.sources import Source, channel_colors, geometry_key, set_geometry
from napari_quantize.viewer.measure.staleness import StalenessCheck
from napari_quantize.viewer.messages import sentence
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.file_notices import notify_saved
from napari_quantize.viewer.widgets.plot import ask_path

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.core.request.request import Tick
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.labels.button import LabelsButton
    from napari_quantize.viewer.layers.provenance import Provenance

_OPACITY = 0.7


@dataclass(frozen=True)
class _Target:
    """The result whose labels are made, and how their layers will be: fixed before the work starts."""

    result: Image
    provenance: Provenance
    source: Image
    sources: tuple[Image, ...]
    source_versions: tuple[DataVersion, ...]
    geometry: dict[str, Any]
    options: LabelOptions
    channels: tuple[str, ...]
    earlier: dict[int | None, Labels]
    versions: dict[int | None, DataVersion]

    @property
    def problem(self) -> str:
        """Why labels that were made of this cannot be shown, after the user has changed layers; empty if they can."""
        if provenance_of(self.result) != self.provenance:
            return labels_messages.REPLACED
        if tuple(map(data_version, self.sources)) != self.source_versions:
            return labels_messages.CHANGED
        is_moved = geometry_key(labels_geometry(self.provenance, self.source)) != geometry_key(self.geometry)
        return labels_messages.MOVED if is_moved else ""

    def channel_name(self, new: NewLabels) -> str:
        """Return the name of the channel of new labels; empty if a pixel has one class."""
        return "" if new.channel is None else self.channels[new.channel]


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
        self._saving = Background(button)
        button.requested.connect(self._on_requested)
        button.cancel_requested.connect(self._on_cancel_requested)
        button.menu_opened.connect(self._show_options)
        button.save_requested.connect(self._on_save_requested)

    def close_down(self) -> None:
        """Stop the background work."""
        self._background.close()
        self._saving.close()
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
        layers = sources_of(self._viewer, provenance)
        if not layers:
            missing = [name for layer_id, name in provenance.together if layer_by_id(self._viewer, layer_id) is None]
            self._show_notice(labels_messages.missing_channel(missing[0]))
            return
        check = StalenessCheck.of(result, provenance, layers)
        changed = check.recall()
        if changed:
            self._show_notice(labels_messages.CHANGED)
        else:
            self._start(result, provenance, shown.source, layers, check if changed is None else None)

    def _start(
        self,
        result: Image,
        provenance: Provenance,
        source: Image,
        layers: list[Image],
        check: StalenessCheck | None,
    ) -> None:
        """Start to make labels; with a `check`, only if the image is as it was."""
        options, channels = self._button.form.options, _channels_of(provenance, source)
        codebook, data = provenance.codebook, Source.of(source)
        if provenance.together:
            data = data.joined([Source.of(part) for part in layers])
        indices = range(len(channels)) if options.channel is None else (options.channel,)
        chosen: tuple[int, ...] = tuple(indices) if channels else ()
        names: dict[int | None, str] = {index: channels[index] for index in chosen} or {None: ""}
        found = {index: _earlier(self._viewer, provenance, options, name) for index, name in names.items()}
        earlier = {index: layer for index, layer in found.items() if layer is not None}
        others = [layer_by_id(self._viewer, layer_id) for layer_id in options.others]
        request = LabelsRequest(
            codebook,
            data.data,
            labels_axes(self._viewer, provenance, source),
            options,
            labels_world(provenance, source),
            rgb=source.rgb,
            channel_axis=codebook.channel_axis if provenance.in_colors or channels else None,
            channel_names=_column_names(provenance, source, len(channels)),
            channels=chosen,
            slice_axis=None if provenance.slice_axis is None else provenance.slice_axis % int(source.ndim),
            spread_axis=spread_axis(provenance, source),
            white=provenance.white,
            channel_colors=channel_colors(layers) if provenance.together else None,
            others=tuple(Source.of(layer) for layer in others if layer is not None),
            earlier={index: layer.data for index, layer in earlier.items()},
        )
        versions = {index: data_version(layer) for index, layer in earlier.items()}
        target = _Target(
            result,
            provenance,
            source,
            tuple(layers),
            tuple(map(data_version, layers)),
            labels_geometry(provenance, source),
            options,
            channels,
            earlier,
            versions,
        )
        self._button.show_busy(True)
        self._background.submit(
            partial(_make_labels, request, check, self._background.tick, self._background.deliver),
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

    def _on_labels(self, target: _Target, made: list[NewLabels]) -> None:
        if not isalive(self._button):
            return
        if target.result not in self._viewer.layers:
            self._finish(labels_messages.GONE)
            return
        if target.problem:
            self._finish(target.problem)
            return
        # In napari's grid, the labels would get a cell of their own instead of lying on the image.
        self._family.release_canvas()
        layers: list[Labels] = []
        painted: list[str] = []
        for new in made:
            layer, changed = self._show_labels(target, new)
            # Those of several channels would cover each other.
            layer.visible = not layers
            layers.append(layer)
            painted += changed
        # napari's status bar shows label and features under the cursor for the active layer only.
        self._viewer.layers.selection.active = layers[0]
        self._finish(model.done_sentence([layer.name for layer in layers], made, target.options, painted))

    def _show_labels(self, target: _Target, new: NewLabels) -> tuple[Labels, list[str]]:
        """Return the layer that shows new labels, and the name of the earlier one if the user has changed that."""
        # The user may have removed the earlier labels meanwhile. Whether they were painted on, the thread has found
        # out, since the digest of a large array takes long.
        earlier = target.earlier.get(new.channel)
        if earlier is not None and earlier in self._viewer.layers:
            # Else the digest is of other labels: the user has painted, or set others, while these were made.
            is_same = data_version(earlier) == target.versions[new.channel]
            if is_same and _is_unchanged(earlier, new.earlier):
                _replace_labels(earlier, new, target.geometry)
                _write_provenance(earlier, target, new)
                return earlier, []
            changed = [earlier.name]
        else:
            changed = []
        layer = _new_layer(target, new)
        # Before the viewer emits `inserted`: the dock then reads its provenance.
        _write_provenance(layer, target, new)
        self._viewer.add_layer(layer)
        return layer, changed

    def _finish(self, message: str) -> None:
        self._button.show_busy(False)
        self._show_notice(message)

    def _show_options(self) -> None:
        """Show the options, and what they offer for the current result."""
        source, current = self._family.source, self._family.current
        if source is not None and current is not None:
            self._button.form.show_choices(self._choices_of(source, current[1]))

    def _choices_of(self, source: Image, provenance: Provenance) -> LabelChoices:
        axes, channels = labels_axes(self._viewer, provenance, source), _channels_of(provenance, source)
        dropped = dropped_axis(provenance, source)
        shape = tuple(length for axis, length in enumerate(plain_shape(source)) if axis != dropped)
        measured = {str(source.unique_id), *(layer_id for layer_id, _ in provenance.together)}
        others = [layer for layer in list_sources(self._viewer) if str(layer.unique_id) not in measured]
        return LabelChoices(
            str(source.unique_id),
            max(map(len, provenance.codebook.levels)),
            len(axes.spatial) > 2,
            axes.forms_volume,
            (pixel_size_of(axes, axes.connected_axes(False)), pixel_size_of(axes, axes.connected_axes(True))),
            channels,
            _shown_channel(self._viewer, provenance, source) if channels else None,
            tuple((str(layer.unique_id), layer.name) for layer in others if plain_shape(layer) == shape),
        )

    # The table

    def _on_save_requested(self) -> None:
        source, current = self._family.source, self._family.current
        tables = LabelsTables([], []) if current is None else LabelsTables.of(self._viewer, source, current[1])
        if not tables.measured:
            self._show_notice(labels_messages.OUTDATED if tables.outdated else labels_messages.NO_LABELS)
        elif not all(each.table.columns for each in tables.measured):
            self._show_notice(labels_messages.NO_TABLE)
        else:
            name = f"{tables.measured[0].table.file} labels"
            path = ask_path(self._button, labels_messages.SAVE_TITLE, name, "CSV (*.csv)", (".csv",))
            if path is not None:
                self._saving.submit(partial(tables.save, path), partial(self._on_saved, path), self._on_not_saved)

    def _on_saved(self, path: Path, notice: str) -> None:
        notify_saved(path)
        if notice and isalive(self._button):
            self._show_notice(notice)

    def _on_not_saved(self, message: str) -> None:
        show_error(sentence(message))


def _make_labels(
    request: LabelsRequest, check: StalenessCheck | None, tick: Tick, tell: Callable[[str], object]
) -> list[NewLabels]:
    """Make labels, unless a check finds that the image has changed; called in a thread."""
    if check is not None and check.run(tick)[0]:
        raise ValueError(labels_messages.CHANGED)
    return make_labels(request, tick, tell)


def _earlier(viewer: Viewer, provenance: Provenance, options: LabelOptions, channel: str) -> Labels | None:
    """Return the newest layer of labels of this result and channel, or of objects if the options split."""
    for layer, each in reversed(list_labels(viewer, provenance)):
        if each.options["split"] == options.split and each.channel == channel:
            return layer
    return None


def _is_unchanged(layer: Labels, digest: str) -> bool:
    """Return whether the user has left a labels layer as it was made; `digest` is that of its present labels."""
    labels_provenance = labels_provenance_of(layer)
    return (
        labels_provenance is not None
        and labels_provenance.digest == digest
        and labels_provenance.columns == list(layer.features.columns)
    )


def _new_layer(target: _Target, new: NewLabels) -> Labels:
    channel = target.channel_name(new)
    name = f"{'objects' if target.options.split else 'labels'} {target.result.name}{channel and f', {channel}'}"
    colormap = _colormap(new)
    return Labels(new.labels, name=name, features=new.features, colormap=colormap, opacity=_OPACITY, **target.geometry)


def _write_provenance(layer: Labels, target: _Target, new: NewLabels) -> None:
    LabelsProvenance(
        layer_id=str(layer.unique_id),
        result_id=str(target.result.unique_id),
        result=identity_of(target.provenance),
        options=asdict(target.options),
        digest=new.digest,
        columns=list(new.features),
        channel=target.channel_name(new),
        result_digest=target.provenance.digest,
        geometry=geometry_key(target.geometry),
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


def _channels_of(provenance: Provenance, source: Image) -> tuple[str, ...]:
    """Return the names of the channels that have classes of their own; empty if a pixel has one class."""
    return () if provenance.together else model.own_channels(provenance, rgb=source.rgb)


def _column_names(provenance: Provenance, source: Image, n_own: int) -> tuple[str, ...]:
    """Return the names of the channels whose means are columns; none if a pixel has one value."""
    if provenance.together:
        return tuple(name for _, name in provenance.together)
    n_channels = provenance.codebook.levels[0].shape[1] if provenance.in_colors else n_own
    return ("R", "G", "B")[:n_channels] if source.rgb else tuple(f"c{channel}" for channel in range(n_channels))


def _shown_channel(viewer: Viewer, provenance: Provenance, source: Image) -> int | None:
    """Return the channel that the sliders show; None if the canvas shows all of them."""
    axis = dropped_axis(provenance, source)
    if axis is None or axis in displayed_axes(viewer.dims, source.ndim):
        return None
    channel = pixel_at(viewer.dims, source)[axis]
    # The image may have got more channels since.
    return channel if channel < len(model.own_channels(provenance, rgb=source.rgb)) else None
