"""Texts of *Show the steps*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.core.analysis.histogram import channel_name
from napari_quantize.text.numbers import format_count, format_number

if TYPE_CHECKING:
    from napari_quantize.core.analysis.lloyd_trace import Trace

TIP = (
    "Watch k-means at work, step by step: each value goes to the nearest level, each level moves to the mean "
    "of its values, and so on until nothing moves"
)
PLOT_TIP = (
    "Above: the levels (orange) over the image's values, and the borders halfway between them; or the colours of a "
    "palette (rings) among the image's colours, and as a strip how many pixels take each. "
    "Lines behind them show where they have just come from. Below: the error, which falls with every step"
)
K_TIP = "How many levels or colours the run has, 64 at most"
SEED_TIP = "Each seed draws another random start: not all of them end equally well"
CHANNEL_TIP = "Which channel's levels are shown"
BACK_TIP, FORWARD_TIP = "One step back (←)", "One step forward (→)"
SLIDER_TIP = "Go to any step: drag, or use the arrow keys"
PLAY_TIP = "Let the steps follow each other"
LOG_TIP = "Logarithmic counts: rare values become visible beside frequent ones"
SAVE_TIP = "Save all steps as an animated GIF, for a talk or a web page"
PLAY, PAUSE, SAVE = "Play", "Pause", "Save GIF…"
RUNNING = "Lloyd's algorithm is running…"
UNKNOWN = "Quantize the image again to see the steps: what these results were learnt from is not known any more."

_NOTICEABLE = 0.05  # percent: less is written as 0.0


def channel_names(n_channels: int, *, rgb: bool, slice_axis: str = "") -> list[str]:
    """Return the names of channels or slices that have levels of their own; an empty list for one group of values."""
    if n_channels < 2:
        return []
    if slice_axis:
        return [f"levels of {slice_axis} {index}" for index in range(n_channels)]
    return [f"levels of {channel_name(channel, rgb=rgb)}" for channel in range(n_channels)]


def heading(trace: Trace, step: int) -> str:
    """Return the text on the shown step and its error."""
    error = f"± {format_number(trace.errors[step])}"
    if step == 0:
        return f"Random start: {error}"
    if step == trace.n_steps and not trace.settled:
        return f"Step {step}, stopped before the end: {error}"
    return f"Step {step} of {trace.n_steps}: {error}"


def line(trace: Trace, step: int, best: float | None, own: float | None) -> str:
    """Return the line under the plot: the shown step, its error, and an error to compare it with.

    Parameters
    ----------
    trace : Trace
        The run.
    step : int
        The shown step; 0 is the start.
    best : float or None
        Least possible error with so many levels; None if it is not known.
    own : float or None
        Error of the current result; None if it has another number of centers.
    """
    text = heading(trace, step)
    if best is not None:
        text += f" ({_beside_best(trace.errors[step], best)})"
    elif own is not None:
        same = format_number(trace.errors[step]) == format_number(own)
        text += " (as this result)" if same else f" (this result: ± {format_number(own)})"
    empty = int((trace.shares[step] == 0).sum())
    if empty:
        noun = "level" if trace.centers.ndim == 2 else "colour"
        text += f". {format_count(empty, noun)} {'is' if empty == 1 else 'are'} unused"
    if step == trace.n_steps and trace.settled:
        text += ". Nothing moves any more"
    return f"{text}.".replace("± ", "±\N{NO-BREAK SPACE}")


def frame_title(trace: Trace, step: int, *, k: int, seed: int) -> str:
    """Return the title of a frame of the GIF: K, seed and step."""
    return f"K={k}, seed {seed} · {heading(trace, step)}"


def saving(done: int, total: int) -> str:
    """Return the text of the button while a GIF is drawn."""
    return f"{100 * done // total} %"


def _beside_best(error: float, best: float) -> str:
    if format_number(error) != format_number(best):
        return f"best possible: ± {format_number(best)}"
    # The errors look equal when rounded. Compare their squares, as the column *above best* does.
    excess = 100 * ((error / best) ** 2 - 1) if best else 0.0
    return f"{excess:.1f} % above best" if excess >= _NOTICEABLE else "the best possible"
