"""The lower half of the dock: table, view modes, panels, and the buttons that copy and export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer import messages
from napari_quantize.viewer.compare.bar import CompareBar
from napari_quantize.viewer.labels.button import LabelsButton
from napari_quantize.viewer.panels.classes.panel import ClassesPanel
from napari_quantize.viewer.panels.error_curve.panel import CurvePanel
from napari_quantize.viewer.panels.histogram.panel import HistogramPanel
from napari_quantize.viewer.panels.lloyd_steps.panel import StepsPanel
from napari_quantize.viewer.panels.panel import Accordion
from napari_quantize.viewer.table.widget import ResultsTable, TableNotice
from napari_quantize.viewer.widgets.forms import menu_button, wrap_text
from napari_quantize.viewer.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from napari_quantize.viewer.table.rows import Sheet


class ResultsView(QWidget):
    """The lower half of the dock. It is passive: its parts show results, and signal what the user does.

    Attributes
    ----------
    table : ResultsTable
        Table with a row for each member of the family.
    notice : TableNotice
        Notice on the current row.
    compare : CompareBar
        Buttons that choose the view mode.
    panels : Accordion
        Panels on the current result.
    action_bar : ResultActionsBar
        Buttons that copy and export.
    summary : QWidget
        Table, notice and buttons of the view modes: what a user looks at after a run.
    """

    def __init__(self) -> None:
        super().__init__()
        self._hint = wrap_text(QLabel(messages.FIRST_STEP))
        self._is_empty, self._is_possible = False, True
        self._content = QWidget()
        self.table = ResultsTable()
        self.notice = TableNotice()
        self.compare = CompareBar()
        self.compare.more.menu().addMenu(self.table.columns_menu)
        self.action_bar = ResultActionsBar()
        self.histogram = HistogramPanel()
        self.classes = ClassesPanel()
        self.curve = CurvePanel()
        self.panels = Accordion([self.histogram, self.classes, self.curve, StepsPanel()])
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.summary = QWidget()
        summary = QVBoxLayout(self.summary)
        summary.setContentsMargins(0, 0, 0, 0)
        summary.setSpacing(4)
        for part in (self.table, self.notice, self.compare):
            summary.addWidget(part)
        layout.addWidget(self.summary)
        layout.addWidget(self.panels, 1)
        layout.addWidget(self.action_bar)
        # Expanding, so that this part takes the free height: otherwise napari adds a stretch below the dock's widget.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addWidget(self._hint)
        outer.addWidget(self._content, 1)
        outer.addStretch()

    def show_sheet(self, sheet: Sheet) -> None:
        """Show the table and all below it if there are results, else a hint what to do first."""
        has_results = any(row.used is not None for row in sheet.rows)
        self._is_empty = bool(sheet.rows) and not has_results
        self._content.setVisible(has_results)
        self.show_hint(self._is_possible)

    def show_hint(self, possible: bool) -> None:
        """Show the hint if there are no results yet; `possible` is False if the image cannot be quantized."""
        self._is_possible = possible
        self._hint.setVisible(self._is_empty and possible)

    def prepare_plots(self, results_expected: bool) -> None:
        """Prepare plots while the dock is idle, or stop if no results are expected."""
        self.histogram.expect(results_expected)


class ResultActionsBar(QWidget):
    """Buttons that signal what to copy, export or label."""

    copy_table = Signal()
    copy_methods = Signal()
    copy_script = Signal()
    export = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.labels = LabelsButton()
        self.export_button = QPushButton("Export…")
        self.export_button.setToolTip(
            "Save results as small files, with their palettes, the table, or a figure of all of them"
        )
        self.export_button.clicked.connect(self.export)
        copies = [
            ("Table", self.copy_table),
            ("Methods sentence", self.copy_methods),
            ("Python script", self.copy_script),
        ]
        tip = (
            "Copy the table's numbers, a sentence that says how the current result was made, "
            "or a script that makes it again"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(WrappingRow([self.labels, self.export_button, menu_button("Copy", tip, copies)]))
