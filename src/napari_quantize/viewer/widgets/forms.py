"""Small Qt parts that the dock and its dialogs are built of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qtpy.QtCore import QEvent, QObject, QSize, Qt, Signal
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStylePainter,
    QTableView,
    QToolTip,
    QWidget,
)

_FIELD_MARGINS = 18
CELL_MARGINS = 6
"""Pixels that Qt leaves free beside the text of a cell, left and right together; and beside a box or picture in it."""


def combo_box(choices: Mapping[str, str], tip: str) -> QComboBox:
    """Return a combo box of `choices`, which map texts to values."""
    combo = QComboBox()
    for text, value in choices.items():
        combo.addItem(text, value)
    combo.setToolTip(tip)
    # Else the longest entry would set the width of the dialog.
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
    return combo


class ElidedText(QObject):
    """Elide the text of a combo box where it does not fit: with napari's style sheet, Qt cuts it off.

    Parameters
    ----------
    box : QComboBox
        The combo box.
    """

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box)
        self._box = box
        box.installEventFilter(self)

    def shown_text(self) -> str:
        """Return the text that is shown."""
        return str(self._option().currentText)

    def _option(self) -> QStyleOptionComboBox:
        """Return how the box is painted."""
        option, style = QStyleOptionComboBox(), self._box.style()
        self._box.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self._box).width()
        text = self._box.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        option.currentText = text
        return option

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Paint the box with the text that fits."""
        if event is None or event.type() != QEvent.Type.Paint:
            return False
        option, painter = self._option(), QStylePainter(self._box)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
        return True


class ShortenedText(QObject):
    """Leave out what follows the comma in a button's text where not all of it fits: Qt cuts it off, also in numbers.

    The tooltip then begins with the whole text.

    Parameters
    ----------
    button : QPushButton
        The button.
    """

    def __init__(self, button: QPushButton) -> None:
        super().__init__(button)
        self._button = button
        button.installEventFilter(self)

    def shown_text(self) -> str:
        """Return the text that is shown."""
        return str(self._option().text)

    def _option(self) -> QStyleOptionButton:
        """Return how the button is painted."""
        option = QStyleOptionButton()
        self._button.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = self._button.style().subElementRect(part, option, self._button).width()
        if option.fontMetrics.horizontalAdvance(option.text) > room:
            option.text = option.text.partition(",")[0]
        return option

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Paint the button with the text that fits, and show all of it in the tooltip."""
        kind = event.type() if event is not None else None
        text = self._button.text()
        if kind == QEvent.Type.Paint and self.shown_text() != text:
            painter = QStylePainter(self._button)
            painter.drawControl(QStyle.ControlElement.CE_PushButton, self._option())
            painter.end()
            return True
        if isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip and self.shown_text() != text:
            QToolTip.showText(event.globalPos(), f"{text}\n{self._button.toolTip()}", self._button)
            return True
        return False


def check_box(text: str, tip: str) -> QCheckBox:
    """Return a check box."""
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box


def push_button(text: str, tip: str) -> QPushButton:
    """Return a button that Enter does not press."""
    pushed = QPushButton(text)
    pushed.setToolTip(tip)
    pushed.setAutoDefault(False)
    pushed.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return pushed


def lay_out_in_row(parts: Iterable[QWidget], parent: QWidget) -> None:
    """Lay widgets side by side."""
    parent.setLayout(row_layout(list(parts)))


def wrap_text(label: QLabel) -> QLabel:
    """Make a label wrap, never widen the dock, and show its text without reading it as HTML."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def form(rows: list[tuple[str, QWidget]], wide: list[QWidget], parent: QWidget) -> QFormLayout:
    """Lay out `rows` of titles and fields, then the `wide` fields over the whole width."""
    layout = QFormLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for title, field in rows:
        label = QLabel(title)
        label.setToolTip(field.toolTip())
        layout.addRow(label, field)
    for field in wide:
        layout.addRow(field)
    return layout


def set_up_row_list(table: QTableView) -> None:
    """Make a table a list of rows: one is selected at a time, none is edited, and Tab leaves the table."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.installEventFilter(_RowHeight(table))


def height_of_rows(table: QTableView, n_rows: int) -> int:
    """Return the height of a table with so many rows, a header, and a bar if it has to scroll sideways."""
    header, bar = table.horizontalHeader(), table.horizontalScrollBar()
    bar_height = bar.sizeHint().height() if header.length() > table.viewport().width() else 0
    rows_height = n_rows * table.verticalHeader().defaultSectionSize()
    return int(header.sizeHint().height() + rows_height + bar_height) + 4


class _RowHeight(QObject):
    """Give the rows of a table the height of its font."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._fit()

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Follow changes of the font."""
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._fit()
        return False

    def _fit(self) -> None:
        self._table.verticalHeader().setDefaultSectionSize(self._table.fontMetrics().height() + 6)
        self._table.updateGeometry()


class FieldWithUnit(QWidget):
    """A line edit with the unit of its numbers behind it, which gives way where the numbers need the room.

    Parameters
    ----------
    field : QLineEdit
        The field.
    """

    def __init__(self, field: QLineEdit) -> None:
        super().__init__()
        self._field = field
        self._unit = QLabel()
        self.setLayout(row_layout([field, self._unit]))
        field.textChanged.connect(self._fit)
        field.editingFinished.connect(self._show_first)

    def set_unit(self, unit: str) -> None:
        """Set the unit."""
        self._unit.setText(unit)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return the size of the field alone."""
        return QSize(self._field.minimumSizeHint().width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Show the unit where it fits."""
        super().resizeEvent(event)
        self._fit()

    def _show_first(self) -> None:
        """Show the first numbers again, if not all fit."""
        self._field.setCursorPosition(0)

    def _fit(self) -> None:
        numbers = self._field.fontMetrics().horizontalAdvance(self._field.text()) + _FIELD_MARGINS
        self._unit.setVisible(numbers + self._unit.sizeHint().width() <= self.width())


def row_layout(widgets: list[QWidget]) -> QHBoxLayout:
    """Return a layout of widgets side by side."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def toggle_button(text: str, tip: str) -> QPushButton:
    """Return a button that stays pressed until it is clicked again."""
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


class SteadyButton(QPushButton):
    """A button whose text changes, and whose width does not, so that nothing moves beside it.

    Parameters
    ----------
    *texts : str
        All texts that the button can have; the first one is shown.
    """

    def __init__(self, *texts: str) -> None:
        super().__init__(texts[0])
        self._texts = texts

    def sizeHint(self) -> QSize:
        """Return the size that fits each of the texts."""
        option, hint = QStyleOptionButton(), QSize()
        option.initFrom(self)
        # With napari's style sheet, disabled and pressed buttons ask for other sizes.
        option.state = QStyle.StateFlag.State_Enabled
        for text in self._texts:
            size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text)
            hint = hint.expandedTo(self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, size, self))
        return hint


def more_button(tip: str) -> QPushButton:
    """Return a narrow button with an empty menu, which belongs to the button that stands before it.

    Qt's menu arrow on that button itself would take too much room.
    """
    button = QPushButton("▾")
    button.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0px; }")
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setMenu(QMenu(button))
    button.setFixedWidth(24)
    return button


def menu_button(text: str, tip: str, entries: list[tuple[str, Signal]]) -> QPushButton:
    """Return a button with a menu whose entries emit signals."""
    button = QPushButton(text)
    button.setToolTip(tip)
    menu = QMenu(button)
    for title, signal in entries:
        menu.addAction(title).triggered.connect(lambda _=False, signal=signal: signal.emit())
    button.setMenu(menu)
    return button
