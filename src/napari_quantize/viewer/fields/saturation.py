"""The saturated values of the chosen layers, counted in the background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_quantize.core.analysis.saturation import Saturation, find_saturation
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.cache import cache_saturation, cached_saturation, data_version
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.widgets.background import Background

if TYPE_CHECKING:
    from napari.layers import Image
    from qtpy.QtWidgets import QWidget

    from napari_quantize.viewer.layers.cache import DataVersion


class SaturationCounter(QObject):
    """Count the saturated values of layers in a thread, once for each version of their data.

    Parameters
    ----------
    owner : QWidget
        Owner of the work.
    """

    counted = Signal()
    """Emitted when `find` has something new to return."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._background = Background(owner)
        self._versions: tuple[DataVersion, ...] = ()
        self._problem = ""

    def find(self, layers: Sequence[Image]) -> Saturation | str:
        """Return the saturated values of layers that are quantized together, or why they are not known.

        If they are not known yet, counting starts, or goes on if it has started for these layers.
        """
        found = cached_saturation(layers)
        if found is not None:
            return found
        versions = tuple(map(data_version, layers))
        if versions != self._versions:
            self._versions, self._problem = versions, messages.COUNTING_SATURATED
            # Before a count of other data, which is no longer wanted.
            self._background.cancel()
            sources = [Source.of(layer) for layer in layers]
            self._background.submit(
                partial(self._count, sources), partial(self._on_counted, list(layers), versions), self._on_failed
            )
        return self._problem

    def close(self) -> None:
        """End the thread."""
        self._background.close()
        self._versions = ()

    def _count(self, sources: Sequence[Source]) -> Saturation:
        # Each is read when it is counted: lazy layers, too, give the same as the same data in memory.
        images = [np.asarray(source.data) for source in sources]
        axis = -1 if sources[0].rgb else None
        return find_saturation(images, channel_axis=axis, alpha=sources[0].alpha, tick=self._background.tick)

    def _on_counted(self, layers: Sequence[Image], versions: tuple[DataVersion, ...], found: Saturation) -> None:
        cache_saturation(layers, versions, found)
        self._versions = ()
        self.counted.emit()

    def _on_failed(self, message: str) -> None:
        self._problem = messages.sentence(message)
        self.counted.emit()
