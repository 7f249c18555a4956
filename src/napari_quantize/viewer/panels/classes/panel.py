"""The panel *Levels & areas*, or *Palette*: the classes of the current result, with their shares and areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QGuiApplication, QHideEvent, QShowEvent
from qtpy.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_quantize.text.spreadsheet import write_csv
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.over_planes_view import AreasView
from napari_quantize.viewer.panels.classes.swatches import PaletteArea, PaletteView
from napari_quantize.viewer.panels.classes.table import LevelsTable
from napari_quantize.viewer.panels.panel import Panel, corner
from napari_quantize.viewer.widgets.file_notices import write_with_notice
from napari_quantize.viewer.widgets.forms import ElidedText
from napari_quantize.viewer.widgets.plot import ask_path

if TYPE_CHECKING:
    from napari_quantize.plots.theme import PlotTheme
    from napari_quantize.viewer.family.snapshot import FamilySnapshot
    from napari_quantize.viewer.panels.classes.model import ClassSummary
    from napari_quantize.viewer.panels.classes.over_planes import AreasOverPlanes

_ALL, _THIS, _OVER = "all", "this", "over"


class ClassesPanel(Panel):
    """Show the classes of a result; signal which pixels to count, which class to highlight and when to quantize again.

    Attributes
    ----------
    summary : ClassSummary or None
        The classes; None while the pixels are being counted.
    highlighted : int
        Index of the highlighted class; -1 for none.
    areas : AreasOverPlanes or None
        The areas over time points or planes, while these are shown.
    locked : frozenset of int
        Indices of the colours that stay as they are when the image is quantized again.
    """

    name = "Classes"
    tip = "The classes of the current result: values, thresholds and areas, or colours and their shares"

    family_shown = Signal(object)
    """Emitted with the `FamilySnapshot` that the panel is to show."""

    count_requested = Signal()
    """Emitted when the user chooses another channel, or one slice or all."""

    highlight_requested = Signal(int)
    """Emitted with the class to highlight; -1 for none."""

    requantize_requested = Signal()
    """Emitted when the user asks to quantize again with the locked colours."""

    hidden = Signal()
    """Emitted when the panel is no longer visible, or has nothing to show."""

    closing = Signal()
    """Emitted when the dock is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: FamilySnapshot | None = None
        self.summary: ClassSummary | None = None
        self.highlighted = -1
        self.locked: frozenset[int] = frozenset()
        self._can_lock, self._shows_colours = True, False
        self.areas: AreasOverPlanes | None = None
        self.areas_view = AreasView()
        self.table = LevelsTable()
        self.palette_view = PaletteView()
        self._area = PaletteArea(self.palette_view)
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.channel = _combo_box(classes_messages.CHANNEL_TIP)
        self.scope = _combo_box(classes_messages.SCOPE_TIP)
        self.sort = _combo_box(classes_messages.SORT_TIP, "Dark to bright", "By share")
        self.line = QLabel()
        self.line.setIndent(0)  # with napari's style sheet, labels have one, which takes room
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.lock = QPushButton("Lock")
        self.lock.setCheckable(True)
        self.lock.setToolTip(classes_messages.LOCK_TIP)
        self.again_button = QPushButton()
        self.again_button.setToolTip(classes_messages.AGAIN_TIP)
        self.again_button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.copy_button, self.save_button = QPushButton("Copy"), QPushButton("Save…")
        self.copy_button.setToolTip(classes_messages.COPY_TIP)
        self.save_button.setToolTip(classes_messages.SAVE_TIP)
        self._lay_out()
        self._connect()
        # Hide what is not needed before the first layout: all parts together are wider than the dock, which would grow
        # to hold them, and Qt does not shrink a dock again.
        self.show_choices([], colours=False)
        self.show_slices(False, "")
        self.show_summary(None)

    def _lay_out(self) -> None:
        self.controls = corner(self.copy_button, self.save_button)
        self._choosers = QWidget()
        _row(self._choosers, (self.channel, self.scope, self.sort))
        self._current_row = QWidget()
        _row(self._current_row, (self.line, self.lock))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._choosers)
        # One cell for all: the note lies over the empty table, so that nothing moves while other classes are counted.
        views = QGridLayout()
        for view in (self.table, self._area, self.areas_view, self._note):
            views.addWidget(view, 0, 0)
        layout.addLayout(views, 1)
        layout.addWidget(self._current_row)
        layout.addWidget(self.again_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        for view in (self.table, self.palette_view):
            view.toggled.connect(self._on_toggled)
            view.current_changed.connect(self._on_current_changed)
            view.escaped.connect(self.end_highlight)
        self.palette_view.lock_toggled.connect(self._on_locked)
        self.lock.clicked.connect(self._on_lock_pressed)
        self.again_button.clicked.connect(self.requantize_requested)
        self.channel.currentIndexChanged.connect(self._on_count_requested)
        self.scope.currentIndexChanged.connect(self._on_count_requested)
        self.sort.currentIndexChanged.connect(self._on_sorted)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self._ask_and_save)

    # What the accordion asks for

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return True if there is a current result."""
        return shown.provenance is not None

    def title(self, shown: FamilySnapshot) -> str:
        """Return the fold's title: *Levels & areas* or *Palette*, with K."""
        return classes_messages.panel_title(shown.provenance)

    def show_family(self, shown: FamilySnapshot) -> None:
        """Ask the controller to count the classes of the current result, which needs the viewer."""
        self._shown = shown
        self.family_shown.emit(shown)

    def release_layers(self) -> None:
        """Release the layers."""
        if self._shown is not None:
            self._shown = None
            self.hidden.emit()

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self.areas_view.set_theme(theme)

    def close_down(self) -> None:
        """Stop counting, and end the highlight."""
        self.closing.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """End the highlight, which could not be switched off any more, and stop counting."""
        super().hideEvent(event)
        # Spontaneous events come from the window system: a minimized window keeps its highlight.
        if event is not None and not event.spontaneous():
            self.hidden.emit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Count again, since the result may have changed meanwhile."""
        super().showEvent(event)
        if self._shown is not None and event is not None and not event.spontaneous():
            self.family_shown.emit(self._shown)

    # What is shown

    def show_choices(self, channels: list[str], *, colours: bool) -> None:
        """Offer these channels, and show the parts for colours or those for levels."""
        with signals_blocked(self.channel):
            if [self.channel.itemText(i) for i in range(self.channel.count())] != channels:
                self.channel.clear()
                self.channel.addItems(channels)
        self._shows_colours = colours
        self._show_parts()

    def show_slices(self, slices: bool, over: str) -> None:
        """Show the choice between all slices and the displayed one, and of areas over an axis.

        Parameters
        ----------
        slices : bool
            Whether there are several slices that share levels.
        over : str
            Name of the axis of time points or planes; empty if there is none.
        """
        one = [(classes_messages.one(over), _ALL)] if over and not slices else []
        entries = [(classes_messages.ALL_SLICES, _ALL), (classes_messages.THIS_SLICE, _THIS)] if slices else one
        entries += [(classes_messages.over(over), _OVER)] if over else []
        with signals_blocked(self.scope):
            if [self.scope.itemText(row) for row in range(self.scope.count())] != [text for text, _ in entries]:
                chosen = self.scope.currentData()
                self.scope.clear()
                for text, kind in entries:
                    self.scope.addItem(text, kind)
                self.scope.setCurrentIndex(max(0, self.scope.findData(chosen)))
        self._show_parts()

    def _show_parts(self) -> None:
        colours, over = self._shows_colours, self.over_planes
        parts: list[tuple[QWidget, bool]] = [
            (self.channel, self.channel.count() > 1),
            (self.scope, self.scope.count() > 0),
            (self.sort, colours and not over),
            (self.table, not colours and not over),
            (self._area, colours and not over),
            (self._current_row, colours and not over),
            (self.areas_view, over),
        ]
        # Hide before showing, or for a moment all parts are visible (see `__init__`).
        for part, visible in sorted(parts, key=lambda each: each[1]):
            part.setVisible(visible)
        boxes = (self.channel, self.scope, self.sort)
        self._choosers.setVisible(any(not box.isHidden() for box in boxes))

    def show_channel(self, channel: int) -> None:
        """Choose a channel; emit nothing."""
        with signals_blocked(self.channel):
            self.channel.setCurrentIndex(channel)

    def show_summary(self, summary: ClassSummary | None, note: str = classes_messages.WAITING) -> None:
        """Show classes, or a note why there are none."""
        self.summary, self.areas = summary, None
        self.areas_view.show_areas(None)
        self._show_note(note, known=summary is not None)
        levels = summary if summary is not None and summary.intervals is not None else None
        colours = summary if summary is not None and summary.intervals is None else None
        self.table.show_summary(levels, whole=not self.this_slice)
        self.palette_view.show_summary(colours, self._order(colours))
        self._show_line()

    def show_areas(self, areas: AreasOverPlanes, present: int) -> None:
        """Show areas over time points or planes, and mark the one that the viewer shows."""
        self.areas = areas
        self.areas_view.show_areas(areas)
        self.areas_view.show_present(present)
        self._show_note("", known=True)

    def _show_note(self, note: str, *, known: bool) -> None:
        self._note.setText(note)
        self._note.setVisible(not known)
        self.copy_button.setEnabled(known)
        self.save_button.setEnabled(known)

    def show_highlighted(self, highlighted: int) -> None:
        """Mark the highlighted class; none with -1."""
        self.highlighted = highlighted
        self.table.show_highlighted(highlighted)
        self.palette_view.show_highlighted(highlighted)
        self._show_line()

    def show_locked(self, locked: frozenset[int], *, can_lock: bool = True) -> None:
        """Mark the locked colours. `can_lock` tells whether the user may change them."""
        self.locked, self._can_lock = locked, can_lock
        self.palette_view.show_locked(locked, can_lock=can_lock)
        self.lock.setToolTip(classes_messages.LOCK_TIP if can_lock else classes_messages.LOCK_TOGETHER)
        self._show_line()

    @property
    def this_slice(self) -> bool:
        """True if only the pixels of the displayed slice are counted."""
        return bool(self.scope.currentData() == _THIS)

    @property
    def over_planes(self) -> bool:
        """True if areas over time points or planes are shown."""
        return bool(self.scope.currentData() == _OVER)

    def _order(self, summary: ClassSummary | None) -> list[int]:
        return [] if summary is None else summary.order(by_share=self.sort.currentIndex() == 1)

    def _show_line(self) -> None:
        index, colours = self.palette_view.current, self.summary is not None and self.summary.intervals is None
        known = self.summary is not None and colours and index >= 0
        text = self.summary.describe(index) if self.summary is not None and known else classes_messages.CLICK
        self.line.setText(text)
        self.line.setToolTip(self.line.text() if known else classes_messages.PALETTE_TIP)
        self.lock.setEnabled(known and self._can_lock)
        self.lock.setChecked(known and index in self.locked)
        self.again_button.setVisible(colours and bool(self.locked))
        self.again_button.setText(classes_messages.again(len(self.locked)))
        free = self.summary is not None and len(self.locked) < len(self.summary)
        self.again_button.setEnabled(free)
        self.again_button.setToolTip(classes_messages.AGAIN_TIP if free else classes_messages.ALL_LOCKED)

    # What the user does

    def end_highlight(self) -> None:
        """Ask to end the highlight."""
        if self.highlighted >= 0:
            self.highlight_requested.emit(-1)

    def _on_toggled(self, index: int) -> None:
        self.highlight_requested.emit(-1 if index == self.highlighted else index)
        self._show_line()

    def _on_current_changed(self, index: int) -> None:
        if self.highlighted >= 0:
            self.highlight_requested.emit(index)
        self._show_line()

    def _on_locked(self, index: int) -> None:
        self.show_locked(self.locked ^ {index}, can_lock=self._can_lock)

    def _on_lock_pressed(self) -> None:
        self._on_locked(self.palette_view.current)

    def _on_count_requested(self, _index: int) -> None:
        self._show_parts()
        self.count_requested.emit()

    def _on_sorted(self, _index: int) -> None:
        self.palette_view.show_summary(self.summary, self._order(self.summary))

    def copy(self) -> None:
        """Copy the classes, or their areas over time points or planes, as text."""
        table = self.areas or self.summary
        if table is not None:
            QGuiApplication.clipboard().setText(table.text())

    def _ask_and_save(self) -> None:
        # What is shown now: behind the dialog, a run may end, whose result the panel shows then.
        table = self.areas or self.summary
        name = self._shown.current[0].name if self._shown is not None and self._shown.current else "result"
        path = ask_path(self, "Save classes", f"{name} classes", "CSV (*.csv)", (".csv",))
        if path is None or table is None:
            return
        content = table.csv()
        if problem := write_with_notice(path, lambda path: write_csv(path, content, overwrite=True)):
            show_error(problem)


def _combo_box(tip: str, *entries: str) -> QComboBox:
    box = QComboBox()
    box.addItems(entries)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    ElidedText(box)
    return box


def _row(holder: QWidget, parts: tuple[QWidget, ...]) -> None:
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part, int(part is parts[0]))
