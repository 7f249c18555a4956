"""Stacks whose slices have levels of their own: what is shown of one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_quantize.core.facts import ImageFacts
    from napari_quantize.core.samples import CountedSamples


class SliceFacts:
    """The histogram of one slice, the same object until another is asked for: plots are drawn anew for new ones."""

    def __init__(self) -> None:
        self._of: tuple[ImageFacts, CountedSamples] | None = None
        self._found: ImageFacts | None = None

    def of(self, facts: ImageFacts, samples: CountedSamples) -> ImageFacts:
        """Return what is known of a stack, with the histogram of the slice that these samples were counted in."""
        if self._found is None or self._of is None or self._of[0] is not facts or self._of[1] is not samples:
            counts = np.histogram(samples.values, facts.edges, weights=samples.counts)[0].astype(np.int64)
            self._of, self._found = (facts, samples), replace(facts, counts=counts[np.newaxis])
        return self._found
