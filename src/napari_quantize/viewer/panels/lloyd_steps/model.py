"""State of *Show the steps*: the requested run, its steps and the shown step. Plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.lloyd_trace import Lloyd
from napari_quantize.plots.loading import load_matplotlib
from napari_quantize.viewer import messages
from napari_quantize.viewer.panels.lloyd_steps import messages as steps_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.plots.lloyd_data import LloydData
    from napari_quantize.viewer.layers.provenance import Provenance

MAX_K = 64
"""Largest K of a run: the steps of more centers cannot be followed by eye."""


@dataclass(frozen=True, eq=False)
class StepsRequest:
    """Request for a run of Lloyd's algorithm.

    Attributes
    ----------
    samples : CountedSamples
        Values or colours to cluster.
    facts : ImageFacts
        Facts of their image.
    k, seed : int
        Number of centers, and seed of the random start.
    result_centers : ndarray or None
        Centers of the current result, if it has as many, and its values go to the nearest of them.
    white : float
        Value of a full channel of the image.
    channel : int or None
        Channel of the values, if channels have levels of their own.
    rgb : bool
        Whether the channels are red, green and blue.
    """

    samples: CountedSamples
    facts: ImageFacts
    k: int
    seed: int
    result_centers: np.ndarray | None
    white: float
    channel: int | None
    rgb: bool

    @classmethod
    def of(
        cls,
        provenance: Provenance,
        samples: tuple[CountedSamples, ...],
        facts: ImageFacts,
        *,
        k: int,
        seed: int,
        channel: int,
        rgb: bool,
    ) -> StepsRequest:
        """Return the request for a run on the samples of a result; of one channel if each has levels of its own."""
        codebook = provenance.codebook
        several = len(samples) > 1
        index = channel if several else 0
        has_nearest = k == provenance.k and codebook.borders is None
        result_centers = codebook.levels[index] if has_nearest else None
        number = index if several else None
        return cls(samples[index], facts, k, seed, result_centers, provenance.white, number, rgb)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StepsRequest):
            return NotImplemented
        # Another slice has other facts with the same edges, and only these are drawn.
        if self.samples is not other.samples or self.facts.edges is not other.facts.edges:
            return False
        same_centers = self.result_centers is other.result_centers or (
            self.result_centers is not None
            and other.result_centers is not None
            and np.array_equal(self.result_centers, other.result_centers)
        )
        others = (other.k, other.seed, other.rgb, other.white)
        return same_centers and (self.k, self.seed, self.rgb, self.white) == others

    __hash__ = None  # type: ignore[assignment]

    @property
    def has_colours(self) -> bool:
        """True if colours are clustered."""
        return self.samples.values.ndim > 1


class LloydRunner:
    """Run Lloyd's algorithm in a thread.

    Parameters
    ----------
    tick : callable
        Called between steps; what it raises ends the work.
    """

    def __init__(self, tick: Callable[[], object]) -> None:
        self._tick = tick
        self._samples: CountedSamples | None = None

    def run(self, request: StepsRequest) -> LloydData:
        """Run the algorithm, and return its steps as the plot needs them."""
        load_matplotlib()
        from napari_quantize.plots.histogram import RGB_COLORS
        from napari_quantize.plots.lloyd_data import ColorsData, LevelsData

        samples = request.samples
        if samples is not self._samples:  # `Lloyd` keeps work that is the same for all K and seeds
            self._lloyd = Lloyd(samples, self._tick)
            self._samples = samples
        trace = self._lloyd.trace(request.k, request.seed)
        best = self._lloyd.least_error(request.k)
        result_error = None if request.result_centers is None else self._lloyd.error(request.result_centers)
        if request.has_colours:
            return ColorsData.of(trace, samples, request.white if request.rgb else None, best, result_error)
        color = RGB_COLORS[request.channel % 3] if request.rgb and request.channel is not None else None
        return LevelsData.of(trace, samples, request.facts, color, best, result_error)


class Playback:
    """State of the playback: the shown step, and whether the steps play.

    Attributes
    ----------
    n_steps : int
        Number of steps of the run.
    step : int
        The shown step; 0 is the start.
    playing : bool
        Whether the steps follow each other by themselves.
    """

    def __init__(self, n_steps: int = 0) -> None:
        self.n_steps = n_steps
        self.step = 0
        self.playing = False

    def go_to(self, step: int) -> None:
        """Go to a step, clipped to those of the run."""
        self.step = min(max(step, 0), self.n_steps)

    def play(self, playing: bool) -> None:
        """Start playing, from the start if the end is reached; or stop."""
        self.playing = playing and self.n_steps > 0
        if self.playing and self.step == self.n_steps:
            self.step = 0

    def advance(self) -> None:
        """Go to the next step if the steps play; stop at the last one."""
        if self.playing:
            self.go_to(self.step + 1)
            self.playing = self.step < self.n_steps


@dataclass
class StepsProgress:
    """Progress of a file: set in the thread that writes it, and polled in the GUI thread."""

    done: int = 0
    total: int = 1


def write_gif(
    request: StepsRequest,
    data: LloydData,
    path: Path,
    *,
    log: bool,
    progress: StepsProgress,
    tick: Callable[[], object],
) -> Path:
    """Write a run's steps as a GIF.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    load_matplotlib()
    from napari_quantize.plots.animation import save_animation

    def count(done: int, total: int) -> None:
        progress.done, progress.total = done, total
        tick()

    titles = [
        steps_messages.frame_title(data.trace, step, k=request.k, seed=request.seed)
        for step in range(data.trace.n_steps + 1)
    ]
    try:
        save_animation(data, titles, path, log=log, tick=count)
    except OSError as error:
        raise ValueError(messages.not_written(path, error)) from None
    return path
