"""Results whose image has changed since are not exported beside that image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_quantize.core.request.request import no_tick
from napari_quantize.viewer.export import messages as export_messages
from napari_quantize.viewer.measure.staleness import StalenessCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Image

    from napari_quantize.viewer.layers.provenance import Provenance


def why_stale(result: Image, provenance: Provenance, sources: Sequence[Image]) -> str:
    """Return why a result's figures do not hold for the present pixels of its sources.

    An empty string if they do, or if only the check of the pixels can tell (see `pending_check`).
    """
    is_stale = bool(sources) and StalenessCheck.of(result, provenance, sources).recall()
    return export_messages.CHANGED if is_stale else ""


def pending_check(result: Image, provenance: Provenance, sources: Sequence[Image]) -> StalenessCheck | None:
    """Return the check that has to be made before a result is shown beside its image; None if that is unchanged."""
    if not sources:  # nothing can be checked without all channels
        return None
    check = StalenessCheck.of(result, provenance, sources)
    return None if check.recall() is False else check


def require_unchanged(check: StalenessCheck | None) -> None:
    """Make a check that is pending; called in a thread.

    Raises
    ------
    ValueError
        If the image has changed since the result was made.
    """
    if check is not None and check.run(no_tick)[0]:
        raise ValueError(f"K={check.provenance.k}: {export_messages.CHANGED}")
