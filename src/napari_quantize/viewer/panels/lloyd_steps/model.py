"""State of *Show the steps*: the requested run, its steps and the shown step. Plain data, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_quantize.core.analysis.lloyd_trace import Lloyd
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.viewer import messages
from napari_quantize.viewer.panels.lloyd_steps import messages as steps_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.core.samples.samples import CountedSamples
    from napari_quantize.plots.lloyd_data import LloydData
    from napari_quantize.viewer.layers.provenance import Provenance

MAX_K = 64
"""Of more, nobody can follow the steps."""


@dataclass(frozen=True, eq=False)
class StepsRequest:
    """Request for a run of Lloyd's algorithm.

    Attributes
    ----------
    samples : CountedSamples
        What is clustered: values, or colours.
    facts : ImageFacts
        Of the image that they are from.
    k, seed : int
        How many centers, and of which start.
    own : ndarray or None
        Centers of the result that is looked at, if it has as many.
    dtype : numpy.dtype
        Of the image.
    channel : int or None
        To which the values belong, if channels have levels of their own.
    rgb : bool
        Whether channels are red, green and blue.
    """

    samples: CountedSamples
    facts: ImageFacts
    k: int
    seed: int
    own: np.ndarray | None
    dtype: np.dtype
    channel: int | None
    rgb: bool

    @classmethod
    def of(
        cls,
        made: Provenance,
        samples: tuple[CountedSamples, ...],
        facts: ImageFacts,
        *,
        k: int,
        seed: int,
        channel: int,
        rgb: bool,
    ) -> StepsRequest:
        """Ask for a run on what a result was learnt from, by its levels of one channel if each has its own."""
        codebook = made.codebook
        several = len(samples) > 1
        place = channel if several else 0
        own = codebook.levels[place] if k == made.k else None
        return cls(samples[place], facts, k, seed, own, codebook.dtype, place if several else None, rgb)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StepsRequest):
            return NotImplemented
        if self.samples is not other.samples or self.facts is not other.facts:
            return False
        same_own = self.own is other.own or (
            self.own is not None and other.own is not None and np.array_equal(self.own, other.own)
        )
        return same_own and (self.k, self.seed, self.rgb) == (other.k, other.seed, other.rgb)

    __hash__ = None  # type: ignore[assignment]

    @property
    def colours(self) -> bool:
        """True if colours are clustered."""
        return self.samples.values.ndim > 1


class Runner:
    """Run the algorithm in a thread.

    Parameters
    ----------
    tick : callable
        Called between steps; what it raises ends the work.
    """

    def __init__(self, tick: Callable[[], object]) -> None:
        self._tick = tick
        self._samples: CountedSamples | None = None

    def run(self, request: StepsRequest) -> LloydData:
        """Run the algorithm."""
        from napari_quantize.plots.histogram import RGB_COLORS
        from napari_quantize.plots.lloyd_data import ColorsData, LevelsData

        samples = request.samples
        if samples is not self._samples:  # another K or seed of the same samples finds much of the work done
            self._lloyd = Lloyd(samples, self._tick)
            self._samples = samples
        trace = self._lloyd.trace(request.k, request.seed)
        best = self._lloyd.least_error(request.k)
        own = None if request.own is None else self._lloyd.error(request.own)
        if request.colours:
            return ColorsData.of(trace, samples, white_of(request.dtype) if request.rgb else None, best, own)
        color = RGB_COLORS[request.channel % 3] if request.rgb and request.channel is not None else None
        return LevelsData.of(trace, samples, request.facts, color, best, own)


class Walk:
    """The shown step of a run, and whether the steps play.

    Attributes
    ----------
    n_steps : int
        Steps of the run.
    at : int
        The step that is shown; 0 is the start.
    playing : bool
        Whether it goes on by itself.
    """

    def __init__(self, n_steps: int = 0) -> None:
        self.n_steps = n_steps
        self.at = 0
        self.playing = False

    def go(self, step: int) -> None:
        """Go to a step, or the one nearest to it that there is."""
        self.at = min(max(step, 0), self.n_steps)

    def play(self, playing: bool) -> None:
        """Go on by itself, from the start if the end is reached; or stop."""
        self.playing = playing and self.n_steps > 0
        if self.playing and self.at == self.n_steps:
            self.at = 0

    def beat(self) -> None:
        """Go on by one step if it plays, and stop at the last."""
        if self.playing:
            self.go(self.at + 1)
            self.playing = self.at < self.n_steps


@dataclass
class StepsProgress:
    """How much of a file is written: set in one thread and read in another."""

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
