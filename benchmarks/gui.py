"""The longest freeze of the window while six K run, beside a run that only adds six ready layers."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import median

import napari
import numpy as np
from qtpy.QtCore import QEventLoop, QTimer
from skimage.data import astronaut

from benchmarks.report import environment, table
from napari_quantize import sweep
from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.dock.settings import keep_in

KS = (1, 2, 4, 8, 16, 32)
SIZE = 2048
TICK_MS = 10
REPEATS = 3
TIMEOUT_MS = 120_000


@dataclass(frozen=True)
class Gaps:
    """The longest times between two ticks, in ms.

    Attributes
    ----------
    longest : float
        As it was.
    own : float
        The longest once the time is taken off that Python's full garbage collections took within.
    """

    longest: float
    own: float


class Watch:
    """A timer on the GUI thread that remembers the longest time between two of its ticks.

    A full collection looks at all that napari has ever made, and comes when that has grown by a quarter: so after two
    or three rounds of six layers, whoever adds them. Its time is noted, for it is long.
    """

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.timeout.connect(self._on_tick)
        self._last = self._collecting_since = self._collected = 0.0
        self.gaps: list[tuple[float, float]] = []

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last, self._collected))
        self._last, self._collected = now, 0.0

    def _on_collection(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] < 2:
            return
        now = time.perf_counter()
        if phase == "start":
            self._collecting_since = now
        else:
            self._collected += now - self._collecting_since

    def start(self) -> None:
        """Begin."""
        self._last = time.perf_counter()
        gc.callbacks.append(self._on_collection)
        self._timer.start(TICK_MS)

    def stop(self) -> Gaps:
        """End, and return the longest gaps."""
        self._on_tick()
        self._timer.stop()
        gc.callbacks.remove(self._on_collection)
        longest = max(gap for gap, _ in self.gaps)
        own = max(gap - collected for gap, collected in self.gaps)
        return Gaps(longest * 1000, own * 1000)


def photo() -> np.ndarray:
    """Return a 2048×2048 RGB photo."""
    side = SIZE // 512
    return np.tile(astronaut(), (side, side, 1))


def measure(work: Callable[[napari.Viewer, QEventLoop], None], *, dock: bool) -> tuple[Gaps, float]:
    """Return the longest gaps and the seconds that `work` took in a viewer of its own."""
    keep_in(None)
    viewer = napari.Viewer()
    viewer.add_image(photo(), name="photo")
    if dock:
        viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    wait(1500)
    gc.collect()  # else the garbage of earlier runs is collected within some of the later ones
    loop, watch = QEventLoop(), Watch()
    QTimer.singleShot(TIMEOUT_MS, loop.quit)
    watch.start()
    start = time.perf_counter()
    work(viewer, loop)
    loop.exec()
    seconds = time.perf_counter() - start
    wait(1000)  # what is painted after the last layer counts, too
    gaps = watch.stop()
    viewer.close()
    return gaps, seconds


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
        measure(work, dock=dock)
    gaps: dict[str, list[Gaps]] = {name: [] for name in works}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, (work, dock) in works.items():
            found, seconds = measure(work, dock=dock)
            gaps[name].append(found)
            times[name].append(seconds)
    print(f"{SIZE}×{SIZE} RGB, K = {', '.join(map(str, KS))}; a {TICK_MS} ms timer on the GUI thread; {REPEATS} runs")
    print(environment("napari", "scikit-learn"))
    print()
    longest = {name: [gap.longest for gap in found] for name, found in gaps.items()}
    own = {name: [gap.own for gap in found] for name, found in gaps.items()}
    titles = ("longest gap, ms (median)", "all runs", "without full garbage collections", "all runs", "s")
    rows = [(name, *_figures(longest[name]), *_figures(own[name]), f"{median(times[name]):.2f}") for name in works]
    print(table(("", *titles), rows))
    base, *others = works
    for name in others:
        more, own_more = (median(found[name]) - median(found[base]) for found in (longest, own))
        print(f"{name}: {more:+.0f} ms beside adding ready layers; {own_more:+.0f} ms without full collections")


def _figures(found: list[float]) -> tuple[str, str]:
    return f"{median(found):.0f}", " ".join(f"{gap:.0f}" for gap in sorted(found))
