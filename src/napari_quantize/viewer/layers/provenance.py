"""Provenance of result layers, stored in their metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize._version import __version__
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.codebook.serialization import request_in
from napari_quantize.core.quality.quality import Quality
from napari_quantize.text.results import palette_phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Layer

    from napari_quantize.core.api import Result
    from napari_quantize.core.request.request import Request

METADATA_KEY = "napari_quantize"

_MAY_BE_MISSING = {"excess", "n_colors"}


@dataclass(frozen=True)
class Provenance:
    """How a result layer was made, in plain values that survive being saved.

    Attributes
    ----------
    version : str
        Of napari-quantize.
    source_id, source_name : str
        ``unique_id`` and name of the layer that was quantized.
    layer_id : str
        ``unique_id`` of the result layer itself. napari's *Duplicate* copies metadata: only where this matches
        is the layer really the one that was made.
    codebook : dict
        `Codebook.to_dict`: centers and all arguments.
    samples : list of str
        Hash of the source's counted samples, one a group of channels.
    quality : dict
        Fields of `Quality`.
    together : list of [str, str]
        ``unique_id`` and name of each layer that was quantized together with the others, as a channel of one image.
    learnt_from : list of str
        ``unique_id`` and name of the layer that the codebook was learnt from, if that is another one; else empty.
    each_slice : bool
        Whether the groups of channels are slices of a stack, each with levels of its own.
    """

    version: str
    source_id: str
    source_name: str
    layer_id: str
    codebook: dict[str, Any]
    samples: list[str]
    quality: dict[str, Any]
    together: list[list[str]] = field(default_factory=list)
    learnt_from: list[str] = field(default_factory=list)
    each_slice: bool = False

    @classmethod
    def of(
        cls,
        result: Result,
        source_id: str,
        source_name: str,
        layer: Layer,
        together: Sequence[list[str]] = (),
        learnt_from: Sequence[str] = (),
        *,
        each_slice: bool = False,
    ) -> Provenance:
        """Describe how `layer` came out of a sweep."""
        quality = asdict(result.quality)
        if each_slice:  # what is summed or combined over channels means nothing for slices
            quality |= {
                "n_colors": None,
                "bits_per_pixel": quality["bits_per_value"],
                "mse_per_pixel": quality["mse"],
            }
        return cls(
            version=__version__,
            source_id=source_id,
            source_name=source_name,
            layer_id=str(layer.unique_id),
            codebook=result.codebook.to_dict(),
            samples=[counted.digest() for counted in result.samples],
            quality=quality,
            together=list(together),
            learnt_from=list(learnt_from),
            each_slice=each_slice,
        )

    @property
    def k(self) -> int:
        """How many values were asked for."""
        return int(self.codebook["k"])

    @property
    def n_used(self) -> int:
        """How many values were given: the most in any channel."""
        return max(map(len, self.codebook["levels"]))

    @property
    def given(self) -> str:
        """Of which palette the colours or levels are, in words; empty where they were learnt."""
        return palette_phrase(self.codebook)

    @property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The levels of each group of channels; none where the codebook holds colours."""
        return () if self.codebook["mode"] == "color" else self.read_codebook().levels

    def levels_of(self, place: int) -> tuple[np.ndarray]:
        """Return the levels of one group of channels, or slice, alone."""
        return (np.array(self.codebook["levels"][place], dtype=np.float64),)

    @property
    def palette(self) -> np.ndarray | None:
        """The colours as the result's pixels hold them, one a row; None where the codebook holds levels.

        Of layers that were quantized together, what this layer's channel has of the colours.
        """
        codebook = self.read_codebook()
        if codebook.mode != "color":
            return None
        palette = codebook.outputs[0]
        own = [place for place, (layer_id, _) in enumerate(self.together) if layer_id == self.source_id]
        return palette[:, own] if own else palette

    @property
    def way(self) -> tuple[Any, ...]:
        """All that was chosen for this result: two results of the same way replace each other."""
        return way_of(self.source_id, self.k, self.request, self.together, self.learnt_from)

    @property
    def request(self) -> Request:
        """How it was learnt."""
        return request_in(self.codebook)

    def write(self, layer: Layer) -> None:
        """Store in the layer's metadata."""
        # Not asdict: that copies every single level, of which there can be 65,536.
        layer.metadata = {**layer.metadata, METADATA_KEY: dict(vars(self))}

    def read_codebook(self) -> Codebook:
        """Return the codebook."""
        return Codebook.from_dict(self.codebook)


def provenance_of(layer: Layer) -> Provenance | None:
    """Return how a layer was made, or None if it is no result of ours (a copy of one is not)."""
    stored = layer.metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or stored.get("layer_id") != str(layer.unique_id):
        return None
    return Provenance(**stored)


def way_of(
    source_id: str,
    k: int,
    request: Request,
    together: Sequence[list[str]] = (),
    learnt_from: Sequence[str] = (),
) -> tuple[Any, ...]:
    """Return all that is chosen before a codebook is learnt."""
    return (source_id, k, *astuple(request), *(layer_id for layer_id, _ in together), *learnt_from[:1])


def layer_name(result: Result, source_name: str, learnt_from: Sequence[str] = (), *, each_slice: bool = False) -> str:
    """Name a result: K first, since napari elides the middle, then what is not the default."""
    codebook = result.codebook
    parts = [f"K={result.k}"]
    if each_slice:
        parts.append("each slice")
    elif codebook.mode != "global":
        parts.append({"per_channel": "own levels", "color": "colours"}[codebook.mode])
    if codebook.method == "given":
        parts.append(f"of {codebook.request.palette or 'a palette'}")
    elif learnt_from:
        parts.append(f"{'levels ' if codebook.mode == 'global' and not each_slice else ''}of {learnt_from[1]}")
    if codebook.method not in ("minibatch", "given"):
        parts.append(codebook.method)
    if codebook.request.keep:
        parts.append(f"{len(codebook.request.keep)} kept")
    if codebook.request.ignore or codebook.request.mask_digest:
        parts.append("from a part")
    if codebook.random_state:
        parts.append(f"seed {codebook.random_state}")
    return f"{' '.join(parts)} · {source_name}"


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
