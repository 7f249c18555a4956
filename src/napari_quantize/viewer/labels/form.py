"""The form of *Make labels*: a field for each option."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.options import LabelChoices, LabelOptions
from napari_quantize.viewer.widgets.forms import check_box

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.pixel_size import PixelSize

_MAX_SIZE, _MAX_SIGMA = 1e9, 50.0
_ID = Qt.ItemDataRole.UserRole
_SHOWN, _EACH = "shown", "each"
_MAX_LISTED = 4


class LabelsForm(QWidget):
    """Form with a field for each of the `LabelOptions`, and a button that saves the table."""

    save_requested = Signal()
    """Emitted when the user asks to save the table."""

    def __init__(self) -> None:
        super().__init__()
        self._options, self._choices = LabelOptions(), LabelChoices()
        self._chosen_channel: int | str | None = None  # None until the user has chosen one
        self._ticked: set[str] = set()
        self.foreground = QSpinBox()
        self.foreground.setPrefix(labels_messages.FROM_CLASS)
        self.foreground.setSpecialValueText(labels_messages.ALL_CLASSES)
        self.smooth = _number(_MAX_SIGMA, labels_messages.NOT_SMOOTHED)
        self.smooth.setPrefix(labels_messages.SIGMA)
        self.smooth.setSuffix(" px")
        self.smooth.setDecimals(1)
        self.smooth.setSingleStep(0.5)
        self.channel = QComboBox()
        self.channel.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.channel.setMinimumContentsLength(14)
        self.fill_holes = check_box(labels_messages.FILL, labels_messages.FILL_TIP)
        self.split = check_box(labels_messages.SPLIT, labels_messages.SPLIT_TIP)
        self.joined = check_box(labels_messages.JOIN, labels_messages.JOIN_TIP)
        self.separate = check_box(labels_messages.SEPARATE, labels_messages.SEPARATE_TIP)
        self.smallest = _number(_MAX_SIZE, labels_messages.ANY_SIZE)
        self.smallest.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.reach = QComboBox()
        self.reach.addItems([labels_messages.IN_PLANES, labels_messages.THROUGH])
        self.others = QListWidget()
        self.save_button = QPushButton(labels_messages.SAVE)
        self.save_button.setToolTip(labels_messages.SAVE_TIP)
        self._layout = QFormLayout(self)
        self._lay_out()
        self._connect()
        self.show_choices(self._choices)

    def _lay_out(self) -> None:
        self._layout.setContentsMargins(8, 6, 8, 6)
        self._layout.setSpacing(4)
        rows: list[tuple[str, str, QWidget]] = [
            (labels_messages.CHANNEL, labels_messages.CHANNEL_TIP, self.channel),
            (labels_messages.FOREGROUND, labels_messages.FOREGROUND_TIP, self.foreground),
            (labels_messages.SMOOTH, labels_messages.SMOOTH_TIP, self.smooth),
            ("", "", self.fill_holes),
            ("", "", self.split),
            ("", "", self.joined),
            ("", "", self.separate),
            (labels_messages.SMALLEST, labels_messages.SMALLEST_TIP, self.smallest),
            (labels_messages.REACH, labels_messages.REACH_TIP, self.reach),
            (labels_messages.OTHERS, labels_messages.OTHERS_TIP, self.others),
            ("", "", self.save_button),
        ]
        for title, tip, field in rows:
            if not title:
                self._layout.addRow(field)
                continue
            field.setToolTip(tip)
            label = QLabel(title)
            label.setToolTip(tip)
            self._layout.addRow(label, field)
        # What concerns objects only stands under *Split into connected objects*.
        for box in (self.joined, self.separate):
            box.setStyleSheet("margin-left: 16px")

    def _connect(self) -> None:
        self.foreground.valueChanged.connect(self._on_foreground_changed)
        for number in (self.smooth, self.smallest):
            number.valueChanged.connect(self._on_changed)
        for box in self._boxes:
            box.toggled.connect(self._on_changed)
        self.reach.activated.connect(self._on_reach_chosen)
        self.channel.activated.connect(self._on_channel_chosen)
        self.others.itemChanged.connect(self._on_ticked)
        self.save_button.clicked.connect(self.save_requested)

    @property
    def _boxes(self) -> tuple[QCheckBox, ...]:
        return self.fill_holes, self.split, self.joined, self.separate

    @property
    def options(self) -> LabelOptions:
        """The options, for the result whose choices are shown."""
        listed = [layer_id for layer_id, _ in self._choices.others]
        return replace(
            self._options,
            foreground=min(self._options.foreground, max(1, self._choices.n_classes)),
            channel=self._channel(),
            others=tuple(layer_id for layer_id in listed if layer_id in self._ticked),
        )

    def show_choices(self, choices: LabelChoices) -> None:
        """Show the options, and what they offer for a result."""
        unit = self._unit
        if choices.source_id != self._choices.source_id:
            self._options = replace(self._options, through=None)
            self._chosen_channel = None
        self._choices = choices
        self._clear_smallest_of_other_unit(unit)
        with signals_blocked(self.foreground), signals_blocked(self.smooth):
            self.foreground.setRange(1, max(2, choices.n_classes))
            self.foreground.setValue(self._options.foreground)
            self.smooth.setValue(self._options.smooth)
        for box, value in zip(
            self._boxes,
            (self._options.fill_holes, self._options.split, self._options.joined, self._options.separate),
            strict=True,
        ):
            with signals_blocked(box):
                box.setChecked(value)
        with signals_blocked(self.reach):
            self.reach.setCurrentIndex(int(self._goes_through))
        self._show_smallest()
        self._show_channels()
        self._show_others()
        self._layout.setRowVisible(self.reach, choices.has_planes)
        self._layout.setRowVisible(self.channel, bool(choices.channels))
        self._layout.setRowVisible(self.others, bool(choices.others))
        self._enable()

    @property
    def _goes_through(self) -> bool:
        return self._choices.goes_through if self._options.through is None else self._options.through

    @property
    def _pixel_size(self) -> PixelSize | None:
        """Size of a pixel of the objects' planes or volumes."""
        return self._choices.pixel_size[int(self._goes_through)]

    @property
    def _unit(self) -> str:
        """Unit of sizes; empty if a layer has a scale without a unit."""
        return "px" if self._pixel_size is None else self._pixel_size.unit

    def _clear_smallest_of_other_unit(self, unit: str) -> None:
        """Clear the size of the smallest object, given in `unit`, if sizes have another unit now."""
        if self._unit != unit:
            self._options = replace(self._options, smallest=0.0)

    def _show_smallest(self) -> None:
        pixel_size = self._pixel_size
        with signals_blocked(self.smallest):
            self.smallest.setSuffix(f" {self._unit}".rstrip())
            # So that the size of one pixel can be typed.
            self.smallest.setDecimals(0 if pixel_size is None else _decimals(pixel_size.size))
            self.smallest.setValue(self._options.smallest)

    def _show_channels(self) -> None:
        names, shown = self._choices.channels, self._choices.shown_channel
        entries = [*names, labels_messages.EACH_CHANNEL]
        if names and shown is not None:
            entries = [labels_messages.shown_channel(names[shown]), labels_messages.EACH_CHANNEL]
        # The channels of a photo are all shown, so at first each becomes a layer.
        chosen = self._chosen_channel if self._chosen_channel is not None else _EACH if shown is None else _SHOWN
        with signals_blocked(self.channel):
            self.channel.clear()
            self.channel.addItems(entries)
            self.channel.setCurrentIndex(self._entry_of(chosen))

    def _entry_of(self, chosen: int | str) -> int:
        """Return the index of the entry for a channel, for the shown one, or for each."""
        last: int = self.channel.count() - 1
        if chosen == _EACH or (chosen == _SHOWN and self._choices.shown_channel is None):
            return last
        return 0 if self._choices.shown_channel is not None else min(int(chosen), last)

    def _channel(self) -> int | None:
        index, shown = self.channel.currentIndex(), self._choices.shown_channel
        if not self._choices.channels or index == self.channel.count() - 1:
            return None
        return index if shown is None else shown

    def _show_others(self) -> None:
        with signals_blocked(self.others):
            self.others.clear()
            for layer_id, name in self._choices.others:
                item = QListWidgetItem(name)
                item.setData(_ID, layer_id)
                item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
                item.setCheckState(Qt.CheckState.Checked if layer_id in self._ticked else Qt.CheckState.Unchecked)
                self.others.addItem(item)
        height = self.others.sizeHintForRow(0) * min(_MAX_LISTED, max(1, self.others.count()))
        self.others.setFixedHeight(height + 2 * self.others.frameWidth() + 4)

    def _enable(self) -> None:
        for field in (self.smallest, self.reach):
            field.setEnabled(self._options.split)
            self._layout.labelForField(field).setEnabled(self._options.split)
        self.joined.setEnabled(self._options.split)
        self.separate.setEnabled(self._options.split)

    def _on_changed(self) -> None:
        self._options = replace(
            self._options,
            smooth=self.smooth.value(),
            fill_holes=self.fill_holes.isChecked(),
            split=self.split.isChecked(),
            joined=self.joined.isChecked(),
            separate=self.separate.isChecked(),
            smallest=self.smallest.value(),
        )
        self._enable()

    def _on_foreground_changed(self, foreground: int) -> None:
        self._options = replace(self._options, foreground=foreground)

    def _on_reach_chosen(self, index: int) -> None:
        unit = self._unit
        self._options = replace(self._options, through=bool(index))
        self._clear_smallest_of_other_unit(unit)
        self._show_smallest()

    def _on_channel_chosen(self, index: int) -> None:
        is_last = index == self.channel.count() - 1
        self._chosen_channel = _EACH if is_last else index if self._choices.shown_channel is None else _SHOWN

    def _on_ticked(self, item: QListWidgetItem) -> None:
        ticked = item.checkState() == Qt.CheckState.Checked
        (self._ticked.add if ticked else self._ticked.discard)(item.data(_ID))


def _number(largest: float, none: str) -> QDoubleSpinBox:
    """Return a field for a number from 0, which reads as `none`."""
    number = QDoubleSpinBox()
    number.setRange(0, largest)
    number.setSpecialValueText(none)
    return number


def _decimals(size: float) -> int:
    """Return how many decimals hold two digits of a pixel's size."""
    return min(9, max(0, 1 - math.floor(math.log10(size)))) if size > 0 else 2
