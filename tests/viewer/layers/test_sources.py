"""Sources of layers: full resolution, lazy data, and channel axes."""

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image

from napari_quantize.viewer.layers.sources import Source, inherited_attributes


def stack(n, labels=("z", "y", "x"), size=(70, 80)):
    return Source("1", "it", np.zeros((n, *size), np.uint8), False, labels)


def test_a_source_has_the_full_resolution():
    full = np.zeros((64, 32), np.uint8)
    source = Source.of(Image([full, full[::2, ::2]], multiscale=True))
    assert source.data is full
    assert (source.shape, source.n_bytes, source.is_lazy) == ((64, 32), 2048, False)


@pytest.mark.parametrize(
    ("shape", "rgb", "axes"),
    [
        ((70, 80), False, []),
        ((3, 70, 80), False, [0]),
        ((70, 80, 3), False, [2]),
        ((70, 80, 3), True, []),
        ((1, 70, 80), False, []),
        ((65, 70, 80), False, []),
        ((7, 3, 70, 80), False, [0, 1]),
    ],
)
def test_possible_channel_axes(shape, rgb, axes):
    source = Source("1", "it", np.zeros(shape, np.uint8), rgb, ("",) * (len(shape) - rgb))
    assert source.possible_channel_axes() == axes


@pytest.mark.parametrize(("n", "doubtful"), [(1, False), (2, True), (5, True), (6, False)])
def test_few_entries_along_the_first_axis_are_unclear(n, doubtful):
    assert stack(n, ("axis -3", "axis -2", "axis -1")).has_unclear_channel_axis() == doubtful


@pytest.mark.parametrize("label", ["Z", "t", " time ", "plane", "frames"])
def test_axis_labels_of_planes_are_clear(label):
    source = stack(3, (label, "y", "x"))
    assert not source.has_unclear_channel_axis()
    assert source.known_channel_axis() is None


@pytest.mark.parametrize("label", ["C", "channel", " Colour "])
def test_axis_labels_of_channels_are_clear(label):
    source = stack(3, (label, "y", "x"))
    assert not source.has_unclear_channel_axis()
    assert source.known_channel_axis() == 0


def test_only_rgb_with_four_channels_has_alpha():
    assert Source.of(Image(np.zeros((9, 9, 4), np.uint8), rgb=True)).alpha
    assert not Source.of(Image(np.zeros((9, 9, 3), np.uint8), rgb=True)).alpha
    assert not Source.of(Image(np.zeros((9, 9, 4), np.uint8), rgb=False)).alpha


def test_inherited_attributes_make_a_layer():
    layer = Image(np.zeros((9, 9), np.float32), scale=(2, 3), contrast_limits=(0, 5), colormap="magma", name="it")
    twin = Image(np.ones((9, 9), np.float32), **inherited_attributes(layer))
    assert (tuple(twin.scale), tuple(twin.contrast_limits), twin.colormap.name) == ((2, 3), (0, 5), "magma")
    assert twin.name != "it"


@pytest.mark.parametrize(("lazy", "is_too_large"), [(False, False), (True, True)])
def test_channels_in_memory_are_never_too_large(lazy, is_too_large):
    one = da.zeros((40_000, 70_000), np.uint8) if lazy else np.broadcast_to(np.uint8(0), (40_000, 70_000))
    source = Source("1", "DAPI", one, False, ("y", "x"))
    assert source.joined([source, source]).is_too_large == is_too_large


@pytest.mark.parametrize(("label", "holds"), [("t", True), ("Z ", True), ("frame", True), ("c", False), ("-3", False)])
def test_axes_whose_labels_say_slices(label, holds):
    assert Source("1", "it", np.zeros((3, 4, 5)), False, (label, "y", "x")).holds_slices(0) == holds
