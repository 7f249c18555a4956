"""Axes of space, and sizes of pixels along them, against values computed by hand."""

from dataclasses import replace

import numpy as np
import pytest
from axes_of_layers import axes_of
from napari.components import Dims
from napari.layers import Image

from napari_quantize.viewer.layers.axes import Axes
from napari_quantize.viewer.layers.pixel_size import PixelSize, pixel_size_of

PLANE, STACK, FILM = np.zeros((4, 5)), np.zeros((3, 4, 5)), np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("axes", "through", "connected"),
    [
        (axes_of("y", "x"), None, (0, 1)),
        (axes_of("y", "x"), True, (0, 1)),
        (axes_of("-3", "-2", "-1"), None, (1, 2)),
        (axes_of("-3", "-2", "-1"), True, (0, 1, 2)),
        (axes_of("-3", "-2", "-1", displayed_in_3d=True), None, (0, 1, 2)),
        (axes_of("Z", "y", "x"), None, (0, 1, 2)),
        (axes_of("Z", "y", "x"), False, (1, 2)),
        (axes_of("-3", "-2", "-1", units="um"), None, (0, 1, 2)),
        (axes_of("time", "y", "x"), True, (1, 2)),
        (axes_of("-3", "-2", "-1", units=("s", "um", "um")), True, (1, 2)),
        (axes_of("t", "z", "y", "x"), None, (1, 2, 3)),
        (axes_of("-4", "-3", "-2", "-1"), True, (1, 2, 3)),
        (axes_of("c", "y", "x", channel=0), True, (1, 2)),
        (axes_of("a", "b", "y", "x", units=("pixel", "pixel", "um", "um")), True, (2, 3)),
        (axes_of("a", "y", "x", units=("pixel", "pixel", "um")), None, (1, 2)),
        (replace(axes_of("z", "y", "x"), order=(1, 2, 0)), False, (2, 0)),
    ],
)
def test_connected_axes_form_a_plane_or_a_volume(axes, through, connected):
    assert axes.connected_axes(through) == connected


@pytest.mark.parametrize(
    ("image", "geometry", "axes", "title", "size"),
    [
        (PLANE, {}, (0, 1), None, None),
        (PLANE, {"scale": (0.5, 0.25)}, (0, 1), "area", 0.125),
        (PLANE, {"scale": (-0.5, 0.25)}, (0, 1), "area", 0.125),
        (PLANE, {"scale": (0.65, 0.65), "units": ("um", "um")}, (0, 1), "area µm²", 0.65 * 0.65),
        (PLANE, {"units": ("nm", "nm")}, (0, 1), "area nm²", 1),
        (PLANE, {"scale": (2, 500), "units": ("µm", "nm")}, (0, 1), "area nm²", 2000 * 500),
        (STACK, {"scale": (2, 0.5, 0.5), "units": ("µm",) * 3}, (0, 1, 2), "volume µm³", 0.5),
        (STACK, {"scale": (2, 0.5, 0.5), "units": ("µm",) * 3}, (1, 2), "area µm²", 0.25),
        (STACK, {"scale": (60, 0.5, 0.5), "units": ("s", "µm", "µm")}, (0, 1, 2), "area µm²", 0.25),
        (STACK, {"scale": (60, 0.5, 0.5), "units": ("s", "µm", "µm")}, (0, 2), "length µm", 0.5),
        (STACK, {"scale": (9, 0.5, 0.5)}, (0, 1, 2), "area", 0.25),
        (STACK, {"scale": (9, 0.5, 0.5), "axis_labels": ("z", "y", "x")}, (0, 1, 2), "volume", 2.25),
        (STACK, {"scale": (9, 1, 1)}, (0, 1, 2), None, None),
        (FILM, {"scale": (1, 3, 2, 2), "units": ("s", "mm", "mm", "mm")}, (0, 1, 2, 3), "volume mm³", 12),
    ],
)
def test_pixel_sizes(image, geometry, axes, title, size):
    layer = Image(image, **geometry)
    own = Axes.of(layer, Dims(ndim=layer.ndim), None)
    measure = pixel_size_of(own, [axis for axis in own.connected_axes() if axis in axes])
    if title is None:
        assert measure is None
    else:
        assert measure.title == title
        assert measure.size == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("display", [{}, {"ndisplay": 3}, {"order": (1, 0, 2)}])
def test_the_viewer_s_display_decides_if_axis_names_and_units_do_not(display):
    axes = Axes.of(Image(STACK, scale=(9, 0.5, 0.25)), Dims(ndim=3, **display), None)
    size = {(): 0.125, ("ndisplay",): 1.125, ("order",): 2.25}[tuple(display)]
    assert pixel_size_of(axes, axes.connected_axes()).size == pytest.approx(size)


@pytest.mark.parametrize("axes", [axes_of("y", "x"), axes_of("y", "x", units=("pixel", "um"), scale=2)])
def test_no_pixel_size_without_calibration_or_with_mixed_units(axes):
    assert pixel_size_of(axes, (0, 1)) is None


@pytest.mark.parametrize(
    ("measure", "column"),
    [
        (PixelSize("area", "µm²", 1.0), "area (µm²)"),
        (PixelSize("volume", "nm³", 1.0), "volume (nm³)"),
        (PixelSize("length", "mm", 1.0), "length (mm)"),
        (PixelSize("area", "", 1.0), "area"),
    ],
)
def test_column_names_hold_the_unit(measure, column):
    assert measure.column == column
