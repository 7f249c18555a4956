"""Do again in plain napari, without our dock, what a `LayerEventRecorder` has written.

``python -m tools.stress.replay FILE`` does it once, in random images of the same shapes: it ends as napari ends.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import napari
import numpy as np
from napari.layers import Image, Labels, Layer

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.layers.compat import grid_of
from tools.stress.processes import restart_watchdog

LAST_PAINT_MS = 1_000
N_LABELS = 8


class Replay:
    """Operations on the layers of a viewer, by the names that the recorder gives them.

    Parameters
    ----------
    viewer : napari.Viewer
        Viewer without layers.
    """

    def __init__(self, viewer: napari.Viewer) -> None:
        self._viewer = viewer
        self._random = np.random.default_rng(0)
        self._known: dict[int, Layer] = {}
        self._models = {"grid": grid_of(viewer), "dims": viewer.dims}
        events = viewer.layers.events
        self._operations: dict[str, Callable[..., Any]] = {
            "insert": self._insert,
            "remove": self._remove,
            "move": lambda index, to: viewer.layers.move(index, to),
            "visible": self._set_visible,
            "data": self._set_data,
            "set": self._set,
            "begin_batch": lambda: events.begin_batch(),
            "end_batch": lambda: events.end_batch(),
        }

    def do(self, line: str) -> None:
        """Do what a line says, after the time that napari had to paint before."""
        details = json.loads(line)
        pause_ms, operation = details.pop("wait"), details.pop("do")
        if pause_ms:
            wait(pause_ms)
        self._operations[operation](**details)

    def _set(self, of: str, name: str, to: Any) -> None:
        n_axes = self._viewer.dims.ndim
        # An order or a step of more axes or fewer comes from a layer that is added or removed next.
        if of == "grid" or name == "ndisplay" or len(to) == n_axes:
            setattr(self._models[of], name, to)

    def _insert(self, layer: int, index: int, visible: bool, **details: Any) -> None:
        if layer not in self._known:
            self._known[layer] = self._layer(visible=visible, **details)
        self._viewer.layers.insert(index, self._known[layer])

    def _layer(self, *, kind: str, shape: list[int], dtype: str, rgb: bool, visible: bool) -> Layer:
        data = self._data(shape, dtype)
        return Labels(data, visible=visible) if kind == "labels" else Image(data, rgb=rgb, visible=visible)

    def _data(self, shape: list[int], dtype: str) -> np.ndarray:
        values = self._random.integers(0, N_LABELS, shape)
        return np.asarray(values.astype(dtype))

    def _remove(self, index: int) -> None:
        del self._viewer.layers[index]

    def _set_visible(self, layer: int, to: bool) -> None:
        self._known[layer].visible = to

    def _set_data(self, layer: int, to: list[int]) -> None:
        known = self._known[layer]
        known.data = self._data(to, str(known.data.dtype))


def main() -> int:
    """Replay one file, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text("utf-8").splitlines()
    viewer = napari.Viewer()
    replay = Replay(viewer)
    for line in lines:
        restart_watchdog()
        replay.do(line)
    wait(LAST_PAINT_MS)
    viewer.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
