"""Fill the table: rows, slow figures as they are measured, and the line under it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget
from superqt.utils import qdebounced

from napari_quantize.text.figures import DELTA_E, DOCK, KB, NOISE
from napari_quantize.text.results import exceeds_best, is_measured_on_part
from napari_quantize.viewer.family.find_layers import layer_by_id, sources_of
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.cache import cached_facts
from napari_quantize.viewer.layers.provenance import provenance_of, settings_key_of
from napari_quantize.viewer.layers.sources import Source, geometry_key, geometry_of
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.measure.queue import MeasurementQueue, Task
from napari_quantize.viewer.measure.slow_figures import FigureTask, MeasuredFigure
from napari_quantize.viewer.measure.staleness import SourceRecheck, StalenessCheck
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import Kind, applicable
from napari_quantize.viewer.table.rows import Sheet, TableRow, order_columns, row_of_result, row_of_source

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.plan.plan import Plan
    from napari_quantize.viewer.table.widget import ResultsTable, TableNotice

FigureTasks = dict["Image", list[FigureTask]]

_SLOW = [figure for figure in DOCK if figure.slow]
# Pause after the last move of a slider before the displayed plane is measured: a drag would start and cancel a
# measurement with every step.
_REST_MS = 300


class FigurePanel(Protocol):
    """Panel that shows slow figures of the table, too."""

    @property
    def figures(self) -> frozenset[str]:
        """Names of the columns whose figures the panel shows now."""

    def show_figures(self, differences: Mapping[str, MeasuredFigure | None]) -> None:
        """Show the colour differences of results, by layer ids; None for those still to be measured."""


class TableController(QObject):
    """Fill the table with a family, and have the slow figures of its visible columns measured.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        The viewer.
    table : ResultsTable
        The table.
    notice : TableNotice
        The line under the table.
    panel : FigurePanel
        The panel that shows figures of the table.
    dock : QWidget
        The docked widget.
    """

    result_requested = Signal(int, object)
    """Emitted with K and the request of a result that the user asks for."""

    best_requested = Signal(object)
    """Emitted with the K and requests of all results whose best levels the user asks for."""

    sheet_shown = Signal(object)
    """Emitted with the `Sheet` when the table shows it."""

    source_changed = Signal()
    """Emitted when a check finds that the source's pixels were written in place."""

    def __init__(
        self, viewer: Viewer, table: ResultsTable, notice: TableNotice, panel: FigurePanel, dock: QWidget
    ) -> None:
        super().__init__(dock)
        self._viewer = viewer
        self._table = table
        self._notice = notice
        self._panel = panel
        self._source: Image | None = None
        self._results: list[tuple[Image, Provenance]] = []
        self._row_id = ""
        self._ids_to_stay: frozenset[str] = frozenset()
        self._is_running = False
        self._queue = MeasurementQueue(self)
        self._queue.changed.connect(self._on_measured)
        self._drawn_views: WeakKeyDictionary[Layer, tuple[object, ...]] = WeakKeyDictionary()
        self._rechecks: dict[Layer, SourceRecheck] = {}
        table.shown_changed.connect(self.refresh)
        notice.use_best.connect(self._on_use_best)
        notice.use_best_for_all.connect(self._on_use_best_for_all)
        self._refresh_soon = qdebounced(self.refresh, timeout=_REST_MS, parent=self)

    def show_family(
        self,
        source: Image | None,
        results: list[tuple[Image, Provenance]],
        row_id: str,
        ids_to_stay: frozenset[str],
        *,
        running: bool,
    ) -> None:
        """Show a family; nothing is measured while a run is going on.

        Parameters
        ----------
        source : Image or None
            The source.
        results : list of (Image, Provenance)
            Its results.
        row_id : str
            Id of the layer of the current row.
        ids_to_stay : frozenset of str
            Ids of results that stay among the tiles after the next run.
        running : bool
            True during a run.
        """
        if source is not self._source:
            for layer in self._viewer.layers:
                if layer.visible:  # napari has drawn it, perhaps before this listened
                    self._drawn_views.setdefault(layer, self._view_state(layer))
        self._source, self._results, self._row_id, self._is_running = source, results, row_id, running
        self._ids_to_stay = ids_to_stay
        self.refresh()

    def on_drawn(self, layer: Layer) -> None:
        """Check the pixels of a source again if napari has drawn it anew without a change of the view.

        napari has no event for pixels that are written in place. But whoever writes them calls ``layer.refresh()``,
        which draws the layer. napari also draws it when it or the sliders move and when it is shown again: the view is
        then another one, or unknown (see `on_hidden`), and nothing is checked.
        """
        # napari draws labels anew at each stroke of the brush, and all results with each move of a slider.
        if not isinstance(layer, Image) or provenance_of(layer) is not None:
            return
        before, now = self._drawn_views.get(layer), self._view_state(layer)
        self._drawn_views[layer] = now
        if before != now or not self._is_source(layer):
            return
        checks = [check for check in self._checks(self._results).values() if layer in check.sources]
        # A result that is old already differs from the source even if nobody has written into that since.
        current = [check for check in checks if all(map(_is_in_memory, check.sources)) and check.recall() is False]
        if current:
            # One check is enough for all results of the source. Results without a mask tell more: counts of all pixels
            # are compared, too. More levels tell more pixels apart.
            check = max(current, key=lambda each: (not each.provenance.request.mask_digest, each.provenance.k))
            self._rechecks[layer] = SourceRecheck(layer, check)
            self._refresh_soon()

    def _is_source(self, layer: Image) -> bool:
        """Return whether any of the results was made from a layer."""
        layer_id = str(layer.unique_id)
        return any(layer_id == each.source_id or layer_id in dict(each.together) for _, each in self._results)

    def on_hidden(self, layer: Layer) -> None:
        """Forget the view in which a layer was drawn: napari draws it anew when it is shown again."""
        self._drawn_views.pop(layer, None)

    def _view_state(self, layer: Layer) -> tuple[object, ...]:
        """Return all that decides which part of a layer napari draws, and where."""
        dims = self._viewer.dims
        return (*dims.point, *dims.order, dims.ndisplay, geometry_key(geometry_of(layer)))

    def on_run_started(self, plan: Plan) -> None:
        """Take the pixels of the run's sources for changed if that is not known yet: the run reads them anew.

        After the run they could not be compared any more: it may replace the result that they are compared with.
        """
        for part, _ in plan.parts:
            layer = layer_by_id(self._viewer, part.layer_id)
            recheck = None if layer is None else self._rechecks.pop(layer, None)
            if recheck is not None:
                results = [(each, found) for each in self._viewer.layers if (found := provenance_of(each)) is not None]
                recheck.suspect([check for check in self._checks(results).values() if layer in check.sources])

    def _on_measured(self) -> None:
        if any(recheck.changed for recheck in self._rechecks.values()):
            self.source_changed.emit()  # whoever listens refreshes this, too
        else:
            self.refresh()

    def on_plane_changed(self, _event: object = None) -> None:
        """Measure the displayed plane once the sliders rest."""
        if any(layer.ndim > 2 for layer, _ in self._results):
            self._refresh_soon()

    def close(self) -> None:
        """Stop measuring."""
        if isalive(self._refresh_soon):
            self._refresh_soon.cancel()
        self._queue.close()

    def refresh(self) -> None:
        """Show the figures that are known by now, and measure those that are missing."""
        if not isalive(self._table):
            return
        checks = self._checks(self._results)
        staleness = {layer: check.recall() for layer, check in checks.items()}
        tasks = self._figure_tasks()
        sheet = self._sheet(tasks, {layer for layer, stale in staleness.items() if stale})
        self._table.show_sheet(sheet, self._row_id)
        self._panel.show_figures({row.layer_id: row.measured.get(DELTA_E.name) for row in sheet.rows})
        self.sheet_shown.emit(sheet)
        self._show_notice(staleness)
        pending = [check for layer, check in checks.items() if staleness[layer] is None]
        self._rechecks = {
            layer: recheck
            for layer, recheck in self._rechecks.items()
            if recheck.changed is None and recheck.is_needed and layer in self._viewer.layers
        }
        missing = self._missing_figures(tasks, staleness)
        # Checks come first: they decide which figures may be measured. A run goes first: measuring would slow it down.
        self._queue.set_tasks([] if self._is_running else [*self._rechecks.values(), *pending, *missing])

    def _figure_tasks(self) -> dict[Image, list[FigureTask]]:
        """Return the tasks that measure each result, and the size of the source as a file."""
        source = self._source
        if source is None or not self._results:  # the table is hidden, and the data may be huge
            return {}
        image = Source.of(source)
        tasks = {source: [FigureTask.of(KB.name, image, source, source, Plane.displayed(self._viewer.dims, source))]}
        for layer, provenance in self._results:
            plane = Plane.displayed(self._viewer.dims, layer)
            axis = None if provenance.together else provenance.codebook.channel_axis
            tasks[layer] = [
                FigureTask.of(figure.name, image, source, source if figure is NOISE else layer, plane, axis)
                for figure in _SLOW
                if source.rgb or not figure.of_colors
            ]
        return tasks

    def _sheet(self, tasks: FigureTasks, stale: set[Image]) -> Sheet:
        source = self._source
        kind: Kind = "photo" if any(layer.rgb for layer, _ in self._results) else "values"
        file = None if source is None else source.metadata.get("file")
        of_source: list[TableRow] = []
        if source is not None:
            known = _recall(tasks.get(source, []))
            of_source = [row_of_source(Source.of(source), cached_facts(source), known, file)]
        of_results: dict[Image, TableRow] = {}
        for layer, provenance in self._results:
            measured = _recall(tasks.get(layer, []))
            if layer in stale:  # its figures compare it with another image than it was made from
                measured |= {name: MeasuredFigure(None, slow_figures.STALE) for name in measured if name != KB.name}
            row = row_of_result(layer.name, provenance, measured, stale=layer in stale, file=file)
            of_results[layer] = replace(row, stays=provenance.layer_id in self._ids_to_stay)
        columns = order_columns(
            applicable(kind, [provenance for _, provenance in self._results]),
            [row for layer, row in of_results.items() if layer not in stale],
            any_above_best=self._any_above_best(stale),
        )
        return Sheet(kind, columns, (*of_source, *of_results.values()))

    def _missing_figures(self, tasks: FigureTasks, staleness: dict[Image, bool | None]) -> list[Task]:
        """Return the tasks of visible figures that are not measured; of results that may be stale only their sizes."""
        visible = self._panel.figures.union(self._table.shown)
        return [
            task
            for layer, layer_tasks in tasks.items()
            for task in layer_tasks
            if task.name in visible
            and task.recall() is None
            and (task.name == KB.name or staleness.get(layer, False) is False)
        ]

    # Whether the source has changed

    def _checks(self, results: list[tuple[Image, Provenance]]) -> dict[Image, StalenessCheck]:
        checked = [(layer, provenance, sources_of(self._viewer, provenance)) for layer, provenance in results]
        return {
            layer: StalenessCheck.of(layer, provenance, sources) for layer, provenance, sources in checked if sources
        }

    # The line under the table

    def _current(self) -> tuple[Image, Provenance] | None:
        return next((pair for pair in self._results if pair[1].layer_id == self._row_id), None)

    def _show_notice(self, staleness: dict[Image, bool | None]) -> None:
        current = self._current()
        provenance = current[1] if current else None
        any_stale = any(staleness.values())
        text = table_messages.notice(
            provenance,
            any_stale=any_stale,
            any_part=any(is_measured_on_part(each) for _, each in self._results),
            any_above_best=self._any_above_best(),
        )
        can_use_best = (
            provenance is not None
            and not any_stale
            and table_messages.is_above_best(provenance)
            and not self._has_best(provenance)
        )
        self._notice.show_text(text, can_use_best=can_use_best)

    def _any_above_best(self, stale: Collection[Image] = ()) -> bool:
        """Return whether any result, except those that are `stale`, is marked as above the best possible one."""
        return any(table_messages.is_above_best(each) for layer, each in self._results if layer not in stale)

    def _has_best(self, provenance: Provenance) -> bool:
        """Return whether there is a result of the same request by the exact method."""
        request = provenance.request.learning(method="exact")
        key = settings_key_of(
            provenance.source_id, provenance.k, request, provenance.together, each_slice=provenance.each_slice
        )
        return any(other.settings_key == key for _, other in self._results)

    def _on_use_best(self) -> None:
        current = self._current()
        if current is not None:
            provenance = current[1]
            self.result_requested.emit(provenance.k, provenance.request.learning(method="exact"))

    def _on_use_best_for_all(self) -> None:
        provenances = [provenance for _, provenance in self._results]
        self.best_requested.emit(
            [
                (provenance.k, provenance.request.learning(method="exact"))
                for provenance in provenances
                if exceeds_best(provenance.quality.excess) and not self._has_best(provenance)
            ]
        )


def _is_in_memory(layer: Image) -> bool:
    return not layer.multiscale and isinstance(layer.data, np.ndarray)


def _recall(tasks: list[FigureTask]) -> dict[str, MeasuredFigure | None]:
    return {task.name: task.recall() for task in tasks}
