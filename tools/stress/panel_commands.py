"""The commands of the dock's panels: what is clicked, dragged, saved and copied there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from qtpy.QtCore import QPoint
from qtpy.QtGui import QGuiApplication
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.panels.classes.panel import ClassesPanel
from napari_quantize.viewer.panels.error_curve.panel import CurvePanel
from napari_quantize.viewer.panels.histogram.panel import HistogramPanel
from napari_quantize.viewer.panels.lloyd_steps.messages import RUNNING
from napari_quantize.viewer.panels.lloyd_steps.panel import StepsPanel
from napari_quantize.viewer.panels.panel import Accordion, Panel
from napari_quantize.viewer.widgets.plot import Plot
from tools.stress.session import LEFT, NO_KEY, OPEN_MS, Command, Session, drag, press

PANELS = (HistogramPanel, ClassesPanel, CurvePanel, StepsPanel)
SavedPanel = HistogramPanel | ClassesPanel | StepsPanel
PULL_PX = 30


class PanelCommands:
    """The commands of the panels.

    Parameters
    ----------
    session : Session
        The window.
    folder : Path
        Folder for the files that are written.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._random, self._folder = session, session.random, folder
        self._numbers = count()

    def by_name(self) -> dict[str, Command]:
        """Return the commands by their names in the table."""
        save = self._save
        return {
            **{f"Panel {panel.name}": partial(self._open_panel, panel) for panel in PANELS},
            "Drag a border": self._drag_border,
            "Zoom the histogram": self._zoom,
            "Save histogram": partial(save, self._unfold_histogram, HistogramPanel, (".png", ".svg", ".pdf")),
            "Show a class": self._show_class,
            "Count a slice": partial(self._choose_scope, "this"),
            "Areas over planes": partial(self._choose_scope, "over"),
            "Copy classes": self._copy_classes,
            "Save classes": partial(save, self._unfold_classes, ClassesPanel, (".csv",)),
            "Lock colours, quantize again": self._quantize_with_locked,
            "Click in the error curve": self._click_in_curve,
            "Play the steps": self._play,
            "Save the steps": partial(save, self._unfold_steps, StepsPanel, (".gif",)),
        }

    # Opening

    def _open_panel(self, panel: type[Panel]) -> bool:
        if not self._unfold(panel):
            return False
        wait(OPEN_MS)
        self._close()
        return True

    def _close(self) -> None:
        self._session.part(Accordion).open("")

    def _unfold(self, kind: type[Panel]) -> bool:
        """Open a panel; return False if it is hidden."""
        accordion = self._session.part(Accordion)
        [fold] = [fold for panel, fold in accordion.folds.items() if panel.name == kind.name]
        if not fold.isVisibleTo(self._session.widget.native):
            return False
        accordion.open(kind.name)
        return True

    def _unfold_histogram(self) -> bool:
        """Open the histogram, and wait until it is drawn, if there is one."""
        if not self._unfold(HistogramPanel):
            return False
        panel = self._session.part(HistogramPanel)
        if panel.model.shown.facts is None:
            return False
        self._session.wait_until(lambda: _is_drawn(panel), "the histogram")
        return True

    def _unfold_classes(self) -> bool:
        """Open the classes, and wait until they are counted."""
        if not self._unfold(ClassesPanel):
            return False
        panel = self._session.part(ClassesPanel)
        self._session.wait_until(lambda: panel.copy_button.isEnabled(), "the classes")
        return True

    def _unfold_steps(self) -> bool:
        """Open the steps, and wait until they are computed."""
        if not self._unfold(StepsPanel):
            return False
        panel = self._session.part(StepsPanel)
        self._session.wait_until(lambda: panel.line.text() != RUNNING, "the steps")
        return True

    # The histogram

    def _drag_border(self) -> bool:
        """Drag one of the borders between levels, where there are some."""
        rows = self._session.part(HistogramPanel).model.rows if self._unfold_histogram() else []
        borders = [] if not rows or rows[0].borders is None else list(rows[0].borders)
        if not borders:
            return False
        return self._session.await_run(partial(self._pull, self._random.choice(borders)))

    def _pull(self, border: float) -> bool:
        """Drag a border by some pixels; return False if that makes no result."""
        panel = self._session.part(HistogramPanel)
        edited: list[object] = []
        panel.codebook_edited.connect(edited.append)
        canvas, start = self._pixel(panel, border)
        drag(canvas, start, start + QPoint(self._random.choice((-PULL_PX, PULL_PX)), 0))
        panel.codebook_edited.disconnect(edited.append)
        return bool(edited)

    def _pixel(self, panel: Panel, across: float) -> tuple[QWidget, QPoint]:
        """Return a plot's canvas, and the pixel of a horizontal position at half of the height of its first axes."""
        canvas, axes = _canvas(panel), _plot(panel).figure.axes[0]
        self._session.reveal(canvas)
        ratio = canvas.devicePixelRatioF()
        x = axes.transData.transform((across, 1.0))[0] / ratio
        y = canvas.height() - (axes.bbox.y0 + axes.bbox.y1) / 2 / ratio
        return canvas, QPoint(round(x), round(y))

    def _zoom(self) -> bool:
        if not self._unfold_histogram():
            return False
        canvas = _canvas(self._session.part(HistogramPanel))
        for key in self._random.choices("+-0", k=3):
            QTest.keyClick(canvas, key)
            wait(20)
        return True

    # Classes

    def _show_class(self) -> bool:
        """Highlight one class, then another one, and switch that off, or not."""
        if not self._unfold_classes():
            return False
        panel = self._session.part(ClassesPanel)
        view = panel.palette_view if panel.table.isHidden() else panel.table
        for index in (0, 1, *self._random.choice([(), (1,)])):
            view.toggled.emit(index)
            wait(OPEN_MS)
        return True

    def _choose_scope(self, scope: str) -> bool:
        """Count one slice, or the areas over time points, and go to one of these; then count all again."""
        if not self._unfold_classes():
            return False
        panel = self._session.part(ClassesPanel)
        index = panel.scope.findData(scope)
        if index < 0:
            return False
        panel.scope.setCurrentIndex(index)
        self._session.wait_until(lambda: panel.copy_button.isEnabled(), "the classes of this choice")
        if panel.areas is not None:
            panel.areas_view.chosen.emit(self._random.randrange(len(panel.areas)))
        wait(OPEN_MS)
        panel.scope.setCurrentIndex(0)
        return True

    def _copy_classes(self) -> bool:
        clipboard = QGuiApplication.clipboard()
        clipboard.clear()
        if not self._unfold_classes():
            return False
        press(self._session.part(ClassesPanel).copy_button)
        self._session.wait_until(lambda: bool(clipboard.text()), "the copied classes")
        return True

    def _quantize_with_locked(self) -> bool:
        """Lock a colour, or unlock it, and quantize again."""
        if not self._unfold_classes():
            return False
        panel = self._session.part(ClassesPanel)
        if panel.summary is None or panel.summary.palette is None:
            return False
        panel.palette_view.lock_toggled.emit(self._random.randrange(len(panel.summary)))
        wait(20)
        if panel.again_button.isHidden():
            return True
        return self._session.await_run(partial(press, panel.again_button))

    # The error curve

    def _click_in_curve(self) -> bool:
        """Click at a K: at a result's, or at one that is made then."""
        if not self._unfold(CurvePanel):
            return False
        panel = self._session.part(CurvePanel)
        self._session.wait_until(lambda: panel.model.is_measured and _is_drawn(panel), "the error curve")
        largest = max(point.k for point in panel.model.curve.points)
        self._session.await_run(partial(self._click_at, self._random.randint(1, largest)))
        return True

    def _click_at(self, k: int) -> bool:
        """Click at a K in the error curve; return False if that starts no run."""
        panel = self._session.part(CurvePanel)
        asked: list[int] = []

        def on_requested(k: int, _request: object) -> None:
            asked.append(k)

        panel.result_requested.connect(on_requested)
        canvas, pixel = self._pixel(panel, k)
        QTest.mouseClick(canvas, LEFT, NO_KEY, pixel)
        panel.result_requested.disconnect(on_requested)
        return bool(asked)

    # The steps

    def _play(self) -> bool:
        """Play, and close the panel meanwhile, or not."""
        if not self._unfold_steps():
            return False
        is_playing = press(self._session.part(StepsPanel).play)
        wait(OPEN_MS)
        self._session.part(Accordion).open(self._random.choice(["", StepsPanel.name]))
        return is_playing

    # Files

    def _save(self, unfold: Callable[[], bool], kind: type[SavedPanel], suffixes: Iterable[str]) -> bool:
        """Press *Save…* of a panel, and wait for the file."""
        if not unfold():
            return False
        path = self._folder / f"panel {next(self._numbers)}{self._random.choice(list(suffixes))}"
        with patch.object(QFileDialog, "getSaveFileName", lambda *_: (str(path), "")):
            done = press(self._session.part(kind).save_button)
        if done:
            self._session.wait_until(path.exists, f"the file of {kind.name}")
        self._close()
        return done


def _plot(panel: Panel) -> Plot:
    """Return the plot of a panel."""
    plot: Plot = panel.findChild(Plot)
    return plot


def _is_drawn(panel: Panel) -> bool:
    """Return whether the plot of a panel has axes, and no note over them."""
    plot = _plot(panel)
    return not plot.note and bool(plot.figure.axes)


def _canvas(panel: Panel) -> Any:
    """Return the widget in which the plot of a panel is painted."""
    return _plot(panel).figure.canvas
