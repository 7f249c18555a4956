"""Random steps in one window: ``python -m tools.stress.random_steps --seed 3 --steps 200 --record FILE``.

Each step is printed before it is taken, and what happens to the layers is written to the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from napari.layers import Layer
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QWidget

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.layers.compat import grid_of
from napari_quantize.viewer.panels.classes.panel import ClassesPanel
from napari_quantize.viewer.panels.panel import Accordion
from napari_quantize.viewer.preview.row import TryRow
from napari_quantize.viewer.widgets.plot import Plot
from tools.stress.processes import restart_watchdog
from tools.stress.session import MODES, PAUSES_MS, Session, drag, press, print_problems, random_images
from tools.stress.table_commands import TableCommands

FIELDS = ("mode", "method", "learn_from", "ignore", "channel_axis")
COPIES = ("Table", "Methods sentence", "Python script")
SIZE = 100  # of the images: a run takes so long that other steps fall into it

Step = Callable[[], object]


class RandomUser:
    """The steps of somebody who uses the dock without thinking, and waits for nothing.

    Parameters
    ----------
    session : Session
        The window.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._random = session, session.random
        self._table = TableCommands(session)

    def steps(self) -> dict[str, tuple[int, Step]]:
        """Return the steps by their names, each with its weight."""
        session = self._session
        modes: dict[str, tuple[int, Step]] = {mode: (3, partial(session.click, mode)) for mode in MODES}
        return {
            **modes,
            "Try": (3, lambda: session.part(TryRow).check.click()),
            "Try another K": (3, self._try_k),
            "Add": (1, lambda: session.part(TryRow).add.click()),
            "Make labels": (2, lambda: session.click("Make labels")),
            "Remove results": (2, lambda: session.click("Remove results")),
            "Undo": (3, lambda: session.click("Undo")),
            "Quantize": (4, self._quantize),
            "Cancel": (1, lambda: session.click("Cancel")),
            "panel": (1, self._open_panel),
            "close and open the dock": (1, session.close_and_open),
            "delete by the bin": (2, self._delete),
            "choose an image": (3, lambda: session.choose_image(self._random.choice(list(session.images)))),
            "select": (2, self._select),
            "hide or show": (1, self._toggle_visible),
            "rename": (1, self._rename),
            "slider": (1, self._move_slider),
            "2-D or 3-D": (1, lambda: session.show_3d(session.viewer.dims.ndisplay == 2)),
            "napari's grid": (1, self._toggle_grid),
            "point in a plot": (3, self._point_in_plot),
            "a field": (2, self._choose_in_field),
            "tick a row": (1, self._table.tick),
            "choose a column": (1, self._table.choose_column),
            "lock a colour": (1, self._lock),
            "quantize with locked": (1, lambda: press(session.part(ClassesPanel).again_button)),
            "copy": (1, lambda: session.click(self._random.choice(COPIES))),
        }

    def choose(self, n_steps: int) -> Iterator[tuple[str, Step, int]]:
        """Yield random steps, each with the pause after it."""
        steps = self.steps()
        names = self._random.choices(list(steps), [weight for weight, _ in steps.values()], k=n_steps)
        for name in names:
            yield name, steps[name][1], self._random.choice(PAUSES_MS)

    def _quantize(self) -> None:
        """Start a run; wait for its end, or not."""
        widget = self._session.widget
        widget.k_values.value = self._random.choice(["2, 4", "1, 2, 4, 8, 16, 32", "3, 5", "2"])
        widget.run.native.click()
        if self._random.random() < 0.7:
            self._session.wait_until(lambda: not widget.busy, "the end of a run")

    def _try_k(self) -> None:
        self._session.part(TryRow).number.setValue(self._random.randint(2, 12))

    def _open_panel(self) -> None:
        accordion = self._session.part(Accordion)
        accordion.open(self._random.choice([panel.name for panel in accordion.panels]))

    def _any_layer(self) -> Layer | None:
        """Return one of the layers, mostly a result."""
        every = list(self._session.viewer.layers)
        layers = self._session.results() if self._random.random() < 0.7 else every
        return self._random.choice(layers or every or [None])

    def _select(self) -> None:
        self._session.viewer.layers.selection.active = self._any_layer()

    def _delete(self) -> None:
        chosen = [self._any_layer() for _ in range(self._random.randint(1, 3))]
        self._session.delete_by_bin(layer for layer in chosen if layer is not None)

    def _toggle_visible(self) -> None:
        layer = self._any_layer()
        if layer is not None:
            layer.visible = not layer.visible

    def _rename(self) -> None:
        for layer in self._session.results()[:1]:
            layer.name = f"renamed {self._random.randint(0, 99)}"

    def _toggle_grid(self) -> None:
        grid = grid_of(self._session.viewer)
        grid.enabled = not grid.enabled

    def _point_in_plot(self) -> None:
        """Click in a plot, or drag a border or what is shown, wherever the mouse happens to be."""
        plots = [plot for plot in self._session.widget.native.findChildren(Plot) if plot.isVisible()]
        if plots:
            canvas = self._random.choice(plots).figure.canvas
            drag(canvas, self._random_pixel(canvas), self._random_pixel(canvas))

    def _random_pixel(self, widget: QWidget) -> QPoint:
        return QPoint(self._random.randrange(widget.width()), self._random.randrange(widget.height()))

    def _choose_in_field(self) -> None:
        """Choose another entry of a field, or tick a box."""
        widget = self._session.widget
        if self._random.random() < 0.3:
            widget.keep_earlier.value = not widget.keep_earlier.value
            return
        field = getattr(widget, self._random.choice(FIELDS))
        field.value = self._random.choice(field.choices)

    def _lock(self) -> None:
        panel = self._session.part(ClassesPanel)
        if panel.summary is not None and panel.summary.palette is not None and panel.isVisible():
            panel.palette_view.lock_toggled.emit(self._random.randrange(len(panel.summary)))

    def _move_slider(self) -> None:
        self._session.viewer.dims.set_current_step(0, self._random.randint(0, 5))


def open_window(seed: int, record: Path) -> Session:
    """Return a window with all images, whose layers are recorded."""
    session = Session(seed, random_images(seed, SIZE), record)
    for name in session.images:
        session.add_image(name)
    session.open_dock()
    wait(200)
    return session


def main() -> int:
    """Take the steps of one seed, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    options = parser.parse_args()
    session = open_window(options.seed, options.record)
    for name, step, pause_ms in RandomUser(session).choose(options.steps):
        restart_watchdog()
        print(f"{session.state()}: {name}", flush=True)
        session.take(step)
        wait(pause_ms)
        session.answer()
        if session.problems:
            break
    print("close", flush=True)
    session.close_dock_and_find_left_over()
    print_problems(session.problems)
    session.viewer.close()
    return 1 if session.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
