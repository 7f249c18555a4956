"""*Remove results*, and *Undo*, which is possible until the next run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import LINKED, layer_by_id
from napari_quantize.viewer.family.view_modes import ViewMode
from napari_quantize.viewer.layers.chosen import user_work_of
from napari_quantize.viewer.layers.compat import leave_3d
from napari_quantize.viewer.layers.insertion import insert_layer
from napari_quantize.viewer.layers.sources import geometry_of, has_geometry, set_geometry
from napari_quantize.viewer.run.results import link_to_family
from napari_quantize.viewer.widgets.canvas import remove_soon
from napari_quantize.viewer.widgets.question import Question

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_quantize.viewer.dock.results_view import ResultsView
    from napari_quantize.viewer.family.model import Family
    from napari_quantize.viewer.fields.fields import InputFields
    from napari_quantize.viewer.run.controller import RunController


@dataclass(frozen=True)
class Removal:
    """Removed results, and what *Undo* restores. It keeps the ids of other layers, so that these can be freed.

    Attributes
    ----------
    source_id : str
        Id of their source.
    layers : tuple of Image
        The removed layers, in the order of the layer list.
    below : tuple of tuple of str
        For each of them the ids of the layers that were below it, from the bottom.
    visible : dict of str to bool
        Visibility of each member of the family in the user's own arrangement, by id.
    view_mode : ViewMode
        The view mode before.
    shown_like_source : frozenset of str
        Ids of the removed layers that had the contrast and colormap of their source.
    placed_like_source : frozenset of str
        Ids of the removed layers that were where their source was.
    """

    source_id: str
    layers: tuple[Image, ...]
    below: tuple[tuple[str, ...], ...]
    visible: dict[str, bool]
    view_mode: ViewMode
    shown_like_source: frozenset[str]
    placed_like_source: frozenset[str]


class RemoveController(QObject):
    """Remove the results of the shown family, and put them back.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the layers.
    family : Family
        The model.
    results_view : ResultsView
        Lower half of the dock, with the menu.
    inputs : InputFields
        Upper half of the dock, with the line of messages and of *Undo*.
    run_controller : RunController
        Runs, which end the possibility of *Undo* when they start.
    """

    def __init__(
        self,
        viewer: Viewer,
        family: Family,
        results_view: ResultsView,
        inputs: InputFields,
        run_controller: RunController,
    ) -> None:
        super().__init__(results_view)
        self._viewer, self._family, self._results_view = viewer, family, results_view
        self._inputs, self._run_controller = inputs, run_controller
        self._removal: Removal | None = None
        self._asked_ids: list[str] = []  # of the results that the question is about
        self._offer_timer = QTimer(self)  # the turn after that in which the layers are removed
        self._offer_timer.setSingleShot(True)
        self._offer_timer.timeout.connect(self._offer_undo)
        results_view.compare.remove.connect(self._on_remove)
        inputs.message_row.undo.connect(self._on_undo)

    def forget(self) -> None:
        """Free the removed layers: *Undo* is no longer possible."""
        self._removal = None
        self._asked_ids = []
        self._offer_timer.stop()
        self._inputs.message_row.offer_undo("")

    def _on_remove(self) -> None:
        if self._run_controller.busy:  # also with a run that does not concern the shown family
            self._inputs.show_message(messages.BUSY)
            return
        layers = [layer for layer, _ in self._family.results]
        chosen = [(layer.name, work) for layer in layers if (work := user_work_of(layer)) is not None]
        if not chosen:
            self._remove(layers)
            return
        box = Question(
            self._results_view,
            messages.REMOVE_TITLE,
            messages.remove_question(chosen, len(layers)),
            "Remove all",
            "Remove the others",
            has_others=len(chosen) < len(layers),
        )
        # Kept here and not in a `partial` that is connected: PySide6 would never release it, nor the dock.
        self._asked_ids = [str(layer.unique_id) for layer in layers]
        box.answered.connect(self._on_answered)
        box.open()

    def _on_answered(self, includes_chosen: bool) -> None:
        ids, self._asked_ids = self._asked_ids, []
        found = [layer for layer_id in ids if (layer := layer_by_id(self._viewer, layer_id)) is not None]
        self._remove([layer for layer in found if includes_chosen or user_work_of(layer) is None])

    def _remove(self, layers: Sequence[Image]) -> None:
        if not layers:
            return
        family, mode = self._family, self._family.view_mode
        ordered = list(self._viewer.layers)
        removed = tuple(sorted(layers, key=ordered.index))
        ids = [str(layer.unique_id) for layer in ordered]
        below = tuple(tuple(ids[: ordered.index(layer)]) for layer in removed)
        # Before the layers are hidden: this restores the user's grid, camera and visibility.
        family.leave_view_mode()
        visible = {str(member.unique_id): bool(member.visible) for member in family.members}
        shown = frozenset(str(layer.unique_id) for layer in removed if _is_shown_like(family.source, layer))
        placed = frozenset(str(layer.unique_id) for layer in removed if _is_placed_like(family.source, layer))
        self._removal = Removal(family.source_id, removed, below, visible, mode, shown, placed)
        remaining = [member for member in family.members if member not in removed]
        if remaining and any(layer.visible for layer in removed) and not any(each.visible for each in remaining):
            remaining[0].visible = True
        remove_soon(self._viewer, removed)
        self._offer_timer.start(0)

    def _offer_undo(self) -> None:
        removal = self._removal
        if removal is not None:
            source = layer_by_id(self._viewer, removal.source_id)
            name = source.name if source is not None else ""
            self._inputs.message_row.offer_undo(messages.removed_results(len(removal.layers), name))

    def _on_undo(self) -> None:
        removal = self._removal
        self.forget()
        if removal is None:
            return
        # Before the layers are put back: this restores the user's grid, camera and visibility.
        mode = self._family.view_mode
        self._family.leave_view_mode()
        leave_3d(self._viewer, removal.layers)
        for layer, below in zip(removal.layers, removal.below, strict=True):
            # Above the nearest of the layers that were below it and are still there.
            indices = {str(each.unique_id): index for index, each in enumerate(self._viewer.layers)}
            nearest = next((indices[layer_id] for layer_id in reversed(below) if layer_id in indices), -1)
            if str(layer.unique_id) in removal.placed_like_source:
                self._place_like_source(removal.source_id, layer)
            insert_layer(self._viewer, layer, nearest + 1)
            if not layer.rgb:
                if str(layer.unique_id) in removal.shown_like_source:
                    self._show_like_source(removal.source_id, layer)
                link_to_family(self._viewer, removal.source_id, layer)
        for layer_id, visible in removal.visible.items():
            member = layer_by_id(self._viewer, layer_id)
            if member is not None:
                member.visible = visible
        self._family.view_mode = removal.view_mode if self._family.source_id == removal.source_id else mode

    def _show_like_source(self, source_id: str, layer: Image) -> None:
        """Give a layer the contrast and colormap of its source, which may have changed while it was removed."""
        source = layer_by_id(self._viewer, source_id)
        if isinstance(source, Image):
            for name in LINKED:
                setattr(layer, name, getattr(source, name))

    def _place_like_source(self, source_id: str, layer: Image) -> None:
        """Position a layer where its source is, which may have moved while it was removed."""
        source = layer_by_id(self._viewer, source_id)
        if source is not None and source.ndim == layer.ndim:
            set_geometry(layer, geometry_of(source))


def _is_shown_like(source: Image | None, layer: Image) -> bool:
    return source is not None and all(getattr(source, name) == getattr(layer, name) for name in LINKED)


def _is_placed_like(source: Image | None, layer: Image) -> bool:
    return source is not None and has_geometry(layer, geometry_of(source))
