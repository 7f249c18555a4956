"""Fill the table: rows, slow figures as they are measured, and the line under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget
from superqt.utils import qdebounced

from napari_quantize.text.figures import DELTA_E, DOCK, KB, NOISE
from napari_quantize.viewer.family.finders import layer_by_id
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.cache import recall
from napari_quantize.viewer.layers.labels_provenance import result_id_of
from napari_quantize.viewer.layers.provenance import way_of
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.measure.queue import Measuring, Task
from napari_quantize.viewer.measure.slow_figures import Figure, Measure
from napari_quantize.viewer.measure.staleness import Check, Recheck
from napari_quantize.viewer.table import messages as table_messages
from napari_quantize.viewer.table.columns import Kind, applicable
from napari_quantize.viewer.table.rows import Sheet, TableRow, row_of_result, row_of_source

if TYPE_CHECKING:
    from napari.layers import Image, Layer
    from napari.viewer import Viewer

    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.table.widget import ResultsTable, TableNotice

Measures = dict["Image", list[Measure]]

_SLOW = [figure for figure in DOCK if figure.slow]
# After the last move of a slider: the figures of a plane are measured when it is looked at.
_REST_MS = 300


class FigurePanel(Protocol):
    """A panel that shows the table's slow figures, too."""

    @property
    def figures(self) -> frozenset[str]:
        """Names of the columns whose figures are seen here."""

    def show_figures(self, differences: Mapping[str, Figure | None]) -> None:
        """Show the colour differences of layers by their ids; None where one is still to be measured."""


class TableView(QObject):
    """Fills the table with a family, and has measured what its columns need.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are.
    table : ResultsTable
        The table.
    notice : TableNotice
        The line under the table.
    panel : FigurePanel
        The panel that shows figures of the table.
    dock : QWidget
        The docked widget.
    """

    wanted = Signal(int, object)
    """Emitted with k and the request for a result that the user wants made of the family's source."""

    sheet_shown = Signal(object)
    """Emitted with the `Sheet` that the table shows now."""

    source_changed = Signal()
    """Emitted when the source's pixels turn out to have been written to in place."""

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
        self._resting = False  # while results are made, nothing is measured
        self._measuring = Measuring(self)
        self._measuring.changed.connect(self._on_measured)
        self._seen: tuple[object, ...] | None = None
        self._recheck: Recheck | None = None
        table.shown_changed.connect(self.show_again)
        notice.use_best.connect(self._on_use_best)
        self._soon = qdebounced(self.show_again, timeout=_REST_MS, parent=self)

    def show_family(self, source: Image | None, results: list[tuple[Image, Provenance]], *, running: bool) -> None:
        """Show a family; nothing is measured while a run is going on."""
        if source is not self._source:
            self._seen, self._recheck = None, None
            if source is not None and source.visible:
                self._seen = self._sight()
        self._source, self._results, self._resting = source, results, running
        self.show_again()

    def on_drawn(self, layer: Layer) -> None:
        """Follow a layer that napari has drawn anew: if the view is the same as before, its pixels may be others.

        There is no event for pixels that are written in place, but ``layer.refresh()`` after it.
        """
        source = self._source
        if layer is not source or source is None or source.multiscale or not isinstance(source.data, np.ndarray):
            return
        before, self._seen = self._seen, self._sight()
        known = [(result, made) for result, made in self._results if self._sources_of(made)]
        if before == self._seen and known:
            result, made = max(known, key=lambda pair: (not pair[1].request.mask_digest, pair[1].k))
            self._recheck = Recheck(Check.of(result, made, self._sources_of(made)))
            self._soon()

    def on_hidden(self, layer: Layer) -> None:
        """Follow a layer that is hidden: when it is shown again, it is drawn anew."""
        if layer is self._source:
            self._seen = None

    def _sight(self) -> tuple[object, ...]:
        dims = self._viewer.dims
        return (*dims.point, *dims.order, dims.ndisplay)

    def _on_measured(self) -> None:
        done = self._recheck is not None and self._recheck.done
        if done:
            self._recheck = None
        if done and recall(self._source) is None:
            self.source_changed.emit()
        else:
            self.show_again()

    def on_plane_changed(self, _event: object = None) -> None:
        """Follow the viewer's sliders, when they have come to rest."""
        if any(layer.ndim > 2 for layer, _ in self._results):
            self._soon()

    def close(self) -> None:
        """Stop measuring."""
        if isalive(self._soon):
            self._soon.cancel()
        self._measuring.close()

    def show_again(self) -> None:
        """Show the figures that are known by now, and measure those that are missing."""
        if not isalive(self._table):
            return
        checks = self._checks()
        changed = {layer: check.recall() for layer, check in checks.items()}
        measures = self._measures()
        sheet = self._sheet(measures, {layer for layer, verdict in changed.items() if verdict})
        active = self._viewer.layers.selection.active
        self._table.show_sheet(sheet, result_id_of(active) if active is not None else None)
        self._panel.show_figures({row.layer_id: row.measured.get(DELTA_E.name) for row in sheet.rows})
        self.sheet_shown.emit(sheet)
        self._show_notice(changed)
        unsure = [check for layer, check in checks.items() if changed[layer] is None]
        recheck = [self._recheck] if self._recheck is not None else []
        self._measuring.set_tasks([] if self._resting else [*recheck, *unsure, *self._missing(measures, changed)])

    def _measures(self) -> dict[Image, list[Measure]]:
        """Return what can be measured of each layer; of the source its size, since nothing differs from itself."""
        source = self._source
        if source is None or not self._results:  # the table is not seen, and the data may be huge
            return {}
        image = Source.of(source)
        found = {source: [Measure.of(KB.name, image, source, source, Plane.shown(self._viewer.dims, source))]}
        for layer, made in self._results:
            plane = Plane.shown(self._viewer.dims, layer)
            axis = None if made.together else made.codebook.channel_axis
            found[layer] = [
                Measure.of(figure.name, image, source, source if figure is NOISE else layer, plane, axis)
                for figure in _SLOW
                if source.rgb or not figure.of_colors
            ]
        return found

    def _sheet(self, measures: Measures, changed: set[Image]) -> Sheet:
        source = self._source
        kind: Kind = "photo" if any(layer.rgb for layer, _ in self._results) else "values"
        rows: list[TableRow] = []
        file = None if source is None else source.metadata.get("file")
        if source is not None:
            rows.append(row_of_source(Source.of(source), recall(source), _recall(measures.get(source, [])), file))
        for layer, made in self._results:
            measured = _recall(measures.get(layer, []))
            if layer in changed:  # what is there now has nothing to do with it
                measured |= {name: Figure(None, slow_figures.OLD) for name in measured if name != KB.name}
            rows.append(row_of_result(layer.name, made, measured, changed=layer in changed, file=file))
        return Sheet(kind, applicable(kind, [made for _, made in self._results]), tuple(rows))

    def _missing(self, measures: Measures, changed: dict[Image, bool | None]) -> list[Task]:
        """Return what is to be measured; nothing is compared with another image than the result was made from."""
        seen = self._panel.figures.union(self._table.shown)
        return [
            measure
            for layer, of_layer in measures.items()
            for measure in of_layer
            if measure.name in seen
            and measure.recall() is None
            and (measure.name == KB.name or changed.get(layer, False) is False)
        ]

    # Whether the source has changed

    def _checks(self) -> dict[Image, Check]:
        sources = {layer: self._sources_of(made) for layer, made in self._results}
        return {layer: Check.of(layer, made, sources[layer]) for layer, made in self._results if sources[layer]}

    def _sources_of(self, made: Provenance) -> Sequence[Image]:
        """Return the layers that a result was made from; none if one of them is no longer there."""
        ids = [layer_id for layer_id, _ in made.together] or [made.source_id]
        found = [layer_by_id(self._viewer, layer_id) for layer_id in ids]
        there = [layer for layer in found if layer is not None]
        return there if len(there) == len(found) else []

    # The line under the table

    def _current(self) -> tuple[Image, Provenance] | None:
        active = self._viewer.layers.selection.active
        return next(
            (pair for pair in self._results if active is not None and pair[1].layer_id == result_id_of(active)), None
        )

    def _show_notice(self, changed: dict[Image, bool | None]) -> None:
        current = self._current()
        made = current[1] if current else None
        old = any(changed.values())
        above = any(table_messages.is_above(one) for _, one in self._results)
        can = made is not None and not old and table_messages.is_above(made) and not self._has_best(made)
        self._notice.say(table_messages.notice(made, old=old, above=above), can_use_best=can)

    def _has_best(self, made: Provenance) -> bool:
        request = made.request.learning(method="exact")
        way = way_of(made.source_id, made.k, request, made.together)
        return any(other.way == way for _, other in self._results)

    def _on_use_best(self) -> None:
        current = self._current()
        if current is not None:
            made = current[1]
            self.wanted.emit(made.k, made.request.learning(method="exact"))


def _recall(measures: list[Measure]) -> dict[str, Figure | None]:
    return {measure.name: measure.recall() for measure in measures}
