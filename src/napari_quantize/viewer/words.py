"""What the dock says: every sentence made from numbers, in users' words."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.viewer.layers import Source
    from napari_quantize.viewer.provenance import Provenance

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
MODE_WORDS = {
    "global": "levels, same for all channels",
    "per_channel": "levels, own for each channel",
    "color": "colours",
}
LEARNING = "learning…"
BUSY = "Wait until the results are ready, or cancel."
ABOVE = 0.01  # over the best possible: from here on a result is marked


def number(value: float) -> str:
    """Write a number with three significant digits, and without an exponent where people read it."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 6 or size < -4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"  # without the plus and the zeros: the table is narrow
    return f"{value:,.{max(0, 2 - size)}f}"


def counted(n: int, one: str) -> str:
    """Say how many there are of what has a plain plural: ``1 layer``, ``2,000 layers``."""
    return f"{n:,} {one if n == 1 else f'{one}s'}"


def memory(n_bytes: float) -> str:
    """Write a size in memory."""
    for unit in ("bytes", "KB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} GB"


def depth(dtype: np.dtype) -> str:
    """Name a dtype as microscopes and cameras do."""
    if dtype.kind == "b":
        return "binary"
    bits = f"{8 * dtype.itemsize} bit"
    return {"f": f"{bits} float", "i": f"{bits} signed"}.get(dtype.kind, bits)


def size(source: Source) -> str:
    """Write an image's extent, width first: ``695×395``, ``48 × 130×130``."""
    *leading, height, width = source.shape[:-1] if source.rgb else (1, *source.shape)[-max(2, len(source.shape)) :]
    planes = "".join(f"{length} × " for length in leading)
    return f"{planes}{width}×{height}"


def describe(source: Source, facts: ImageFacts | None) -> str:
    """Say what an image is, and what it holds once that is known."""
    colour = {True: " RGBA" if source.alpha else " RGB", False: ""}[source.rgb]
    parts = [depth(source.dtype) + colour, size(source)]
    if facts is not None:
        parts.append("over 65,536 values" if facts.n_values is None else counted(facts.n_values, "value"))
        if facts.saturated >= 0.0005:
            parts.append(f"{facts.saturated:.1%} saturated")
    return " · ".join(parts)


def unbroken(text: str) -> str:
    """Let a line of facts wrap between two facts only."""
    return " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in text.split(" · "))


def button(n_layers: int, n_bytes: int) -> str:
    """Say what pressing it will make."""
    return f"Quantize · {counted(n_layers, 'layer')}, {memory(n_bytes)}"


def progress(k: int, done: int, total: int) -> str:
    """Say which K is being worked on."""
    return f"K={k} ({done} of {total})"


def kept(made: Provenance) -> str:
    """Say how many values were asked for and given, and what is not the default.

    ``8``, ``32 → 16``, ``1 (mean)``; ``8 own`` levels a channel, ``8 levels`` of several channels, ``8 best``,
    ``8 applied``: learnt from another layer; ``8 palette``: given.
    """
    if made.n_used < made.k:
        return f"{made.k} → {made.n_used}"
    codebook, tags = made.codebook, []
    if made.each_slice:
        tags.append("each slice")
    elif codebook["mode"] == "per_channel":
        tags.append("own")
    elif codebook["mode"] == "global" and made.quality["n_colors"] is not None:
        tags.append("level" if made.k == 1 else "levels")
    if codebook["method"] != "minibatch":
        tags.append({"lloyd": "Lloyd", "exact": "best", "given": "palette"}[codebook["method"]])
    if codebook["keep"]:
        tags.append("kept")
    if codebook["ignore"] or codebook["mask_digest"]:
        tags.append("part")
    if made.learnt_from and not made.given:
        tags.append("applied")
    # A rounded mean of false and true is no mean any more.
    if made.k == 1 and not tags and codebook["dtype"] != "bool":
        tags.append("(mean)")
    return " ".join([str(made.k), *tags])


def above_best(excess: float | None) -> str:
    """Say how far from the least possible error a result is."""
    if excess is None:
        return "–"
    return f"{100 * excess:.1f} %{' ⚠' if excess > ABOVE else ''}"


def caption(made: Provenance) -> str:
    """Say which result a picture shows: ``K=8 · ± 13.2``."""
    return f"K={kept(made)} · ± {number(made.quality['rmse'])}"


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
