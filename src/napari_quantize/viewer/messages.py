"""What the dock says: every sentence made from numbers, in users' words."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_bytes as memory
from napari_quantize.text.numbers import format_count as counted
from napari_quantize.text.numbers import format_number as number
from napari_quantize.text.results import ABOVE, MODE_WORDS, describe_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.layers.sources import Source

NO_IMAGE = "Open an image first: drop a file on the canvas, or File → Open Sample → K-means Quantization."
FIRST_STEP = (
    "Press Quantize: each number makes one new layer that shows the image with so many values left. "
    "All are tiled beside the image, and the table here tells what each one lost. Or tick Try to see one at once."
)
NOT_ENOUGH_MEMORY = "The results need more memory than is free."
EACH_SLICE = (
    "Each slice gets levels of its own: the same grey can mean different things from slice to slice, and films flicker."
)
SLICES_HAVE_LEVELS = "Each slice on its own is for levels: reduce to Levels, or learn from the whole stack."
OF_SEVERAL_LAYERS = "These colours are of several layers together: they cannot be given to others one by one."
NO_OTHER_IMAGE = "There is no other image layer to apply these levels to: open one first."
LEARNT_HERE = "is where the levels were learnt"
NO_RESULT = "There is no result yet: quantize an image first."
LEARNING = "learning…"
BUSY = "Wait until the results are ready, or cancel."


def describe(source: Source, facts: ImageFacts | None) -> str:
    """Say what an image is, and what it holds once that is known."""
    return describe_image(source.shape, source.dtype, facts, rgb=source.rgb)


def unbroken(text: str) -> str:
    """Let a line of facts wrap between two facts only."""
    return " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in text.split(" · "))


def button(n_layers: int, n_bytes: int) -> str:
    """Say what pressing it will make."""
    return f"Quantize · {counted(n_layers, 'layer')}, {memory(n_bytes)}"


def progress(k: int, done: int, total: int) -> str:
    """Say which K is being worked on."""
    return f"K={k} ({done} of {total})"


def trial(k: int, name: str) -> str:
    """Name the layer that shows a K for a while."""
    return f"Try K={k} · {name}"


def figures(made: Provenance) -> str:
    """Tell a result's figures one a line, for a tooltip."""
    quality = made.quality
    lines = [
        f"K = {made.k}, {made.n_used} used · {_kind(made)}",
        f"error ± {number(quality['rmse'])} (root of the mean squared error, {number(quality['mse'])})",
        f"largest error {number(quality['max_error'])}",
        f"PSNR {number(quality['psnr'])} dB, for a range of {number(quality['data_range'])}",
        f"{quality['n_values']:,} distinct values",
        f"{number(quality['bits_per_pixel'])} bits a pixel at least, without knowing its neighbours",
    ]
    if quality["excess"] is not None:
        best = "" if quality["excess"] <= ABOVE else "; Options → Best possible (exact) finds the best"
        lines.append(f"{100 * quality['excess']:.2f} % above the least squared error that is possible{best}")
    if quality["n_colors"] is not None:
        lines.insert(5, f"{quality['n_colors']:,} distinct colours")
    return "\n".join(lines)


def _kind(made: Provenance) -> str:
    kind = "levels, own for each slice" if made.each_slice else MODE_WORDS[made.codebook["mode"]]
    return f"{kind}, of {_origin(made)}" if made.given or made.learnt_from else kind


def plain(text: str) -> str:
    """Make a tooltip that Qt shows as it is: names may hold what looks like HTML."""
    return f"<p style='white-space: pre'>{html.escape(text)}</p>"


def sentence(text: str) -> str:
    """Make an error's message a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def not_written(path: Path, error: OSError) -> str:
    """Say why a file is not there."""
    return sentence(f"“{path.name}” could not be written: {error.strerror or error}")


def stopped(n_done: int, n_asked: int) -> str:
    """Say what is left of a run that was cancelled."""
    if not n_done:
        return "Stopped: nothing was ready yet."
    return f"Stopped: {n_done} of {n_asked} results are kept."


def ready(name: str, n_results: int) -> str:
    """Say that the results of another image than the chosen one are there."""
    return f"“{name}” is done: {counted(n_results, 'result')}."


def copied(*, in_viewer: bool, exact: bool) -> str:
    """Say what the script on the clipboard is good for."""
    if not exact:
        return "The script is copied, but image or result have been changed since: it gives another result."
    return f"The script is copied{': run it in the console of napari' if in_viewer else ''}."


def applied(made: Provenance, names: Sequence[str]) -> str:
    """Say which layers got the levels of another one."""
    told = ", ".join(f"“{name}”" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"The {_what(made)} of {_origin(made)} were applied to {told}."


def apply_question(made: Provenance) -> str:
    """Ask which layers get the levels of a result."""
    link = "of" if made.given else "that were learnt from"
    return f"Apply the {_what(made)} {link} {_origin(made)} with K={made.k} to these layers:"


def _what(made: Provenance) -> str:
    return "colours" if made.codebook["mode"] == "color" else "levels"


def _origin(made: Provenance) -> str:
    return made.given or f"“{made.learnt_from[1] if made.learnt_from else made.source_name}”"


def apply_button(n_layers: int) -> str:
    """Say what pressing it will make."""
    return "Apply" if not n_layers else f"Apply · {counted(n_layers, 'layer')}"


def told(made: Sequence[Provenance], *, rgb: bool) -> str:
    """Say what may surprise in new results."""
    return " ".join(filter(None, [fewer_values(made), colours_told(made) if rgb else None]))


def fewer_values(made: Sequence[Provenance]) -> str | None:
    """Say that an image holds fewer values than were to be kept."""
    # Images of more values than can be counted one by one can have fewer bins than K, and lose something all the same.
    short = [provenance for provenance in made if provenance.n_used < provenance.k and not provenance.quality["mse"]]
    if not short:
        return None
    most = short[-1].n_used
    if most == 1:
        return "The image is constant: it holds one value, so every result is the same."
    asked = ", ".join(str(provenance.k) for provenance in short)
    return f"The image has {most} distinct values, fewer than K={asked}: nothing is lost there."


def colours_told(made: Sequence[Provenance]) -> str | None:
    """Say how many colours levels make of a colour image, where that may surprise."""
    levels = [p for p in made if p.codebook["mode"] != "color"]
    with_colours = [p for p in levels if p.quality["n_colors"] is not None and p.k > 1]
    if not with_colours:
        return None
    last = with_colours[-1]
    colours = last.quality["n_colors"]
    return f"{last.n_used} levels in each channel combine to {colours:,} colours."


def too_many_layers(n_layers: int, limit: int) -> str:
    """Say that nobody wants so many results."""
    return f"{n_layers:,} numbers would make {n_layers:,} layers: ask for {limit} at most."


def too_many_slices(n_slices: int, k: int, most_slices: int, most_levels: int) -> str:
    """Say why slices cannot have levels of their own."""
    if n_slices > most_slices:
        return f"Each of {n_slices:,} slices on its own is too much: {most_slices:,} are possible. Crop the stack."
    return (
        f"{n_slices:,} slices of K={k:,} make {n_slices * k:,} levels: {most_levels:,} are possible. "
        "Keep fewer, or learn from the whole stack."
    )


def too_large(source: Source, limit: int) -> str:
    """Say that lazy data are too large to be read."""
    return (
        f"“{source.name}” is read from disk and holds {memory(source.n_bytes)}: more than the {memory(limit)} that "
        "can be quantized at once. Crop it first."
    )


def channel_question(source: Source) -> str:
    """Ask what the first axis holds."""
    return f"The first axis has {source.shape[0]} entries. They are:"
