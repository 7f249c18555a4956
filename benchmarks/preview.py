"""From the slider of Try to the layer's new data, in a drag through K = 2 … 64, beside setting ready arrays."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import napari
from napari.layers import Image
from qtpy.QtCore import QEventLoop, QTimer

from benchmarks.gui import SIZE, TICK_MS, Gaps, Watch, photo, quantized
from benchmarks.report import environment, table
from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.layers.temporary import is_temporary
from napari_quantize.viewer.preview.model import SLIDER_KS
from napari_quantize.viewer.preview.row import TryRow

MODES = {"levels, same for all": "global", "levels, own for each": "per_channel", "colours": "color"}
STEP_MS = 100
REPEATS = 3
REST_MS = 8_000


@dataclass(frozen=True)
class Drag:
    """What was seen in one drag.

    Attributes
    ----------
    latencies : list of float
        For each K that was seen, ms from the slider's move to the layer's new data.
    gaps : Gaps
        The longest times in which the GUI thread did nothing else.
    """

    latencies: list[float]
    gaps: Gaps


def drag(step: Callable[[int], None], n_steps: int) -> Gaps:
    """Call ``step(0)``, ``step(1)`` … from a timer, and return the longest gaps meanwhile."""
    loop, watch, timer, places = QEventLoop(), Watch(), QTimer(), iter(range(n_steps))

    def move() -> None:
        place = next(places, None)
        if place is None:
            timer.stop()
            QTimer.singleShot(1000, loop.quit)  # what is painted after the last step counts, too
        else:
            step(place)

    timer.timeout.connect(move)
    gc.collect()
    watch.start()
    timer.start(STEP_MS)
    loop.exec()
    return watch.stop()


class Stopwatch:
    """Measures how long it takes from a moved slider to new data."""

    def __init__(self) -> None:
        self.moved: dict[int, float] = {}
        self.latencies: list[float] = []

    def watch(self, layer: Image) -> None:
        """Look at this layer, whose name tells its K and changes right after its data."""
        layer.events.name.connect(lambda _: self._on_named(layer.name))

    def _on_named(self, name: str) -> None:
        k = int(name.split("K=")[1].split(" ")[0])
        if k in self.moved:
            self.latencies.append((time.perf_counter() - self.moved.pop(k)) * 1000)


def tried(mode: str, *, rested: bool) -> Drag:
    """Drag the slider in a viewer of its own; `rested` if there was time to learn ahead before."""
    viewer = napari.Viewer()
    viewer.add_image(photo(), name="photo")
    _, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    widget.mode.value = mode
    row = widget.native.findChild(TryRow)
    wait(1500)
    row.check.click()
    while not any(map(is_temporary, viewer.layers)):
        wait(20)
    wait(REST_MS if rested else 200)
    stopwatch = Stopwatch()
    stopwatch.watch(next(filter(is_temporary, viewer.layers)))

    def step(place: int) -> None:
        stopwatch.moved[SLIDER_KS[place]] = time.perf_counter()
        row.slider.setValue(place)

    gaps = drag(step, len(SLIDER_KS))
    viewer.close()
    return Drag(stopwatch.latencies, gaps)


def set_ready() -> Drag:
    """Set ready arrays as the data of a layer over the photo, at the same pace."""
    viewer = napari.Viewer()
    viewer.add_image(photo(), name="photo")
    arrays = quantized()
    layer = viewer.add_image(arrays[0])
    wait(1500)
    setting = []

    def step(place: int) -> None:
        start = time.perf_counter()
        layer.data = arrays[place % len(arrays)]
        setting.append((time.perf_counter() - start) * 1000)

    gaps = drag(step, len(SLIDER_KS))
    viewer.close()
    return Drag(setting, gaps)


def run() -> None:
    """Print latencies and gaps."""
    quantized()  # imports warm
    works: dict[str, Callable[[], Drag]] = {"layer.data = ready array": set_ready}
    for words, mode in MODES.items():
        works[f"Try, {words}"] = partial(tried, mode, rested=False)
        works[f"Try, {words}, after a rest"] = partial(tried, mode, rested=True)
    for work in (set_ready, lambda: tried("color", rested=False)):  # shaders warm
        work()
    found = {name: [work() for _ in range(REPEATS)] for name, work in works.items()}
    print(
        f"{SIZE}×{SIZE} RGB; the slider moved every {STEP_MS} ms "
        f"through {len(SLIDER_KS)} K from {SLIDER_KS[0]} to {SLIDER_KS[-1]};"
    )
    print(f"a {TICK_MS} ms timer on the GUI thread; {REPEATS} drags; latency: from the move to the layer's new data")
    print(environment("napari", "scikit-learn"))
    print()
    rows = [(name, *_figures(drags)) for name, drags in found.items()]
    titles = ("seen", "latency, ms (median)", "longest", "longest gap, ms (median)", "longest", "without full gc")
    print(table(("", *titles), rows))


def _figures(drags: list[Drag]) -> tuple[str, ...]:
    latencies = [latency for one in drags for latency in one.latencies]
    longest, own = ([getattr(one.gaps, which) for one in drags] for which in ("longest", "own"))
    figures = (median(latencies), max(latencies), median(longest), max(longest), median(own))
    return f"{len(latencies)} of {len(SLIDER_KS) * len(drags)}", *(f"{figure:.0f}" for figure in figures)
