"""What is said of results wherever people read it: in the dock, in reports, for papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from napari_quantize.text.numbers import format_count, format_number

if TYPE_CHECKING:
    import numpy as np

    from napari_quantize.core.analysis.image_facts import ImageFacts

MODE_WORDS = {
    "global": "levels, same for all channels",
    "per_channel": "levels, own for each channel",
    "color": "colours",
}
FROM_FILE = "file "
"""What the id of what was learnt from begins with where the codebook is from a file."""
ABOVE = 0.01  # over the best possible: from here on a result is marked


class Made(Protocol):
    """How a result was made: what sentences about it are made from."""

    @property
    def version(self) -> str:
        """Of napari-quantize."""

    @property
    def codebook(self) -> Mapping[str, Any]:
        """`Codebook.to_dict`."""

    @property
    def quality(self) -> Mapping[str, Any]:
        """Fields of `Quality`."""

    @property
    def k(self) -> int:
        """How many values were asked for."""

    @property
    def n_used(self) -> int:
        """How many values were given: the most in any channel."""

    @property
    def together(self) -> Sequence[Sequence[str]]:
        """Id and name of each image that was quantized together with the others, as a channel of one image."""

    @property
    def learnt_from(self) -> Sequence[str]:
        """Id and name of the image that the codebook was learnt from, if that is another one; else empty."""

    @property
    def each_slice(self) -> bool:
        """Whether the groups of channels are slices of a stack, each with levels of its own."""


def format_dtype(dtype: np.dtype) -> str:
    """Name a dtype as microscopes and cameras do."""
    if dtype.kind == "b":
        return "binary"
    bits = f"{8 * dtype.itemsize} bit"
    return {"f": f"{bits} float", "i": f"{bits} signed"}.get(dtype.kind, bits)


def format_shape(shape: Sequence[int], *, rgb: bool) -> str:
    """Write an image's extent, width first: ``695×395``, ``48 × 130×130``."""
    *leading, height, width = shape[:-1] if rgb else (1, *shape)[-max(2, len(shape)) :]
    planes = "".join(f"{length} × " for length in leading)
    return f"{planes}{width}×{height}"


def describe_image(shape: Sequence[int], dtype: np.dtype, facts: ImageFacts | None, *, rgb: bool) -> str:
    """Say what an image is, and what it holds once that is known."""
    colour = (" RGBA" if shape[-1] == 4 else " RGB") if rgb else ""
    parts = [format_dtype(dtype) + colour, format_shape(shape, rgb=rgb)]
    if facts is not None:
        parts.append("over 65,536 values" if facts.n_values is None else format_count(facts.n_values, "value"))
        if facts.saturated >= 0.0005:
            parts.append(f"{facts.saturated:.1%} saturated")
    return " · ".join(parts)


def codebook_file(learnt_from: Sequence[str]) -> str:
    """Return the name of the file that a codebook is from; nothing where it was learnt from an image that is there."""
    return learnt_from[1] if learnt_from and learnt_from[0].startswith(FROM_FILE) else ""


def palette_phrase(codebook: Mapping[str, Any]) -> str:
    """Say of which palette the colours or levels of a codebook are; nothing where they were learnt."""
    if codebook["method"] != "given":
        return ""
    palette = codebook.get("palette")  # which the first records do not have
    return f"the palette “{palette}”" if palette else "a palette"


def format_k(made: Made) -> str:
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
    if made.learnt_from and codebook["method"] != "given":
        tags.append("applied")
    # A rounded mean of false and true is no mean any more.
    if made.k == 1 and not tags and codebook["dtype"] != "bool":
        tags.append("(mean)")
    return " ".join([str(made.k), *tags])


def format_excess(excess: float | None) -> str:
    """Say how far from the least possible error a result is."""
    if excess is None:
        return "–"
    return f"{100 * excess:.1f} %{' ⚠' if excess > ABOVE else ''}"


def result_caption(made: Made) -> str:
    """Say which result a picture shows: ``K=8 · ± 13.2``."""
    return f"K={format_k(made)} · ± {format_number(made.quality['rmse'])}"
