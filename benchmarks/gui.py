"""The longest freeze of the window while six K run, beside a run that only adds six ready layers."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import cache

import napari
import numpy as np
from qtpy.QtCore import QElapsedTimer, QEventLoop, QTimer
from skimage.data import astronaut

from benchmarks.report import environment, table
from napari_quantize import sweep

KS = (1, 2, 4, 8, 16, 32)
SIZE = 2048
TICK_MS = 10
REPEATS = 3
TIMEOUT_MS = 120_000


class Watch:
    """A timer on the GUI thread that remembers the longest time between two of its ticks."""

    def __init__(self) -> None:
        self._clock = QElapsedTimer()
        self._timer = QTimer()
        self._timer.timeout.connect(self._on_tick)
        self.longest = 0

    def _on_tick(self) -> None:
        self.longest = max(self.longest, self._clock.restart())

    def start(self) -> None:
        """Begin."""
        self._clock.start()
        self._timer.start(TICK_MS)

    def stop(self) -> int:
        """End, and return the longest gap in ms."""
        self._on_tick()
        self._timer.stop()
        return self.longest


def photo() -> np.ndarray:
    """Return a 2048×2048 RGB photo."""
    side = SIZE // 512
    return np.tile(astronaut(), (side, side, 1))


def _wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def measured(work: Callable[[napari.Viewer, QEventLoop], None], *, dock: bool) -> tuple[int, float]:
    """Return the longest gap in ms and the seconds that `work` took in a viewer of its own."""
    viewer = napari.Viewer()
    viewer.add_image(photo(), name="photo")
    if dock:
        viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    _wait(1500)
    gc.collect()  # else the garbage of earlier runs is collected within some of the later ones
    loop, watch = QEventLoop(), Watch()
    QTimer.singleShot(TIMEOUT_MS, loop.quit)
    watch.start()
    start = time.perf_counter()
    work(viewer, loop)
    loop.exec()
    seconds = time.perf_counter() - start
    _wait(1000)  # what is painted after the last layer counts, too
    longest = watch.stop()
    viewer.close()
    return longest, seconds


@cache
def quantized() -> tuple[np.ndarray, ...]:
    """Return what the six K leave of the photo."""
    return tuple(result.image for result in sweep(photo(), KS))


def add_ready(viewer: napari.Viewer, loop: QEventLoop) -> None:
    """Add six arrays, one after the other, as napari itself would show them."""
    images = list(quantized())

    def add() -> None:
        viewer.add_image(images.pop(0))
        QTimer.singleShot(50, add if images else loop.quit)

    QTimer.singleShot(0, add)


def press_quantize(viewer: napari.Viewer, loop: QEventLoop, *, tile: bool) -> None:
    """Press the button."""
    widget = viewer.window.dock_widgets["K-means Quantization (napari-quantize)"]
    widget.tile.value = tile
    widget.finished.connect(lambda _: loop.quit())
    widget.run.native.click()


def run() -> None:
    """Print the longest gaps."""
    quantized()  # imports warm
    works = {
        "six ready layers added": (add_ready, False),
        "Quantize, one by one": (lambda viewer, loop: press_quantize(viewer, loop, tile=False), True),
        "Quantize, tiled": (lambda viewer, loop: press_quantize(viewer, loop, tile=True), True),
    }
    for work, dock in works.values():  # plots and shaders warm
        measured(work, dock=dock)
    gaps: dict[str, list[int]] = {name: [] for name in works}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, (work, dock) in works.items():
            gap, seconds = measured(work, dock=dock)
            gaps[name].append(gap)
            times[name].append(seconds)
    print(f"{SIZE}×{SIZE} RGB, K = {', '.join(map(str, KS))}; a {TICK_MS} ms timer on the GUI thread; {REPEATS} runs")
    print(environment("napari", "scikit-learn"))
    print()
    middle = {name: sorted(found)[REPEATS // 2] for name, found in gaps.items()}
    rows = [
        (name, f"{middle[name]}", " ".join(map(str, sorted(gaps[name]))), f"{sorted(times[name])[REPEATS // 2]:.2f}")
        for name in works
    ]
    print(table(("", "longest gap, ms (median)", "all runs", "s"), rows))
    base = middle["six ready layers added"]
    for name in list(works)[1:]:
        print(f"{name}: {middle[name] - base:+d} ms beside adding ready layers")
