"""Use the dock at random in a real, painted window, to find crashes, tracebacks and layers that are left over.

``tools/with-display.sh python tools/stress.py --steps 200 --seeds 20`` takes random steps, each seed in a process of
its own. ``--commands 50`` calls each command of the dock so many times in each view mode instead. Of each process that
failed, the last steps are printed. The exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import napari
import numpy as np
from napari.layers import Image, Layer
from qtpy.QtCore import QEventLoop, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QCheckBox, QMessageBox, QPushButton

from napari_quantize.viewer.dock.settings import keep_in
from napari_quantize.viewer.layers.provenance import provenance_of
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.panels.panel import Accordion
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.canvas import find_canvas

N_PRINTED = 10
TIMEOUT_S = 1_800
MODES = ("One", "Tile", "Swipe", "Difference", "Flip")
STATES = ("nothing", *MODES, "Try")
PAUSES_MS = (0, 0, 20, 60, 150)


class Session:
    """A window with the dock, used by the names of its buttons, and what went wrong."""

    def __init__(self, seed: int) -> None:
        keep_in(None)
        self.random = random.Random(seed)  # noqa: S311 - steps, not secrets
        self.problems: list[str] = []
        sys.excepthook = self._on_error
        threading.excepthook = lambda error: self._on_error(error.exc_type, error.exc_value, error.exc_traceback)
        noise = np.random.default_rng(seed)
        self.images = {
            "cells": noise.gamma(2, 300, (300, 400)).astype(np.uint16),
            "photo": noise.integers(0, 255, (400, 600, 3), dtype=np.uint8),
            "stack": noise.integers(0, 4_000, (6, 120, 160), dtype=np.uint16),
        }
        self.viewer = napari.Viewer()
        for name in self.images:
            self.add_image(name)
        self.open_dock()
        self.wait(200)

    def _on_error(self, kind: type, error: BaseException | None, trace: TracebackType | None) -> None:
        self.problems.append("".join(traceback.format_exception(kind, error, trace)))

    def wait(self, ms: int) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    def wait_until(self, holds: Callable[[], bool], seconds: int = 60) -> None:
        """Wait until something holds; it is a problem if it never does."""
        for _ in range(seconds * 50):
            if holds():
                return
            self.wait(20)
        self.problems.append(f"waited {seconds} s in vain")

    def state(self) -> str:
        """Return what the window shows, in a few words."""
        mode = self.widget._family.view_mode.value or "no mode"
        with_try = " and Try" if self.try_row().is_on else ""
        return f"{mode}{with_try}, {len(self.viewer.layers)} layers"

    # The dock

    def open_dock(self) -> None:
        """Open the dock."""
        self.dock, self.widget = self.viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")

    def close_and_open(self) -> None:
        """Close the dock and open it again."""
        self.dock.destroyOnClose()
        self.wait(self.random.choice(PAUSES_MS))
        self.open_dock()

    def click(self, text: str) -> None:
        """Click a button, tick a box or choose an entry of a menu, if it is visible and enabled."""
        native = self.widget.native
        buttons = [*native.findChildren(QPushButton), *native.findChildren(QCheckBox)]
        for button in buttons:
            if button.text() == text and button.isEnabled() and button.isVisibleTo(native):
                button.click()
                return
        menus = [button.menu() for button in buttons if isinstance(button, QPushButton) and button.menu() is not None]
        for action in [action for menu in menus for action in menu.actions()]:
            if action.text() == text and action.isEnabled():
                action.trigger()
                return

    def answer(self) -> None:
        """Answer the questions of the dock at random."""
        for box in self.widget.native.findChildren(QMessageBox):
            if box.isVisible():
                self.random.choice([button for button in box.buttons() if button.isEnabled()]).click()

    def remove_results(self) -> None:
        """Remove the results of the chosen image."""
        self.click("Remove results")
        self.answer()

    def quantize(self, ks: str | None = None) -> None:
        """Start a run; wait for its end, or not."""
        self.widget.k_values.value = ks or self.random.choice(["2, 4", "1, 2, 4, 8, 16, 32", "3, 5", "2"])
        self.widget.run.native.click()
        if ks or self.random.random() < 0.7:
            self.wait_until(lambda: not self.widget.busy)

    def try_k(self) -> None:
        """Move the slider of *Try*."""
        self.try_row().number.setValue(self.random.randint(2, 12))

    def try_row(self) -> TryRow:
        """Return the row of *Try*."""
        return self.widget.native.findChild(TryRow)

    def open_panel(self) -> None:
        """Open a panel."""
        accordion = self.widget.native.findChild(Accordion)
        accordion.open(self.random.choice([panel.name for panel in accordion.panels]))

    # The viewer

    def add_image(self, name: str) -> None:
        """Add an image of the user's, unless it is there."""
        if name not in self.viewer.layers:
            self.viewer.add_image(self.images[name], name=name, rgb=name == "photo")

    def choose_image(self) -> None:
        """Choose another image; open it if it was removed."""
        name = self.random.choice(list(self.images))
        self.add_image(name)
        self.viewer.layers.selection.active = self.viewer.layers[name]

    def results(self) -> list[Image]:
        """Return the results of all images."""
        return [layer for layer in self.viewer.layers if provenance_of(layer) is not None]

    def any_layer(self) -> Layer | None:
        """Return one of the layers, mostly a result."""
        layers = self.results() if self.random.random() < 0.7 else list(self.viewer.layers)
        return self.random.choice(layers or list(self.viewer.layers) or [None])

    def select(self) -> None:
        """Select a layer."""
        self.viewer.layers.selection.active = self.any_layer()

    def delete_by_bin(self) -> None:
        """Select some layers, temporary ones too, and delete them by the button of the layer list."""
        chosen = {self.any_layer() for _ in range(self.random.randint(1, 3))} - {None}
        self.viewer.layers.selection = chosen
        buttons = self.widget.native.window().findChildren(QPushButton)
        next(button for button in buttons if button.property("mode") == "delete_button").click()

    def toggle_visible(self) -> None:
        """Hide or show a layer."""
        layer = self.any_layer()
        if layer is not None:
            layer.visible = not layer.visible

    def rename(self) -> None:
        """Rename a result."""
        for layer in self.results()[:1]:
            layer.name = f"renamed {self.random.randint(0, 99)}"

    def move_slider(self) -> None:
        """Move the slider of the stack."""
        self.viewer.dims.set_current_step(0, self.random.randint(0, 5))

    def toggle_3d(self) -> None:
        """Enter or leave the 3-D view, and point at the canvas: labels need that (see docs/known-issues.md)."""
        self.viewer.dims.ndisplay = 5 - self.viewer.dims.ndisplay
        canvas = find_canvas(self.widget.native)
        for share in (0.3, 0.4):  # not the middle, which is between two tiles
            QTest.mouseMove(canvas, canvas.rect().bottomRight() * share)
            self.wait(20)

    def left_over(self) -> list[str]:
        """Close the dock, and return the names of the temporary layers that are still there."""
        self.wait_until(lambda: not self.widget.busy)
        self.dock.destroyOnClose()
        self.wait(500)
        return [layer.name for layer in self.viewer.layers if is_temporary(layer)]


def steps_of(session: Session) -> dict[str, tuple[int, Callable[[], None]]]:
    """Return the steps by their names, each with its weight."""
    modes = {mode: (3, lambda mode=mode: session.click(mode)) for mode in MODES}
    return {
        **modes,
        "Try": (3, lambda: session.try_row().check.click()),
        "Try another K": (3, session.try_k),
        "Add": (1, lambda: session.try_row().add.click()),
        "Make labels": (2, lambda: session.click("Make labels")),
        "Remove results": (2, session.remove_results),
        "Undo": (3, lambda: session.click("Undo")),
        "Quantize": (4, session.quantize),
        "Cancel": (1, lambda: session.click("Cancel")),
        "panel": (1, session.open_panel),
        "close and open the dock": (1, session.close_and_open),
        "delete by the bin": (2, session.delete_by_bin),
        "choose an image": (3, session.choose_image),
        "select": (2, session.select),
        "hide or show": (1, session.toggle_visible),
        "rename": (1, session.rename),
        "slider": (1, session.move_slider),
        "2-D or 3-D": (1, session.toggle_3d),
    }


def random_steps(session: Session, n_steps: int) -> Iterator[tuple[str, Callable[[], None], int]]:
    """Yield random steps, each with the pause after it."""
    steps = steps_of(session)
    names = session.random.choices(list(steps), [weight for weight, _ in steps.values()], k=n_steps)
    for name in names:
        yield name, steps[name][1], session.random.choice(PAUSES_MS)


def command_steps(session: Session, state: str, n_times: int) -> Iterator[tuple[str, Callable[[], None], int]]:
    """Yield each command `n_times` in a state, after steps that enter it again."""
    steps = steps_of(session)
    commands = [*MODES, "Try", "Make labels", "Remove results", "Quantize", "close and open the dock"]
    yield "Quantize", lambda: session.quantize("2, 4, 8"), 100
    for command in commands:
        for _ in range(n_times):
            if state in MODES:
                yield f"enter {state}", lambda: enter_mode(session, state), 60
            elif state == "Try" and not session.try_row().is_on:
                yield "Try", session.try_row().check.click, 100
            yield command, steps[command][1], 60
            if command == "Remove results":
                yield "Undo", steps["Undo"][1], 60
            elif state == "nothing" and command in MODES:
                yield f"leave {command}", lambda: session.widget._family.leave_view_mode(), 60


def enter_mode(session: Session, mode: str) -> None:
    """Enter a view mode, unless it is the present one."""
    if session.widget._family.view_mode.value != mode:
        session.click(mode)


def run_seed(seed: int, n_steps: int, n_times: int) -> int:
    """Take the steps of one process, print each before it is taken, and return the exit code."""
    session = Session(seed)
    steps = command_steps(session, STATES[seed], n_times) if n_times else random_steps(session, n_steps)
    for name, take, pause_ms in steps:
        print(f"{session.state()}: {name}", flush=True)
        try:
            take()
        except Exception:  # noqa: BLE001 - it is recorded as a problem of this step
            session.problems.append(traceback.format_exc())
        session.wait(pause_ms)
        session.answer()
        if session.problems:
            break
    session.problems += [f"left over: {name}" for name in session.left_over()]
    print("end", flush=True)
    print("\n".join(session.problems), file=sys.stderr, flush=True)
    code = 1 if session.problems else 0
    session.viewer.close()
    return code


def run_process(arguments: list[str]) -> str:
    """Run one seed in a process of its own, and return what went wrong; empty if nothing did."""
    command = [sys.executable, "-X", "faulthandler", str(Path(__file__)), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        done = subprocess.CompletedProcess(command, 124, (error.stdout or b"").decode(), "")
    if done.returncode == 0:
        return ""
    kind = "crash" if done.returncode < 0 else "hang" if done.returncode == 124 else "problem"
    steps = done.stdout.splitlines()
    last = " → ".join(steps[-N_PRINTED:])
    return f"{kind} (exit code {done.returncode}) after {len(steps)} steps: … {last}\n{done.stderr.strip()}"


def main() -> int:
    """Run all seeds or states, print what failed, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="random steps of each seed")
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--commands", type=int, default=0, help="call each command so many times in each state instead")
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seed is not None:
        return run_seed(options.seed, options.steps, options.commands)
    seeds = range(len(STATES)) if options.commands else range(options.first, options.first + options.seeds)
    failed = []
    for seed in seeds:
        arguments = ["--seed", str(seed), "--steps", str(options.steps), "--commands", str(options.commands)]
        problem = run_process(arguments)
        what = STATES[seed] if options.commands else f"seed {seed}"
        print(f"{what}: {problem or 'ok'}", flush=True)
        failed += [problem] if problem else []
    kinds = [problem.split()[0] for problem in failed]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("crash", "hang", "problem"))
    print(f"{len(seeds)} processes: {counts}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
