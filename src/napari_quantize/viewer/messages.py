"""Texts of the dock: sentences that contain numbers and names, in users' words."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_bytes, format_count, format_number
from napari_quantize.text.results import (
    MARKED_EXCESS,
    MODE_WORDS,
    describe_image,
    format_excess,
    is_measured_on_part,
    result_name,
)
from napari_quantize.viewer.layers.chosen import UserWork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.layers.provenance import Provenance
    from napari_quantize.viewer.layers.sources import Source

NO_IMAGE = "Open an image first: drop a file on the canvas, or File → Open Sample → napari-quantize."
FIRST_STEP = (
    "Press Quantize: each number makes one new layer that shows the image with so many values left. "
    "You see them in tiles, and a table here shows what each one lost. Or tick Try to see one at once."
)
NOT_ENOUGH_MEMORY = "The results need more memory than is free."
COUNTING_SATURATED = "Counting the saturated values …"
EACH_SLICE = (
    "Each slice gets levels of its own: the same grey can mean different things from slice to slice, and films flicker."
)
SLICES_HAVE_LEVELS = "Each slice on its own is for levels: reduce to Levels, or learn from the whole stack."
OF_SEVERAL_LAYERS = "These colours belong to several layers together: they cannot be applied to single layers."
REMOVE_TITLE = "Remove results"
UNDO_TIP = "Put the removed results back: possible until the next run"
LEFT_3D = "The 3-D view was left: napari cannot hide colour images there."
NO_OTHER_IMAGE = "There is no other image to apply these levels to: open one first."
CAPTION_TIP = "K: how many values are left; ±: by how much a value is off (root of the mean squared error)"
LEARNT_HERE = "is where the levels were learnt"
NO_RESULT = "There is no result yet: quantize an image first."
LEARNING = "learning…"
BUSY = "Wait until the results are ready, or cancel."
_MAX_NAMED = 5  # results in a question
_USER_WORK = {
    UserWork.ADDED_BY_TRY: "was added by Try",
    UserWork.EDITED: "has borders that were dragged",
    UserWork.RENAMED: "was renamed",
    UserWork.LOCKED: "is locked",
}


def describe(source: Source, facts: ImageFacts | None) -> str:
    """Describe an image, and its values once they are known."""
    return describe_image(source.shape, source.dtype, facts, rgb=source.rgb)


def unbroken(text: str) -> str:
    """Return a line of facts that wraps between two facts only."""
    return " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in text.split(" · "))


def quantize_button(n_layers: int, n_bytes: int) -> str:
    """Return the text of the button, with the number and size of the layers."""
    return f"Quantize · {format_count(n_layers, 'layer')}, {format_bytes(n_bytes)}"


def progress(k: int, done: int, total: int) -> str:
    """Return the text of the progress bar."""
    return f"K={k} ({done} of {total})"


def preview_layer_name(k: int, name: str) -> str:
    """Return the name of the preview layer."""
    return f"Try K={k} · {name}"


def caption_tip(provenance: Provenance | None) -> str:
    """Return what the caption of a tile means; None stands for the source."""
    if provenance is None:
        return "The image as it is"
    mean = ["K=1: every pixel gets the mean, and ± is the standard deviation"] if provenance.k == 1 else []
    return "\n".join([CAPTION_TIP, *mean, "", figures(provenance)])


def figures(provenance: Provenance) -> str:
    """Return the tooltip of a result: its figures, one per line."""
    quality = provenance.quality
    there = ["errors are over the part that it was learnt from only"] if is_measured_on_part(provenance) else []
    if provenance.together:
        there.append(f"errors are over all {len(provenance.together)} layers together")
    colours = [] if quality.n_colors is None else [f"{quality.n_colors:,} distinct colours"]
    lines = [
        result_name(provenance),
        f"K = {provenance.k}, {provenance.n_used} used · {_kind(provenance)}",
        *there,
        f"error ± {format_number(quality.rmse)} (root of the mean squared error, {format_number(quality.mse)})",
        f"largest error {format_number(quality.max_error)}",
        f"PSNR {format_number(quality.psnr)} dB, for a range of {format_number(quality.data_range)}",
        f"{quality.n_values:,} distinct values",
        *colours,
        f"{format_number(quality.bits_per_pixel)} bits a pixel at least, without knowing its neighbours",
    ]
    if quality.excess is not None:
        best = "" if quality.excess <= MARKED_EXCESS else "; Options → Best possible (exact) finds the best"
        above = format_excess(quality.excess).removesuffix(" ⚠")
        lines.append(f"{above} above the least squared error that is possible{best}")
    return "\n".join(lines)


def _kind(provenance: Provenance) -> str:
    kind = "levels, own for each slice" if provenance.each_slice else MODE_WORDS[provenance.codebook.mode]
    return f"{kind}, of {_origin(provenance)}" if provenance.palette_phrase or provenance.learnt_from else kind


def plain_tooltip(text: str) -> str:
    """Return a tooltip that Qt shows literally, since layer names may look like HTML."""
    return f"<p style='white-space: pre'>{html.escape(text)}</p>"


def sentence(text: str) -> str:
    """Return an error's message as a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def not_written(path: Path, error: OSError) -> str:
    """Return the sentence that tells why a file could not be written."""
    return sentence(f"“{path.name}” could not be written: {error.strerror or error}")


def stopped(n_done: int, n_requested: int) -> str:
    """Return the sentence for a cancelled run."""
    if not n_done:
        return "Stopped: nothing was ready yet."
    return f"Stopped: {n_done} of {n_requested} results are ready."


def ready(name: str, n_results: int) -> str:
    """Return the sentence for the end of a run on another image than the chosen one."""
    return f"“{name}” is done: {format_count(n_results, 'result')}."


def removed_results(n_results: int, name: str) -> str:
    """Return the sentence for removed results. A long name is last, where the line is elided."""
    removed = f"Removed {format_count(n_results, 'result')}"
    return f"{removed} of “{name}”." if name else f"{removed}."


def remove_question(chosen: Sequence[tuple[str, UserWork]], n_results: int) -> str:
    """Return the question whether to remove results that the user has chosen, by their names."""
    lines = [f"“{name}” {_USER_WORK[work]}" for name, work in chosen[:_MAX_NAMED]]
    more = [f"and {len(chosen) - _MAX_NAMED} more"] if len(chosen) > _MAX_NAMED else []
    return "\n".join([f"{len(chosen)} of {format_count(n_results, 'result')} may be worth keeping:", *lines, *more])


def script_copied(*, in_viewer: bool, exact: bool) -> str:
    """Return the sentence for a copied script."""
    if not exact:
        return "The script is copied, but image or result have been changed since: it gives another result."
    return f"The script is copied{': run it in the console of napari' if in_viewer else ''}."


def applied(provenance: Provenance, names: Sequence[str]) -> str:
    """Return the sentence that names the layers to which levels were applied."""
    return f"The {_levels_or_colours(provenance)} of {_origin(provenance)} were applied to {_list(names)}."


def not_applied(names: Sequence[str]) -> str:
    """Return the sentence that names the layers to which levels were not applied, because the run before ended."""
    return f"Left out: {_list(names)}."


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def apply_question(provenance: Provenance) -> str:
    """Return the question which layers get the levels of a result."""
    link = "of" if provenance.palette_phrase else "that were learnt from"
    levels = f"{_levels_or_colours(provenance)} {link} {_origin(provenance)}"
    return f"Apply the {levels} with K={provenance.k} to these layers:"


def _levels_or_colours(provenance: Provenance) -> str:
    return "colours" if provenance.codebook.mode == "color" else "levels"


def _origin(provenance: Provenance) -> str:
    return (
        provenance.palette_phrase
        or f"“{provenance.learnt_from[1] if provenance.learnt_from else provenance.source_name}”"
    )


def apply_button(n_layers: int) -> str:
    """Return the text of the button *Apply*."""
    return "Apply" if not n_layers else f"Apply · {format_count(n_layers, 'layer')}"


def result_notice(provenances: Sequence[Provenance], *, rgb: bool) -> str:
    """Return the notice on new results that may surprise; may be empty."""
    return " ".join(filter(None, [fewer_values(provenances), combined_colours(provenances) if rgb else None]))


def fewer_values(provenances: Sequence[Provenance]) -> str | None:
    """Return the notice that an image has fewer distinct values than K; None if it has not, or if only a part has."""
    # A binned image can have fewer bins than K and still lose something, so check the error, too.
    whole = [each for each in provenances if not is_measured_on_part(each)]
    lossless = [each for each in whole if each.n_used < each.k and not each.quality.mse]
    if not lossless:
        return None
    n_values = lossless[-1].n_used
    if n_values == 1:
        return "The image is constant: it holds one value, so every result is the same."
    ks = ", ".join(dict.fromkeys(str(each.k) for each in lossless))
    kind = "colours" if lossless[-1].in_colors else "values"
    return f"The image has {n_values} distinct {kind}, fewer than K={ks}: nothing is lost there."


def combined_colours(provenances: Sequence[Provenance]) -> str | None:
    """Return the notice on how many colours the levels of all channels combine to; None if there is none."""
    of_levels = [each for each in provenances if each.codebook.mode != "color"]
    with_colours = [each for each in of_levels if each.quality.n_colors is not None and each.n_used > 1]
    if not with_colours:
        return None
    last = with_colours[-1]
    return f"{last.n_used} levels in each channel combine to {last.quality.n_colors:,} colours."


def wrong_number_of_channels(n_channels: int, most: int) -> str:
    """Return the sentence for too few or too many layers as channels."""
    verb = "is" if n_channels == 1 else "are"
    return f"{format_count(n_channels, 'layer')} {verb} ticked: tick 2 to {most} as channels."


def too_many_layers(n_ks: int, n_layers: int, limit: int) -> str:
    """Return the sentence for too many layers: one, or one for each of several channels, for each value of K."""
    return f"{format_count(n_ks, 'number')} would make {n_layers:,} layers: {limit} are possible."


def too_many_slices(n_slices: int, k: int, most_slices: int, most_levels: int) -> str:
    """Return the sentence for too many slices, or too many levels in all slices together."""
    if n_slices > most_slices:
        return f"Each of {n_slices:,} slices on its own is too much: {most_slices:,} are possible. Crop the stack."
    return (
        f"{n_slices:,} slices of K={k:,} make {n_slices * k:,} levels: {most_levels:,} are possible. "
        "Keep fewer, or learn from the whole stack."
    )


def too_large(source: Source, limit: int) -> str:
    """Return the sentence for lazy data that are too large to read."""
    return (
        f"“{source.name}” is read from disk and holds {format_bytes(source.n_bytes)}: "
        f"more than the {format_bytes(limit)} that can be quantized at once. Crop it first."
    )


def channel_question(source: Source) -> str:
    """Return the question what the first axis holds."""
    return f"The first axis has {source.shape[0]} entries. They are:"
