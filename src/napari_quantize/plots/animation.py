"""The steps of Lloyd's algorithm, one after the other, as an animated GIF."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from napari_quantize.core.atomic_file import atomic_write
from napari_quantize.plots.lloyd_steps import StepsPlot
from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_quantize.plots.lloyd_scenes import Scene

_INCHES, _DPI = (4, 2.5), 160  # 640×400 pixels, with letters that can be read from the last row
_FRAME_MS, _LAST_MS = 400, 2000  # no more than three changes a second
_MAX_FRAMES = 60


def chosen_steps(n_steps: int) -> list[int]:
    """Return which steps of a run are shown: of a long one, whose later steps change little, some are left out."""
    if n_steps < _MAX_FRAMES:
        return list(range(n_steps + 1))
    half = _MAX_FRAMES // 2
    return [*range(half), *np.rint(np.linspace(half, n_steps, half)).astype(int).tolist()]


def save_animation(
    scene: Scene,
    titles: Sequence[str],
    path: str | os.PathLike[str],
    *,
    log: bool = True,
    tick: Callable[[int, int], object] = lambda _done, _total: None,
) -> None:
    """Write the steps of a run as a GIF that starts over and over again, black on white, 640×400 pixels.

    Each step is shown for 0.4 s, the last one for 2 s. The file is there when it is complete, and not before.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    titles : sequence of str
        What stands over each step, the start included.
    path : path-like
        Where to.
    log : bool
        Whether counts are drawn on a logarithmic scale.
    tick : callable
        Called with how many frames are drawn and how many there will be, before each and at the end; what it raises
        ends the work.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    first, *others = _frames(scene, titles, log, tick)
    durations = [_FRAME_MS] * len(others) + [_LAST_MS]
    # Whoever asked for the name has asked whether a file may be replaced.
    with atomic_write(path, overwrite=True) as stream:
        first.save(stream, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)
        tick(len(durations), len(durations))


def _frames(
    scene: Scene, titles: Sequence[str], log: bool, tick: Callable[[int, int], object]
) -> Iterator[Image.Image]:
    figure = Figure(figsize=_INCHES, dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    plot = StepsPlot(figure)
    steps = chosen_steps(scene.trace.n_steps)
    for done, step in enumerate(steps):
        tick(done, len(steps))
        plot.show(scene, step, PlotTheme(), title=titles[step], log=log)
        canvas.draw()
        # Each frame with a palette of its own, as GIF has them.
        yield Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).quantize(256)
