"""The button *Make labels*, and the options that open beside it."""

from __future__ import annotations

from dataclasses import replace

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QWidget,
    QWidgetAction,
)
from superqt.utils import signals_blocked

from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.model import LabelOptions
from napari_quantize.viewer.messages import NO_RESULT

_MAX_PIXELS = 10**9


class LabelsButton(QWidget):
    """Button that asks for labels or stops them, with a menu of options."""

    requested = Signal()
    """Emitted when the user asks for labels."""

    cancel_requested = Signal()
    """Emitted when the user presses the button while labels are being made."""

    menu_opened = Signal()
    """Emitted before the options are shown."""

    def __init__(self) -> None:
        super().__init__()
        self._reason, self._busy = NO_RESULT, False
        self.button = QPushButton(labels_messages.MAKE)
        self.button.clicked.connect(self._on_clicked)
        self.form = LabelsForm()
        # A button of its own: Qt's menu arrow on the main button takes too much room.
        more = QPushButton("▾")
        more.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0px; }")
        more.setToolTip(labels_messages.OPTIONS_TIP)
        more.setAccessibleName(labels_messages.OPTIONS_TIP)
        menu = QMenu(more)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.form)
        menu.addAction(action)
        menu.aboutToShow.connect(self.menu_opened)
        more.setMenu(menu)
        more.setFixedWidth(24)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.button)
        layout.addWidget(more)
        self._show()

    def show_reason(self, reason: str) -> None:
        """Disable the button and show the reason; enable it if the reason is empty."""
        self._reason = reason
        self._show()

    def show_busy(self, busy: bool) -> None:
        """Show whether labels are being made; the button then stops the work."""
        self._busy = busy
        self._show()

    def _show(self) -> None:
        self.button.setText(labels_messages.STOP if self._busy else labels_messages.MAKE)
        self.button.setToolTip(labels_messages.STOP_TIP if self._busy else self._reason or labels_messages.TIP)
        self.button.setEnabled(self._busy or not self._reason)

    def _on_clicked(self) -> None:
        (self.cancel_requested if self._busy else self.requested).emit()


class LabelsForm(QWidget):
    """Form with a field for each of the `LabelOptions`."""

    def __init__(self) -> None:
        super().__init__()
        self.background = QCheckBox(labels_messages.BACKGROUND)
        self.background.setToolTip(labels_messages.BACKGROUND_TIP)
        self.split = QCheckBox(labels_messages.SPLIT)
        self.split.setToolTip(labels_messages.SPLIT_TIP)
        self.smallest = QSpinBox()
        self.smallest.setRange(1, _MAX_PIXELS)
        self.smallest.setSuffix(" px")
        self.reach = QComboBox()
        self.reach.addItems([labels_messages.IN_PLANES, labels_messages.THROUGH])
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(8, 6, 8, 6)
        self._layout.addRow(self.background)
        self._layout.addRow(self.split)
        for title, tip, field in (
            (labels_messages.SMALLEST, labels_messages.SMALLEST_TIP, self.smallest),
            (labels_messages.REACH, labels_messages.REACH_TIP, self.reach),
        ):
            field.setToolTip(tip)
            label = QLabel(title)
            label.setToolTip(tip)
            self._layout.addRow(label, field)
        self._options = LabelOptions()
        self.show_options(self._options, has_planes=False)
        self.background.toggled.connect(self._on_changed)
        self.split.toggled.connect(self._on_changed)
        self.smallest.valueChanged.connect(self._on_changed)
        self.reach.activated.connect(self._on_reach_chosen)

    @property
    def options(self) -> LabelOptions:
        """The options in the fields."""
        return self._options

    def show_options(self, options: LabelOptions, *, has_planes: bool, goes_through: bool = False) -> None:
        """Show options.

        Parameters
        ----------
        options : LabelOptions
            The options to show.
        has_planes : bool
            Whether there are several planes that objects could extend through.
        goes_through : bool
            What the axes suggest, shown if the options leave it open.
        """
        self._options = options
        with signals_blocked(self.background), signals_blocked(self.split), signals_blocked(self.smallest):
            self.background.setChecked(options.background)
            self.split.setChecked(options.split)
            self.smallest.setValue(options.smallest)
        with signals_blocked(self.reach):
            self.reach.setCurrentIndex(int(goes_through if options.through is None else options.through))
        self._layout.setRowVisible(self.reach, has_planes)
        self._enable()

    def _enable(self) -> None:
        for field in (self.smallest, self.reach):
            field.setEnabled(self._options.split)
            self._layout.labelForField(field).setEnabled(self._options.split)

    def _on_changed(self) -> None:
        self._options = replace(
            self._options,
            background=self.background.isChecked(),
            split=self.split.isChecked(),
            smallest=self.smallest.value(),
        )
        self._enable()

    def _on_reach_chosen(self, index: int) -> None:
        self._options = replace(self._options, through=bool(index))
