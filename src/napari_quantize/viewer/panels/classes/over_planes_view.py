"""Areas of classes over time points or planes, as a plot and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QTableView, QVBoxLayout, QWidget

from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.cells import cell_text, color_chip
from napari_quantize.viewer.widgets.forms import set_up_row_list
from napari_quantize.viewer.widgets.plot import Plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_quantize.plots.areas import AreasPlot
    from napari_quantize.plots.theme import PlotTheme
    from napari_quantize.viewer.panels.classes.over_planes import AreasOverPlanes

_MIN_ROWS = 3


class AreasView(QWidget):
    """Show areas of classes over time points or planes; signal which one the user clicks."""

    chosen = Signal(int)
    """Emitted with the index of a time point or plane that is clicked in the table."""

    def __init__(self) -> None:
        super().__init__()
        self._areas: AreasOverPlanes | None = None
        self._present = 0
        self._drawing: AreasPlot | None = None
        self.plot = Plot(self._draw, classes_messages.AREAS_TIP)
        self.table = QTableView()
        self._model = AreasModel()
        self.table.setModel(self._model)
        self.table.setToolTip(classes_messages.AREAS_TABLE_TIP)
        set_up_row_list(self.table)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setMinimumHeight((_MIN_ROWS + 1) * self.table.verticalHeader().defaultSectionSize() + 8)
        self.table.clicked.connect(self._on_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.table, 1)

    def show_areas(self, areas: AreasOverPlanes | None) -> None:
        """Show areas, or none."""
        self._areas = areas
        self._model.show_areas(areas)
        self.plot.draw_soon()

    def show_present(self, index: int) -> None:
        """Mark the time point or plane that the viewer shows."""
        if index != self._present:
            self._present = index
            self.plot.draw_soon()
        if self._areas is not None and index < len(self._areas):
            self.table.selectRow(index)

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self.plot.set_theme(theme)

    def _draw(self, figure: Figure, theme: PlotTheme) -> None:
        areas = self._areas
        if areas is None or not len(areas):
            return
        if self._drawing is None:
            # Imported here: matplotlib takes long to load, and many docks never show this plot.
            from napari_quantize.plots.areas import AreasPlot

            self._drawing = AreasPlot(figure)
        along = areas.along
        positions = along.positions if along.unit else tuple(map(float, range(len(areas))))
        present = positions[min(self._present, len(areas) - 1)]
        self._drawing.show(
            positions, areas.sizes, areas.colors, (areas.titles()[bool(along.unit)], areas.quantity), theme, present
        )

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())


class AreasModel(QAbstractTableModel):
    """Table model of areas: a row for each time point or plane, a column for each class."""

    def __init__(self) -> None:
        super().__init__()
        self._areas: AreasOverPlanes | None = None
        self._rows: list[list[object]] = [[]]

    def show_areas(self, areas: AreasOverPlanes | None) -> None:
        """Show areas, or none."""
        self.beginResetModel()
        self._areas, self._rows = areas, [[]] if areas is None else areas.rows()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count the time points or planes."""
        return 0 if parent is not None and parent.isValid() else len(self._rows) - 1

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count the columns."""
        return 0 if parent is not None and parent.isValid() else len(self._rows[0])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title, tooltip or colour of a column."""
        if orientation != Qt.Orientation.Horizontal or self._areas is None:
            return None
        number = section - (len(self._rows[0]) - self._areas.counts.shape[1])
        if role == Qt.ItemDataRole.DisplayRole:
            return str(self._rows[0][section]) if number < 0 else f"class {number + 1}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(self._rows[0][section])
        if role == Qt.ItemDataRole.DecorationRole and number >= 0:
            return color_chip(self._areas.colors[number])
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text or alignment of a cell."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(self._rows[index.row() + 1][index.column()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None
