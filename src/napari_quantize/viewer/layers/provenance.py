"""Provenance of result layers, stored in their metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.record import Record
from napari_quantize.text.results import is_measured_on_part, palette_phrase
from napari_quantize.viewer.layers.cache import LayerCache

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from napari.layers import Layer

    from napari_quantize.core.api import Result
    from napari_quantize.core.quality.noise import NoiseProblem
    from napari_quantize.core.request.request import Request

METADATA_KEY = "napari_quantize"


@dataclass(frozen=True, kw_only=True)
class Provenance(Record):
    """Record of a result layer, with the ids of the layers.

    Attributes
    ----------
    source_id : str
        ``unique_id`` of the layer that was quantized; `source_name` is its name.
    layer_id : str
        ``unique_id`` of the result layer itself. napari's *Duplicate* copies the metadata too: a layer with another
        id is a copy.
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
        part: str = "",
    ) -> Provenance:
        """Return the provenance of a layer that shows a result.

        Parameters
        ----------
        result : Result
            The result.
        source_id, source_name : str
            ``unique_id`` and name of the layer that was quantized.
        layer : Layer
            The layer that shows the result.
        together : sequence of (str, str)
            Ids and names of the layers that were quantized as the channels of one image; empty if it was one layer.
        learnt_from : sequence of str
            Id and name of the layer or file that the codebook was learnt from; empty if it was the source itself.
        each_slice : bool
            True if the channels are slices of a stack.
        part : str
            Name of the part that the codebook was learnt from; may be empty.
        """
        quality = result.quality
        if each_slice:  # sums over channels mean nothing for slices
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
            part=part,
        )

    @property
    def slice_axis(self) -> int | None:
        """Axis of the slices if each has levels of its own, else None."""
        return self.codebook.channel_axis if self.each_slice else None

    @property
    def facts_axis(self) -> int | None:
        """Channel axis of the source whose facts go with this; None if its channels are layers or slices."""
        return None if self.together or self.each_slice else self.codebook.channel_axis

    @property
    def noise_problem(self) -> NoiseProblem | None:
        """Why the error cannot be compared with the noise of the source; None if it can."""
        if self.together:
            return "several layers"
        return "part" if is_measured_on_part(self) else None

    @property
    def palette_phrase(self) -> str:
        """The given palette in words; empty if the colours or levels were learnt."""
        return palette_phrase(self.codebook)

    @property
    def levels(self) -> tuple[np.ndarray, ...]:
        """The levels of each group of channels; empty if the codebook holds colours."""
        return () if self.in_colors else self.codebook.levels

    def levels_of(self, index: int) -> tuple[np.ndarray]:
        """Return the levels of one channel or slice, as a tuple of length 1."""
        return (self.codebook.levels[index],)

    @property
    def palette(self) -> np.ndarray | None:
        """The colours as in the result's pixels, one in each row; None if the codebook holds levels.

        If several layers were quantized together, the column of this layer's channel.
        """
        if not self.in_colors:
            return None
        palette = self.codebook.outputs[0]
        own = [index for index, (layer_id, _) in enumerate(self.together) if layer_id == self.source_id]
        return palette[:, own] if own else palette

    @property
    def settings_key(self) -> tuple[Any, ...]:
        """All settings of this result: a new result with equal settings replaces it."""
        return settings_key_of(
            self.source_id,
            self.k,
            self.request,
            self.together,
            each_slice=self.each_slice,
            given=given_key(self.codebook, self.learnt_from),
        )

    @property
    def digest(self) -> str:
        """Digest of the codebook and of the source's counted samples: it changes if a new result replaces this one."""
        return _digest_of(self.codebook, self.samples)

    def write(self, layer: Layer) -> None:
        """Store this in the layer's metadata, in plain values that survive being saved."""
        stored = self.to_dict()
        _provenances.put(layer, None, (stored, self), (id(stored),))
        layer.metadata = {**layer.metadata, METADATA_KEY: stored}


# Provenances read from metadata, which every refresh needs. The key is the id of the metadata's dict. Each entry also
# holds that dict: as long as it lives, Python gives its id to no other object.
_provenances: LayerCache[None, tuple[dict[str, Any], Provenance | None]] = LayerCache()


def provenance_of(layer: Layer) -> Provenance | None:
    """Return the provenance of a result layer; None for all other layers, also for copies of results."""
    stored = layer.metadata.get(METADATA_KEY)
    if not isinstance(stored, dict) or stored.get("layer_id") != str(layer.unique_id):
        return None
    cached = _provenances.get(layer, None, (id(stored),))
    if cached is None:
        cached = stored, provenance_in(layer.metadata)
        _provenances.put(layer, None, cached, (id(stored),))
    return cached[1]


def settings_key_of(
    source_id: str,
    k: int,
    request: Request,
    together: Sequence[tuple[str, str]] = (),
    *,
    each_slice: bool = False,
    given: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Return a key that is equal for results of the same source with the same settings."""
    # The layers come in the order of the layer list, which the user may change.
    return source_id, k, *astuple(request), *sorted(layer_id for layer_id, _ in together), each_slice, *given


def given_key(codebook: Codebook, learnt_from: Sequence[str]) -> tuple[str, ...]:
    """Return what tells a codebook from others of its origin, file or palette; empty if it was learnt for the image.

    Two files can have one name. All that the user makes of an image's own levels by hand counts as one.
    """
    if not learnt_from and not palette_phrase(codebook):
        return ("edited",) if codebook.borders is not None else ()
    return *learnt_from[:1], _digest_of(codebook)


def _digest_of(codebook: Codebook, samples: Sequence[str] = ()) -> str:
    digest = blake2b(digest_size=16)
    for array in (*codebook.levels, *(codebook.borders or ())):
        digest.update(array.tobytes())
    for sample in samples:
        digest.update(sample.encode())
    return digest.hexdigest()


def record_without_codebook(provenance: Provenance) -> dict[str, Any]:
    """Return a provenance as a dict without the codebook, which files hold separately."""
    return {name: value for name, value in provenance.to_dict().items() if name != "codebook"}


def provenance_metadata(codebook: Codebook | None, record: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the metadata of a layer that was read from a file; as a copy of a result, it is none of ours."""
    if codebook is None:
        return {}
    return {METADATA_KEY: {**(record or {}), "codebook": codebook.to_dict()}}


def codebook_in(metadata: Mapping[str, Any]) -> Codebook | None:
    """Return the codebook of a result, also of a copy or of one from a file; None if there is no valid one."""
    stored = metadata.get(METADATA_KEY)
    content = stored.get("codebook") if isinstance(stored, dict) else None
    try:
        return Codebook.from_dict(content) if isinstance(content, dict) else None
    except ValueError:
        return None


def provenance_in(metadata: Mapping[str, Any]) -> Provenance | None:
    """Return the provenance in the metadata of a result, a copy of one, or a layer from a file.

    None if it is missing or incomplete: anybody may have written the file.
    """
    try:
        return Provenance.from_dict(metadata.get(METADATA_KEY))
    except ValueError:
        return None
