"""Provenance of result layers, stored in their metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.record import Record
from napari_quantize.text.results import palette_phrase
from napari_quantize.viewer.layers.cache import LayerCache

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from napari.layers import Layer

    from napari_quantize.core.api import Result
    from napari_quantize.core.request.request import Request

METADATA_KEY = "napari_quantize"


@dataclass(frozen=True, kw_only=True)
class Provenance(Record):
    """How a result layer was made: its record, with what only a viewer knows.

    Attributes
    ----------
    source_id : str
        ``unique_id`` of the layer that was quantized; `source_name` is its name.
    layer_id : str
        ``unique_id`` of the result layer itself. napari's *Duplicate* copies metadata: only where this matches
        is the layer really the one that was made.
    """

    source_id: str
    layer_id: str

    @classmethod
    def of(
        cls,
        result: Result,
        source_id: str,
        source_name: str,
        layer: Layer,
        together: Sequence[tuple[str, str]] = (),
        learnt_from: Sequence[str] = (),
        *,
        each_slice: bool = False,
    ) -> Provenance:
        """Describe how `layer` came out of a sweep."""
        quality = result.quality
        if each_slice:  # what is summed or combined over channels means nothing for slices
            quality = replace(quality, n_colors=None, bits_per_pixel=quality.bits_per_value, mse_per_pixel=quality.mse)
        return cls(
            source_id=source_id,
            source_name=source_name,
            layer_id=str(layer.unique_id),
            codebook=result.codebook,
            samples=tuple(counted.digest() for counted in result.samples),
            quality=quality,
            together=tuple(together),
            learnt_from=tuple(learnt_from),
            each_slice=each_slice,
        )

    @property
    def slice_axis(self) -> int | None:
        """Axis of the slices that have levels of their own; None where they have not."""
        return self.codebook.channel_axis if self.each_slice else None

    @property
    def given(self) -> str:
        """Of which palette the colours or levels are, in words; empty where they were learnt."""
        return palette_phrase(self.codebook)

    @property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The levels of each group of channels; none where the codebook holds colours."""
        return () if self.in_colors else self.codebook.levels

    def levels_of(self, place: int) -> tuple[np.ndarray]:
        """Return the levels of one group of channels, or slice, alone."""
        return (self.codebook.levels[place],)

    @property
    def palette(self) -> np.ndarray | None:
        """The colours as the result's pixels hold them, one a row; None where the codebook holds levels.

        Of layers that were quantized together, what this layer's channel has of the colours.
        """
        if not self.in_colors:
            return None
        palette = self.codebook.outputs[0]
        own = [place for place, (layer_id, _) in enumerate(self.together) if layer_id == self.source_id]
        return palette[:, own] if own else palette

    @property
    def settings_key(self) -> tuple[Any, ...]:
        """All that was chosen for this result: two results of the same way replace each other."""
        return settings_key_of(self.source_id, self.k, self.request, self.together, self.learnt_from)

    def write(self, layer: Layer) -> None:
        """Store in the layer's metadata, in plain values that survive being saved."""
        stored = self.to_dict()
        _read.put(layer, None, (stored, self), (id(stored),))
        layer.metadata = {**layer.metadata, METADATA_KEY: stored}


# It is asked for at every refresh. The values hold the very dict that they were read from: its id is not given anew.
_read: LayerCache[None, tuple[dict[str, Any], Provenance | None]] = LayerCache()


def provenance_of(layer: Layer) -> Provenance | None:
    """Return how a layer was made, or None if it is no result of ours (a copy of one is not)."""
    stored = layer.metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or stored.get("layer_id") != str(layer.unique_id):
        return None
    known = _read.get(layer, None, (id(stored),))
    if known is None:
        known = stored, provenance_in(layer.metadata)
        _read.put(layer, None, known, (id(stored),))
    return known[1]


def settings_key_of(
    source_id: str,
    k: int,
    request: Request,
    together: Sequence[tuple[str, str]] = (),
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
    return {name: value for name, value in made.to_dict().items() if name != "codebook"}


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
    try:
        return Provenance.from_dict(metadata.get(METADATA_KEY))
    except ValueError:
        return None
