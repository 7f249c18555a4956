"""Save the steps of Lloyd's algorithm as an animated GIF."""

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

    from napari_quantize.plots.lloyd_data import LloydData

_INCHES, _DPI = (4, 2.5), 160  # 640×400 pixels, with letters that are legible on a projector
_FRAME_MS, _LAST_MS = 400, 2000  # below three changes a second, the limit of WCAG 2.3.1 for flashes
_MAX_FRAMES = 60


def chosen_steps(n_steps: int) -> list[int]:
    """Return the steps of a run to show. Leave out some late steps of a long run, which change little."""
    if n_steps < _MAX_FRAMES:
        return list(range(n_steps + 1))
    half = _MAX_FRAMES // 2
    return [*range(half), *np.rint(np.linspace(half, n_steps, half)).astype(int).tolist()]


def save_animation(
    data: LloydData,
    titles: Sequence[str],
    path: str | os.PathLike[str],
    *,
    log: bool = True,
    tick: Callable[[int, int], object] = lambda _done, _total: None,
) -> None:
    """Write the steps of a run as an endless GIF of 640×400 pixels, black on white.

    Each step is shown for 0.4 s, the last one for 2 s. An error leaves no partial file.

    Parameters
    ----------
    data : LloydData
        The run.
    titles : sequence of str
        Title of each step, including the start.
    path : path-like
        The file. An existing one is replaced.
    log : bool
        Draw counts on a logarithmic axis.
    tick : callable
        Called with the number of finished frames and of all frames, before each frame and at the end. An exception
        that it raises cancels the work.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    # Not with matplotlib's PillowWriter: it gives all frames one duration, keeps them in full colour until the end, and
    # takes a path with a suffix, where `atomic_write` gives a stream.
    first, *others = _frames(data, titles, log, tick)
    durations = [_FRAME_MS] * len(others) + [_LAST_MS]
    # The file dialog has already asked whether the file may be replaced.
    with atomic_write(path, overwrite=True) as stream:
        first.save(stream, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)
        tick(len(durations), len(durations))


def _frames(
    data: LloydData, titles: Sequence[str], log: bool, tick: Callable[[int, int], object]
) -> Iterator[Image.Image]:
    figure = Figure(figsize=_INCHES, dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    plot = StepsPlot(figure)
    steps = chosen_steps(data.trace.n_steps)
    for done, step in enumerate(steps):
        tick(done, len(steps))
        plot.show(data, step, PlotTheme(), title=titles[step], log=log)
        canvas.draw()
        # A GIF has a palette of up to 256 colours for each frame.
        yield Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).quantize(256)
