"""Helpers of the tests of panels: an image with results in the dock, and a plot that is drawn."""

from driving import find_panel, open_dock, press, settle, table
from pointer import wait_for_rest


def quantize_image(viewer, qtbot, image, ks, *, mode=None, columns=None, active=0, **options):
    """Add an image and quantize it, make one of the results active, and return the dock and the results.

    `columns` are the only ones in the table.
    """
    viewer.add_image(image, name="it", **options)
    widget = open_dock(viewer, ks)
    if mode is not None:
        widget.mode.value = mode
    if columns is not None:
        table(widget).columns.choose("photo", columns)
    results = press(qtbot, widget)
    viewer.layers.selection.active = results[active]
    return widget, results


def drawn_histogram(widget, qtbot):
    """Return the panel of the histogram once it is drawn and keeps its place."""
    panel = find_panel(widget, "Histogram")
    qtbot.waitUntil(lambda: panel._drawing is not None and bool(panel.model.rows))
    settle(qtbot)
    wait_for_rest(qtbot, panel._plot.figure.canvas)
    return panel
