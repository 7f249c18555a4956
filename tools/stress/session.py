"""A real window with the dock, used by what its buttons say, and what goes wrong in it."""

from __future__ import annotations

import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import napari
import numpy as np
from napari.layers import Image, Labels, Layer
from napari.utils.notifications import NotificationSeverity, notification_manager
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QCheckBox, QDialog, QMenu, QMessageBox, QPushButton, QWidget

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.dock.settings import keep_in
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.canvas import find_canvas
from napari_quantize.viewer.widgets.vertical_scroll import VerticalScroll
from tools.stress.layer_events import LayerEventRecorder

MODES = ("One", "Tile", "Swipe", "Difference", "Flip")
PAUSES_MS = (0, 0, 20, 60, 150)
FILM = "film"
PHOTOS = ("photo", "slide")
WINDOW_SIZE = 1_000, 800  # software OpenGL takes long for more

OPEN_MS = 200
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

Part = TypeVar("Part", bound=QWidget)

Command = Callable[[], bool]
"""Returns False if the command is disabled or not offered now."""


@dataclass(frozen=True)
class Problem:
    """Something that went wrong: its kind (traceback, error, stuck or left over), and what there is to say."""

    kind: str
    text: str


def random_images(seed: int, size: int) -> dict[str, np.ndarray]:
    """Return images by their names: grey ones of some far-apart values with noise, and photos of all colours.

    For such greys, Lloyd's algorithm often ends above the best levels.
    """
    random = np.random.default_rng(seed)

    def grey(*shape: int) -> np.ndarray:
        values = random.choice(random.integers(100, 4_000, 12), shape)
        return np.asarray((values + random.normal(0, 20, shape)).astype(np.uint16))

    return {
        "cells": grey(3 * size, 4 * size),
        "photo": random.integers(0, 255, (4 * size, 6 * size, 3), dtype=np.uint8),
        "slide": random.integers(0, 255, (2 * size, 3 * size, 3), dtype=np.uint8),
        FILM: grey(6, size, size + size // 3),
    }


class Session:
    """A window with the dock.

    Parameters
    ----------
    seed : int
        Of all that is chosen at random.
    images : dict of str to array
        The images of the user.
    record : Path, optional
        File in which a `LayerEventRecorder` writes what happens to the layers.
    """

    def __init__(self, seed: int, images: dict[str, np.ndarray], record: Path | None = None) -> None:
        keep_in(None)
        self.random = random.Random(seed)  # noqa: S311 - steps, not secrets
        self.problems: list[Problem] = []
        self.n_runs = 0
        sys.excepthook = self._on_error
        threading.excepthook = lambda error: self._on_error(error.exc_type, error.exc_value, error.exc_traceback)
        notification_manager.notification_ready.connect(self._on_notification)
        self.images = images
        self.viewer = napari.Viewer()
        self.viewer.window.resize(*WINDOW_SIZE)
        self._recorder = None if record is None else LayerEventRecorder(self.viewer, record)

    # What goes wrong

    def _on_error(self, kind: type, error: BaseException | None, trace: TracebackType | None) -> None:
        self.problems.append(Problem("traceback", "".join(traceback.format_exception(kind, error, trace))))

    def _on_notification(self, notification: Any) -> None:
        if notification.severity >= NotificationSeverity.ERROR:
            self.problems.append(Problem("error", notification.message))

    def take(self, step: Callable[[], object]) -> object:
        """Take a step; an error in it is a problem."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - it is recorded
            self._on_error(type(error), error, error.__traceback__)
            return None

    def wait_until(self, holds: Callable[[], bool], what: str, seconds: int = 60) -> None:
        """Wait until something holds; it is a problem if it never does."""
        for _ in range(seconds * 50):
            if holds():
                return
            wait(20)
        self.problems.append(Problem("stuck", f"waited {seconds} s in vain for {what}"))

    def state(self) -> str:
        """Return what the window shows, in a few words."""
        with_try = " and Try" if self.part(TryRow).is_on else ""
        return f"{self.view_mode or 'no mode'}{with_try}, {len(self.viewer.layers)} layers"

    # The dock

    def open_dock(self) -> None:
        """Open the dock."""
        self.dock, self.widget = self.viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
        self.widget.finished.connect(self._on_finished)

    def close_dock(self) -> None:
        """Close the dock, as its button does."""
        self.dock.destroyOnClose()

    def close_and_open(self) -> None:
        """Close the dock and open it again."""
        self.close_dock()
        wait(self.random.choice(PAUSES_MS))
        self.open_dock()

    def close_dock_and_find_left_over(self) -> None:
        """Close the dock; temporary layers that are still there are a problem."""
        self.wait_until(lambda: not self.widget.busy, "the end of a run")
        self.close_dock()
        wait(200)
        left = [layer.name for layer in self.viewer.layers if is_temporary(layer)]
        self.problems += [Problem("left over", name) for name in left]

    def _on_finished(self, _layers: list[Image]) -> None:
        self.n_runs += 1

    @property
    def view_mode(self) -> str:
        """The present view mode; empty if there is none."""
        return str(self.widget._family.view_mode.value)

    def part(self, kind: type[Part]) -> Part:
        """Return the part of the dock that is of a kind."""
        found: Part = self.widget.native.findChild(kind)
        return found

    def visible(self, kind: type[Part]) -> list[Part]:
        """Return the windows of a kind that the dock has opened."""
        return [window for window in self.widget.native.findChildren(kind) if window.isVisible()]

    def _buttons(self) -> Iterator[QPushButton | QCheckBox]:
        """Yield the buttons that the user can press."""
        native = self.widget.native
        for button in [*native.findChildren(QPushButton), *native.findChildren(QCheckBox)]:
            if button.isEnabled() and button.isVisibleTo(native):
                yield button

    def menus(self) -> Iterator[QMenu]:
        """Yield the menus of the buttons that the user can press."""
        for button in self._buttons():
            if isinstance(button, QPushButton) and button.menu() is not None:
                yield button.menu()

    def offers(self, text: str) -> bool:
        """Return whether the user can press a button now."""
        return any(button.text() == text for button in self._buttons())

    def click(self, text: str) -> bool:
        """Click a button, tick a box or choose an entry of a menu; return False if that is not possible now."""
        button = next((button for button in self._buttons() if button.text() == text), None)
        if button is not None:
            button.click()
            return True
        entries = [(menu, action) for menu in self.menus() for action in menu.actions()]
        found = next((each for each in entries if each[1].text() == text and each[1].isEnabled()), None)
        if found is not None:
            self.choose(*found)
        return found is not None

    def choose(self, menu: QMenu, action: Any) -> None:
        """Open a menu, choose an entry, and close it, as the entry does when it is clicked."""
        self.pop_up(menu)
        menu.close()
        action.trigger()

    def pop_up(self, menu: QMenu) -> None:
        """Open a menu of the dock, and have it painted."""
        menu.popup(self.widget.native.mapToGlobal(QPoint(20, 20)))
        wait(20)

    def reveal(self, widget: QWidget) -> None:
        """Scroll the dock to a widget."""
        self.part(VerticalScroll).ensureWidgetVisible(widget)
        wait(20)

    def answer(self) -> None:
        """Answer the questions of the dock at random."""
        for box in self.visible(QMessageBox):
            self.random.choice([button for button in box.buttons() if button.isEnabled()]).click()

    def close_windows(self) -> None:
        """Close the windows that the dock has opened."""
        for dialog in self.visible(QDialog):
            dialog.close()

    def quantize(self, ks: str) -> None:
        """Make results of the chosen image."""
        self.widget.k_values.value = ks
        self.await_run(lambda: self.widget.run.native.click() is None)

    def await_run(self, start: Callable[[], bool]) -> bool:
        """Start a run and wait for its end; return False if `start` cannot start one."""
        n_before = self.n_runs
        if not start():
            return False
        self.wait_until(lambda: self.n_runs > n_before and not self.widget.busy, "a run")
        return True

    # The viewer

    def add_image(self, name: str) -> None:
        """Add an image of the user's, unless it is there."""
        if name not in self.viewer.layers:
            axes = {"axis_labels": ("t", "y", "x")} if name == FILM else {}
            self.viewer.add_image(self.images[name], name=name, rgb=name in PHOTOS, **axes)

    def choose_image(self, name: str) -> None:
        """Choose an image; open it if it was removed."""
        self.add_image(name)
        self.viewer.layers.selection.active = self.viewer.layers[name]

    def results(self, image: str = "") -> list[Image]:
        """Return the results of an image, or of all."""
        found = [(layer, provenance_of(layer)) for layer in self.viewer.layers]
        return [layer for layer, each in found if each is not None and image in ("", each.source_name)]

    def labels(self) -> list[Labels]:
        """Return the labels that are no temporary layers."""
        return [layer for layer in self.viewer.layers if isinstance(layer, Labels) and not is_temporary(layer)]

    def delete_by_bin(self, layers: Iterable[Layer]) -> None:
        """Select layers, and delete them by the button of the layer list."""
        self.viewer.layers.selection = set(layers)
        buttons = self.widget.native.window().findChildren(QPushButton)
        next(button for button in buttons if button.property("mode") == "delete_button").click()

    def show_3d(self, is_3d: bool) -> None:
        """Enter or leave the 3-D view, and point at the canvas: labels need that (see docs/known-issues.md)."""
        self.viewer.dims.ndisplay = 3 if is_3d else 2
        canvas = find_canvas(self.widget.native)
        if canvas is None:
            return
        for share in (0.3, 0.4):  # not the middle, which is between two tiles
            QTest.mouseMove(canvas, canvas.rect().bottomRight() * share)
            wait(20)


def press(button: QAbstractButton) -> bool:
    """Press a button; return False if it is disabled."""
    if not button.isEnabled():
        return False
    button.click()
    return True


def drag(canvas: QWidget, start: QPoint, end: QPoint) -> None:
    """Press the mouse's button at a pixel, and release it at another one."""
    QTest.mousePress(canvas, LEFT, NO_KEY, start)
    for pixel in ((start + end) / 2, end):
        QTest.mouseMove(canvas, pixel)
        wait(0)
    QTest.mouseRelease(canvas, LEFT, NO_KEY, end)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems to stderr."""
    for problem in problems:
        print(f"{problem.kind}: {problem.text}", file=sys.stderr, flush=True)
