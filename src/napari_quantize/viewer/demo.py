"""Open napari on a sample photo and quantize it for six K; without a display, save a picture of the window."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

import napari
from qtpy.QtCore import QEventLoop, QTimer

from napari_quantize.viewer.dock.settings import keep_in

if TYPE_CHECKING:
    from napari_quantize.viewer.widget import QuantizeWidget

TIMEOUT_MS = 120_000
PAINT_MS = 1_000
# The figures that take long come after the results; the picture waits no longer than this for them.
MEASURE_MS = 30_000


def open_dock(sample: str | None, *, theme: str = "dark", height: int = 960) -> tuple[napari.Viewer, QuantizeWidget]:
    """Open a window on one of the plugin's sample images, or on none, with the dock beside it."""
    keep_in(None)  # shows what everybody sees, whatever was chosen here before
    viewer = napari.Viewer(title="napari-quantize")
    viewer.theme = theme
    viewer.window.resize(1600, height)
    if sample is not None:
        viewer.open_sample("napari-quantize", sample)
    _, widget = viewer.window.add_plugin_dock_widget("napari-quantize", "K-means Quantization")
    return viewer, widget


def press_quantize(widget: QuantizeWidget) -> bool:
    """Press the button, wait for the end, and return whether all six results came."""
    finished = QEventLoop()
    widget.finished.connect(lambda layers: finished.exit(0 if len(layers) == 6 else 1))
    QTimer.singleShot(TIMEOUT_MS, lambda: finished.exit(1))
    widget.run.native.click()
    return bool(finished.exec() == 0)


def wait(ms: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def main() -> int:
    """Run the demo, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--screenshot",
        metavar="FILE",
        # tools/with-display.sh sets this variable if it has started a virtual display, which nobody sees.
        default="demo.png" if "VIRTUAL_DISPLAY" in os.environ else None,
        help="save the window to FILE, print the table, and leave",
    )
    screenshot = parser.parse_args().screenshot
    viewer, widget = open_dock("astronaut")
    if not press_quantize(widget):
        print(f"the demo did not end with six results: {widget.message.value}", file=sys.stderr)
        return 1
    if screenshot is None:
        napari.run()
        return 0
    wait(PAINT_MS)
    for _ in range(MEASURE_MS // PAINT_MS):
        if "…" not in widget.table_text:
            break
        wait(PAINT_MS)
    viewer.screenshot(screenshot, canvas_only=False, flash=False)
    print(widget.table_text.expandtabs(14))
    print(f"\nThe window is in {screenshot}")
    viewer.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
