"""Try without a window: the preview has the bytes that a result has in the displayed part."""

from itertools import product

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.components import ViewerModel
from slow_cases import slow_except

from napari_quantize import fit
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.request.request import Request
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.preview.model import (
    MAX_PREVIEW_K,
    MIN_PREVIEW_K,
    SLIDER_KS,
    DisplayedPart,
    LearnerCache,
    PreviewTask,
    slider_position,
)

RNG = np.random.default_rng(5)
STACK = RNG.integers(0, 250, (4, 6, 7), dtype=np.uint8)
FIVE = RNG.integers(0, 60000, (3, 4, 2, 6, 7)).astype(np.uint16)
FLOAT = RNG.normal(size=(3, 8, 9)).astype(np.float32)
FLOAT[0, :2] = np.nan
FLOAT[1, 3, 3] = np.inf
RGB = RNG.integers(0, 250, (8, 9, 3), dtype=np.uint8)
RGBA = np.concatenate((RGB, RNG.choice([0, 90, 255], (8, 9, 1)).astype(np.uint8)), axis=-1)
FILM = RNG.integers(0, 250, (3, 8, 9, 3), dtype=np.uint8)

COLOR, OWN = {"mode": "color"}, {"mode": "per_channel"}
KINDS = {
    "grey": (STACK[0], {}),
    "uint16": (FIVE[0, 0, 0], {}),
    "bool": (STACK > 100, {}),
    "float with NaN": (FLOAT, {}),
    "big-endian": (FIVE[0, 0].astype(">u2"), {}),
    "RGB colours": (RGB, {**COLOR, "channel_axis": -1}),
    "RGB levels": (RGB, {"channel_axis": -1}),
    "RGB own levels": (RGB, {**OWN, "channel_axis": -1}),
    "RGBA colours": (RGBA, {**COLOR, "channel_axis": -1, "alpha": True}),
    "RGBA own levels": (RGBA, {**OWN, "channel_axis": -1, "alpha": True}),
    "film, colours": (FILM, {**COLOR, "channel_axis": -1}),
    "stack": (STACK, {}),
    "stack, best": (STACK, {"method": "exact"}),
    "channels first, own": (STACK, {**OWN, "channel_axis": 0}),
    "channels first, colours": (STACK, {**COLOR, "channel_axis": 0}),
    "float channels, colours": (FLOAT, {**COLOR, "channel_axis": 0}),
    "channels in the middle, own": (FIVE, {**OWN, "channel_axis": 1}),
    "channels in the middle, colours": (FIVE, {**COLOR, "channel_axis": 1}),
    "dask": (da.from_array(STACK, chunks=3), {**OWN, "channel_axis": 0}),
}
ORDERS = {2: [(0, 1)], 3: [(0, 1, 2), (2, 0, 1), (1, 2, 0)], 5: [(0, 1, 2, 3, 4), (3, 4, 0, 2, 1), (0, 2, 4, 3, 1)]}


def task(layer, dims, k, request, samples=None):
    source = Source.of(layer)
    part = DisplayedPart.of(layer, dims)
    data = layer.data[part.level] if layer.multiscale else layer.data
    return PreviewTask(LearnerCache(source, request, None, samples, lambda: None), k, part, data, 0)


def displayed(dims, ndim):
    """Return an index of what is displayed of data that lie along the last axes of the world."""
    missing = dims.ndim - ndim
    return tuple(
        slice(None) if axis + missing in dims.displayed else dims.current_step[axis + missing] for axis in range(ndim)
    )


@pytest.mark.parametrize(
    ("kind", "ndisplay"),
    slow_except(
        product(KINDS, [2, 3]),
        *product(KINDS, [2]),
        *product(["stack", "channels first, own", "channels in the middle, colours"], [3]),
    ),
)
def test_the_preview_has_the_bytes_of_the_result(kind, ndisplay):
    data, options = KINDS[kind]
    request = Request(**options)
    result = fit(np.asarray(data), 3, **options).apply(np.asarray(data))
    viewer = ViewerModel()
    layer = viewer.add_image(data, rgb=options.get("channel_axis") == -1)
    for order in ORDERS[layer.ndim]:
        viewer.dims.order, viewer.dims.ndisplay = order, ndisplay
        for position in ((0,) * layer.ndim, (1, 2, 1, 1, 1)[: layer.ndim]):
            viewer.dims.current_step = position
            shown = task(layer, viewer.dims, 3, request).run()
            at = displayed(viewer.dims, layer.ndim)
            assert shown.shape == result.shape
            assert shown.dtype == result.dtype
            assert shown[at].tobytes() == result[at].tobytes()


def test_slices_are_found_through_scale_and_translation():
    viewer = ViewerModel()
    layer = viewer.add_image(STACK, scale=(3, 0.5, 0.5), translate=(10, -4, 8))
    viewer.add_image(np.zeros((2, 30, 40, 40)))
    result = fit(STACK, 3).apply(STACK)
    for z in range(4):
        viewer.dims.set_point(1, 10 + 3 * z + 1)
        shown = task(layer, viewer.dims, 3, Request()).run()
        np.testing.assert_array_equal(shown[2], result[z])


def test_a_lower_dimensional_layer_is_shown_whole_whatever_axes_are_displayed():
    viewer = ViewerModel()
    layer = viewer.add_image(STACK[0])
    viewer.add_image(np.zeros((5, 6, 7)))
    viewer.dims.order = (1, 0, 2)
    np.testing.assert_array_equal(task(layer, viewer.dims, 2, Request()).run(), fit(STACK[0], 2).apply(STACK[0]))


@pytest.mark.parametrize("options", [{}, {**OWN, "channel_axis": 0}, {**COLOR, "channel_axis": 0}])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
def test_multiscale_shows_the_displayed_level(options, order):
    levels = [RNG.integers(0, 250, (4, 32, 48), dtype=np.uint8)]
    levels.append(levels[0][:, ::2, ::2])
    viewer = ViewerModel()
    layer = viewer.add_image(levels, multiscale=True)
    viewer.dims.order = order
    viewer.dims.current_step = (2, 5, 0)
    layer.visible = False  # no field of view, then
    request = Request(**options)
    codebook = fit(levels[0], 5, **options)
    for level in (0, 1):
        layer.data_level = level
        asked = task(layer, viewer.dims, 5, request)
        assert asked.part.level == level
        shown, result = asked.run(), codebook.apply(levels[level])
        if order[0] == 0:
            assert shown.shape == (4, *levels[level].shape[1:])
            np.testing.assert_array_equal(shown[2], result[2])
            assert asked.part.factors == (1, 1 + level, 1 + level)
        else:
            assert shown.shape == (4, 32, levels[level].shape[2])
            np.testing.assert_array_equal(shown[:, 0], result[:, (5, 2)[level]])


def test_only_the_displayed_part_of_lazy_data_is_read():
    read = []

    def load(block_info=None):
        read.append(block_info[None]["chunk-location"][0])
        return STACK[read[-1]][np.newaxis]

    lazy = da.map_blocks(load, chunks=((1,) * 4, 6, 7), dtype=np.uint8, meta=np.zeros((0, 0, 0), np.uint8))
    viewer = ViewerModel()
    layer = viewer.add_image(lazy, contrast_limits=(0, 255))
    viewer.dims.current_step = (2, 0, 0)
    known = task(viewer.add_image(STACK), viewer.dims, 2, Request())
    known.run()
    asked = task(layer, viewer.dims, 2, Request(), known.learner.samples)
    read.clear()
    shown = asked.run()
    assert set(read) == {2}
    np.testing.assert_array_equal(shown[2], fit(STACK, 2).apply(STACK)[2])


def test_several_layers_are_previewed_together():
    viewer = ViewerModel()
    layers = [viewer.add_image(stack) for stack in (STACK, STACK[::-1], STACK[:, ::-1])]
    viewer.dims.current_step = (1, 0, 0)
    sources = [Source.of(layer) for layer in layers]
    source = sources[1].joined(sources)
    options = {**COLOR, "channel_axis": 0}
    learner = LearnerCache(source, Request(**options), None, None, lambda: None)
    part = DisplayedPart.of(layers[1], viewer.dims, full_resolution=True)
    whole = np.stack([STACK, STACK[::-1], STACK[:, ::-1]])
    result = fit(whole, 4, **options).apply(whole)
    tasks = [PreviewTask(learner, 4, part, source.data, own) for own in range(3)]
    for own, preview in enumerate(tasks):
        np.testing.assert_array_equal(preview.run()[1], result[own, 1])
        assert [preview.is_same(other) for other in tasks] == [own == index for index in range(3)]


@pytest.mark.parametrize(
    ("data", "rgb", "white"),
    [
        (FILM, True, 255),
        (np.stack([FILM[0] // 20, FILM[0]]).astype(np.uint16) * 16, True, 4095),
        (FILM.astype(">u2") * 4, True, 1023),
        (FILM / 300, True, 1),
        (STACK, False, None),
    ],
)
def test_parts_have_the_white_of_the_whole_image(data, rgb, white):
    source = Source.of(ViewerModel().add_image(data, rgb=rgb))
    learner = LearnerCache(source, Request(channel_axis=-1 if rgb else None), None, None, list)
    assert learner.white == white


@pytest.mark.parametrize(
    ("mask", "has_facts", "n_reads"),
    [(None, False, 1), (np.eye(8, 9) > 0, True, 1), (np.eye(8, 9) > 0, False, 2)],
)
def test_white_is_known_without_a_further_read(mask, has_facts, n_reads):
    reads, ticks = [], []
    deep = RGB * np.uint16(16)

    def load(block_info=None):
        reads.append(block_info)
        return deep

    lazy = da.map_blocks(load, chunks=(8, 9, 3), dtype=np.uint16, meta=np.zeros((0, 0, 0), np.uint16))
    facts = image_facts(deep, channel_axis=-1) if has_facts else None
    source = Source("id", "lazy", lazy, True, ("y", "x"))
    learner = LearnerCache(source, Request(channel_axis=-1), mask, None, lambda: ticks.append(1), facts)
    reads.clear()
    learner.codebook(2)
    n_ticks = len(ticks)
    assert learner.white == 4095
    assert len(reads) == n_reads
    assert (len(ticks) > n_ticks) == (n_reads > 1)


def test_the_image_is_counted_once_per_request():
    ticks = []
    viewer = ViewerModel()
    layer, other = viewer.add_image(STACK), viewer.add_image(STACK.copy())
    source, request = Source.of(layer), Request()
    learner = LearnerCache(source, request, None, None, lambda: ticks.append(1))
    assert learner.samples is None
    assert learner.codebook(3) == fit(STACK, 3)
    counted = learner.samples
    assert learner.codebook(4) == fit(STACK, 4)
    assert learner.samples is counted
    n_ticks = len(ticks)
    assert learner.codebook(3) == fit(STACK, 3)
    assert len(ticks) == n_ticks
    assert learner.matches(Source.of(layer), Request())
    assert not learner.matches(Source.of(other), request)
    assert not learner.matches(source, Request(random_state=1))
    joined = source.joined([source, Source.of(other)])
    assert not learner.matches(joined, request)
    assert LearnerCache(joined, request, None, None, list).matches(source.joined([source, Source.of(other)]), request)


def test_the_preview_learns_inside_a_mask():
    mask = np.zeros((6, 7), dtype=bool)
    mask[:3] = True
    learner = LearnerCache(Source.of(ViewerModel().add_image(STACK)), Request(), mask, None, list)
    assert learner.codebook(3).levels[0].tolist() == fit(STACK, 3, mask=mask).levels[0].tolist()


def test_errors_of_learning_are_raised():
    empty = ViewerModel().add_image(np.full((4, 4), np.nan), contrast_limits=(0, 1))
    with pytest.raises(ValueError, match=r"learn"):
        LearnerCache(Source.of(empty), Request(), None, None, list).codebook(2)


def test_any_k_from_2_to_256_can_be_tried():
    assert (MIN_PREVIEW_K, MAX_PREVIEW_K) == (2, 256)


def test_the_slider_has_all_small_k_and_fewer_large_ones():
    assert SLIDER_KS[:15] == tuple(range(2, 17))
    assert (SLIDER_KS[0], SLIDER_KS[-1]) == (MIN_PREVIEW_K, 64)
    assert list(SLIDER_KS) == sorted(set(SLIDER_KS))


@given(st.integers(MIN_PREVIEW_K, MAX_PREVIEW_K))
def test_the_slider_shows_the_next_smaller_k(k):
    assert SLIDER_KS[slider_position(k)] == max(step for step in SLIDER_KS if step <= k)


def test_the_nearest_k_are_learnt_first():
    learner = LearnerCache(Source.of(ViewerModel().add_image(STACK)), Request(), None, None, list)
    learnt = []
    while (k := learner.next_unlearnt(17)) is not None:
        learner.codebook(k)
        learnt.append(k)
    assert sorted(learnt) == list(SLIDER_KS)
    assert set(learnt[:3]) == {15, 16, 18}
