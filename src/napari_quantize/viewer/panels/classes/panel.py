"""The panel *Levels & areas*, or *Palette*: what the current result's classes are, and what their pixels come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtCore import Signal
from qtpy.QtGui import QGuiApplication, QHideEvent, QShowEvent
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.swatches import PaletteView, scrolling
from napari_quantize.viewer.panels.classes.table import LevelsTable
from napari_quantize.viewer.panels.panel import Panel, corner
from napari_quantize.viewer.widgets.file_notices import write_with_notice
from napari_quantize.viewer.widgets.plot import ask_path

if TYPE_CHECKING:
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.panels.classes.model import Summary


class ClassesPanel(Panel):
    """Shows classes, and tells what the user wants to see of them.

    Attributes
    ----------
    summary : Summary or None
        What is shown; None while the pixels are being counted.
    lit : int
        The class that is lit up; -1 for none.
    pins : frozenset of int
        The colours that shall be kept.
    """

    name = "Classes"
    tip = "The classes of the current result: values, thresholds and areas, or colours and their shares"

    looked_at = Signal(object)
    """Emitted with the `FamilySnapshot` family."""

    counted = Signal()
    """Emitted when other pixels shall be counted: another channel, one slice or all."""

    lighting = Signal(int)
    """Emitted with the class that shall be lit up; -1 for none."""

    again = Signal()
    """Emitted when the image shall be quantized again with the kept colours."""

    left = Signal()
    """Emitted when nobody sees the panel any more."""

    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: FamilySnapshot | None = None
        self.summary: Summary | None = None
        self.lit = -1
        self.pins: frozenset[int] = frozenset()
        self._can_keep = True
        self.table = LevelsTable()
        self.palette_view = PaletteView()
        self._area = scrolling(self.palette_view)
        self._note = QLabel()
        self._note.setWordWrap(True)
        self.channel = _box(classes_messages.CHANNEL_TIP)
        self.scope = _box(classes_messages.SCOPE_TIP, "All slices", "This slice")
        self.sort = _box(classes_messages.SORT_TIP, "Dark to bright", "By share")
        self.line = QLabel()
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.keep = QPushButton("Keep")
        self.keep.setCheckable(True)
        self.keep.setToolTip(classes_messages.KEEP_TIP)
        self.again_button = QPushButton()
        self.again_button.setToolTip(classes_messages.AGAIN_TIP)
        self.again_button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.copy_button, self.save_button = QPushButton("Copy"), QPushButton("Save…")
        self.copy_button.setToolTip(classes_messages.COPY_TIP)
        self.save_button.setToolTip(classes_messages.SAVE_TIP)
        self._lay_out()
        self._connect()
        # All parts together are wider than the dock: it would grow to hold them, and Qt does not shrink it again.
        self.show_choices([], colours=False)
        self.show_slices(False)
        self.show_summary(None)

    def _lay_out(self) -> None:
        self.controls = corner(self.copy_button, self.save_button)
        self._choosers = QWidget()
        _row(self._choosers, (self.channel, self.scope, self.sort))
        self._chosen = QWidget()
        _row(self._chosen, (self.line, self.keep))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._choosers)
        layout.addWidget(self._note)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._chosen)
        layout.addWidget(self.again_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        for view in (self.table, self.palette_view):
            view.toggled.connect(self._on_toggled)
            view.moved.connect(self._on_moved)
            view.escaped.connect(self.end_lighting)
        self.palette_view.kept.connect(self._on_kept)
        self.keep.clicked.connect(self._on_keep_pressed)
        self.again_button.clicked.connect(self.again)
        self.channel.currentIndexChanged.connect(self._on_counted)
        self.scope.currentIndexChanged.connect(self._on_counted)
        self.sort.currentIndexChanged.connect(self._on_sorted)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self._ask_and_save)

    # What the accordion asks for

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return whether there is a current result."""
        return shown.provenance is not None

    def title(self, shown: FamilySnapshot) -> str:
        """Name the fold after what the result has."""
        return classes_messages.panel_title(shown.provenance)

    def show_family(self, shown: FamilySnapshot) -> None:
        """Hand on what is to be shown: counting needs the viewer."""
        self._shown = shown
        self.looked_at.emit(shown)

    def forget(self) -> None:
        """Release the layers."""
        if self._shown is not None:
            self._shown = None
            self.left.emit()

    def close_down(self) -> None:
        """Stop counting, and let nothing be lit up."""
        self.closing.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Let nothing be lit up that nobody can switch off, and count no more."""
        super().hideEvent(event)
        if event is not None and not event.spontaneous():
            self.left.emit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Count what has changed meanwhile."""
        super().showEvent(event)
        if self._shown is not None and event is not None and not event.spontaneous():
            self.looked_at.emit(self._shown)

    # What is shown

    def show_choices(self, channels: list[str], *, colours: bool) -> None:
        """Offer what there is to choose for a result."""
        with signals_blocked(self.channel):
            if [self.channel.itemText(i) for i in range(self.channel.count())] != channels:
                self.channel.clear()
                self.channel.addItems(channels)
        several = len(channels) > 1
        parts = [(self.channel, several), (self.sort, colours), (self.table, not colours), (self._area, colours)]
        for part, seen in sorted([*parts, (self._chosen, colours)], key=lambda each: each[1]):  # first those that go
            part.setVisible(seen)

    def show_slices(self, slices: bool) -> None:
        """Offer to count one slice, where there are several."""
        self.scope.setVisible(slices)
        boxes = (self.channel, self.scope, self.sort)
        self._choosers.setVisible(any(not box.isHidden() for box in boxes))

    def show_channel(self, channel: int) -> None:
        """Turn to another channel; nothing is emitted."""
        with signals_blocked(self.channel):
            self.channel.setCurrentIndex(channel)

    def show_summary(self, summary: Summary | None, note: str = classes_messages.WAITING) -> None:
        """Show classes, or say why there are none."""
        self.summary = summary
        self._note.setText(note)
        self._note.setVisible(summary is None)
        self.copy_button.setEnabled(summary is not None)
        self.save_button.setEnabled(summary is not None)
        levels = summary if summary is not None and summary.intervals is not None else None
        colours = summary if summary is not None and summary.intervals is None else None
        self.table.show_summary(levels, whole=not self.this_slice)
        self.palette_view.show_summary(colours, self._order(colours))
        self._show_line()

    def show_lit(self, lit: int) -> None:
        """Mark the class that is lit up; none with -1."""
        self.lit = lit
        self.table.show_lit(lit)
        self.palette_view.show_lit(lit)
        self._show_line()

    def show_pins(self, pins: frozenset[int], *, can_keep: bool = True) -> None:
        """Mark the colours that are kept."""
        self.pins, self._can_keep = pins, can_keep
        self.palette_view.show_pins(pins, can_keep=can_keep)
        self.keep.setToolTip(classes_messages.KEEP_TIP if can_keep else classes_messages.KEEP_TOGETHER)
        self._show_line()

    @property
    def this_slice(self) -> bool:
        """True if only the pixels of the displayed slice are counted."""
        return bool(self.scope.isVisibleTo(self) and self.scope.currentIndex() == 1)

    def _order(self, summary: Summary | None) -> list[int]:
        return [] if summary is None else summary.order(by_share=self.sort.currentIndex() == 1)

    def _show_line(self) -> None:
        place, colours = self.palette_view.current, self.summary is not None and self.summary.intervals is None
        known = self.summary is not None and colours and place >= 0
        told = self.summary.describe(place) if self.summary is not None and known else classes_messages.CLICK
        self.line.setText(told)
        self.line.setToolTip(self.line.text() if known else classes_messages.PALETTE_TIP)
        self.keep.setEnabled(known and self._can_keep)
        self.keep.setChecked(known and place in self.pins)
        self.again_button.setVisible(colours and bool(self.pins))
        self.again_button.setText(classes_messages.again(len(self.pins)))
        free = self.summary is not None and len(self.pins) < len(self.summary)
        self.again_button.setEnabled(free)
        self.again_button.setToolTip(classes_messages.AGAIN_TIP if free else classes_messages.ALL_KEPT)

    # What the user does

    def end_lighting(self) -> None:
        """Let no class be lit up."""
        if self.lit >= 0:
            self.lighting.emit(-1)

    def _on_toggled(self, place: int) -> None:
        self.lighting.emit(-1 if place == self.lit else place)
        self._show_line()

    def _on_moved(self, place: int) -> None:
        if self.lit >= 0:
            self.lighting.emit(place)
        self._show_line()

    def _on_kept(self, place: int) -> None:
        self.show_pins(self.pins ^ {place}, can_keep=self._can_keep)

    def _on_keep_pressed(self) -> None:
        self._on_kept(self.palette_view.current)

    def _on_counted(self, _index: int) -> None:
        self.counted.emit()

    def _on_sorted(self, _index: int) -> None:
        self.palette_view.show_summary(self.summary, self._order(self.summary))

    def copy(self) -> None:
        """Copy the classes as text."""
        if self.summary is not None:
            QGuiApplication.clipboard().setText(self.summary.text())

    def save(self, path: Path) -> None:
        """Write the classes as CSV."""
        if self.summary is not None:
            with atomic_write(path, overwrite=True) as stream:
                stream.write(self.summary.csv().encode())

    def _ask_and_save(self) -> None:
        name = self._shown.current[0].name if self._shown is not None and self._shown.current else "result"
        path = ask_path(self, "Save classes", f"{name} classes", "CSV (*.csv)", (".csv",))
        if path is not None and (problem := write_with_notice(path, self.save)):
            show_error(problem)


def _box(tip: str, *entries: str) -> QComboBox:
    box = QComboBox()
    box.addItems(entries)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def _row(holder: QWidget, parts: tuple[QWidget, ...]) -> None:
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part, int(part is parts[0]))
