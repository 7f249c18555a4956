"""What a result layer says of how it was made: written into its metadata, read back from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_quantize import __version__
from napari_quantize.core.codebook import Codebook
from napari_quantize.core.notation import request_in
from napari_quantize.files.words import given

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_quantize.core.arguments import Request
    from napari_quantize.core.sweep import Result

METADATA_KEY = "napari_quantize"


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
        return given(self.codebook)

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
