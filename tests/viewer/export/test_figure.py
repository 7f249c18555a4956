"""The figure of *Export…* shows what the dock shows."""

import numpy as np
import pytest
from driving import RGB, open_dock, press
from export_driver import choose, open_export, wait_until_closed
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg

from napari_quantize.plots import comparison


@pytest.fixture
def figures(monkeypatch):
    """Return a list, to which each figure is added that is drawn."""
    draw, drawn = comparison.comparison_figure, []

    def record(*arguments):
        drawn.append(draw(*arguments))
        return drawn[-1]

    monkeypatch.setattr(comparison, "comparison_figure", record)
    return drawn


def export_figure(widget, qtbot, folder):
    """Export a figure of all results, and return its path."""
    dialog = open_export(widget, qtbot)
    dialog.folder.setText(str(folder))
    choose(dialog.options["image"], "")
    choose(dialog.options["figure"], ".png")
    qtbot.waitUntil(dialog.export.isEnabled)
    dialog.export.click()
    wait_until_closed(widget, qtbot)
    [path] = folder.iterdir()
    return path


def swatches(axes):
    """Return the foot and the tip of each swatch."""
    [ticks] = [artist for artist in axes.collections if artist.get_gid() == "ticks"]
    return [segment.tolist() for segment in ticks.get_segments()]


def axes_in(widget):
    """Return the visible axes of the dock's histogram; none before it is drawn."""
    canvases = widget.native.findChildren(FigureCanvasQTAgg)
    return [axes for canvas in canvases for axes in canvas.figure.axes if axes.get_visible()]


@pytest.mark.parametrize(("data", "rgb"), [(RGB, True), (np.moveaxis(RGB, -1, 0), False)])
def test_swatches_of_colours_are_those_of_the_dock(window, qtbot, tmp_path, figures, data, rgb):
    window.add_image(data, name="photo", rgb=rgb)
    widget = open_dock(window, "4")
    if not rgb:
        widget.channel_axis.value = 0
    widget.mode.value = "color"
    press(qtbot, widget)
    qtbot.waitUntil(lambda: any(map(swatches, axes_in(widget))))
    export_figure(widget, qtbot, tmp_path)
    [figure] = figures
    shown = axes_in(widget)
    drawn = [axes for axes in figure.axes if not axes.images and swatches(axes)]
    assert list(map(swatches, drawn)) == list(map(swatches, shown))
    assert len(drawn) == (1 if rgb else 3)
    heights = [tip[1] for _, tip in swatches(drawn[0])]
    assert sum(heights) == RGB.size // 3
    assert len(set(heights)) > 1
