"""How a result was made, in a file: written beside its pixels, and checked when it comes back from there."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from napari_quantize.core.codebook import Codebook
from napari_quantize.core.quality import Quality
from napari_quantize.viewer.provenance import METADATA_KEY, Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAY_BE_MISSING = {"excess", "n_colors"}


def record_of(made: Provenance) -> dict[str, Any]:
    """Return all of a provenance but the codebook, which files hold on its own."""
    return {name: value for name, value in vars(made).items() if name != "codebook"}


def metadata_with(codebook: Codebook | None, record: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a layer that is read from a file keeps of how it was made: as a copy of a result does."""
    if codebook is None:
        return {}
    return {METADATA_KEY: {**(record or {}), "codebook": codebook.to_dict()}}


def codebook_in(metadata: Mapping[str, Any]) -> Codebook | None:
    """Return the codebook of a result, of a copy of one, or of one that was read from a file."""
    stored = metadata.get(METADATA_KEY)
    content = stored.get("codebook") if isinstance(stored, dict) else None
    try:
        return Codebook.from_dict(content) if isinstance(content, dict) else None
    except ValueError:
        return None


def provenance_in(metadata: Mapping[str, Any]) -> Provenance | None:
    """Return how a layer's pixels were made: those of a result, of a copy, or of a file that anybody may have written.

    None if that is not known, or not all of it.
    """
    stored = metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or codebook_in(metadata) is None:
        return None
    known = {field.name for field in fields(Provenance)}
    try:
        made = Provenance(**{name: value for name, value in stored.items() if name in known})
    except TypeError:  # something is missing
        return None
    return made if _is_sound(made) else None


def _is_sound(made: Provenance) -> bool:
    texts = (made.version, made.source_id, made.source_name, made.layer_id)
    lists = _are_texts(made.samples) and isinstance(made.together, list) and all(map(_are_texts, made.together))
    return (
        all(isinstance(text, str) for text in texts)
        and lists
        and all(len(pair) == 2 for pair in made.together)
        and _are_texts(made.learnt_from)
        and len(made.learnt_from) in (0, 2)
        and isinstance(made.each_slice, bool)
        and isinstance(made.quality, dict)
        and all(_is_figure(made.quality.get(field.name), field.name) for field in fields(Quality))
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_figure(value: object, name: str) -> bool:
    return (value is None and name in _MAY_BE_MISSING) or type(value) in (int, float)
