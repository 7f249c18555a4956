"""HistogramRow, classes and their members, against counting the pixels themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_quantize import fit
from napari_quantize.core.analysis.histogram import count_luminance, count_palette, histogram_rows
from napari_quantize.core.analysis.image_facts import MAX_ROWS, image_facts
from napari_quantize.core.learning.learner import make_learner
from napari_quantize.core.request.request import Request, no_tick

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 200, (9, 16, 3), dtype=np.uint8)


def samples_of(image, **request):
    return make_learner(image, Request(**request), None, no_tick).samples


images = arrays(np.uint16, (5, 8), elements=st.integers(0, 5000)) | arrays(
    np.float32, (5, 8), elements=st.floats(-9, 9, width=16)
)


@given(images, st.integers(1, 9), st.floats(0, 1), st.floats(0, 1))
def test_what_is_told_is_what_the_pixels_say(image, k, part, seen):
    facts, codebook = image_facts(image), fit(image, k)
    width = float(facts.edges[-1] - facts.edges[0]) * (0.01 + 0.98 * seen)
    low = float(facts.edges[0]) + part * (float(facts.edges[-1] - facts.edges[0]) - width)
    [bars] = histogram_rows(facts, codebook.levels, limits=(low, low + width))
    assert np.array_equal(bars.members, np.bincount(codebook.encode(image).ravel(), minlength=len(codebook.centers)))
    reading = bars.at(low + width / 2)
    inside = (image >= reading.low) & (image < reading.high)
    if reading.high < facts.edges[-1]:
        assert reading.count == np.count_nonzero(inside) or reading.high == bars.edges[-1]
    assert reading.low <= low + width / 2 <= reading.high
    assert reading.high - reading.low <= facts.edges[1] - facts.edges[0] + 1e-9
    members = np.count_nonzero(codebook.encode(image) == reading.number - 1)
    assert reading.share == pytest.approx(members / image.size)
    assert reading.center == codebook.centers[reading.number - 1]
    assert 1 <= reading.number <= reading.n_classes == len(codebook.centers)


def test_bars_are_those_of_the_facts_when_all_is_seen():
    image = RNG.integers(0, 40_000, (50, 60), dtype=np.uint16)
    facts = image_facts(image)
    [bars] = histogram_rows(facts)
    assert bars.edges is facts.edges
    assert np.array_equal(bars.counts, facts.counts[0])


@pytest.mark.parametrize("width", [8, 100, 1000, 9000])
def test_integers_are_seen_one_by_one_in_the_end(width):
    image = RNG.integers(0, 40_000, (50, 60), dtype=np.uint16)
    facts = image_facts(image)
    low, high = 12_345.6, 12_345.6 + width
    [bars] = histogram_rows(facts, limits=(low, high))
    steps = np.diff(bars.edges)
    assert set(steps) == {steps[0]}
    assert steps[0] % 1 == 0
    assert bars.edges[0] % 1 == 0.5
    assert bars.edges[0] <= low
    assert bars.edges[-1] >= high
    assert 128 <= width / steps[0] <= 1024 or steps[0] == 1
    assert np.array_equal(bars.counts, np.histogram(image, bars.edges)[0])


def test_a_bar_of_an_8_bit_image_is_a_value():
    image = np.array([[3, 3, 4, 9]], dtype=np.uint8)
    [bars] = histogram_rows(image_facts(image), (np.array([3.0, 9.0]),))
    reading = bars.at(3.2)
    assert (reading.low, reading.high, reading.count, reading.number, reading.n_classes) == (2.5, 3.5, 2, 1, 2)
    assert reading.share == 0.75
    assert bars.at(-1e9).count == 2
    assert bars.at(1e9).count == 1


def heavy_tailed() -> np.ndarray:
    """More values than are kept one by one, nearly all of them in few bars."""
    return np.append(np.random.default_rng(0).gamma(2, 50, 90_000), 20_000).astype(np.float32)


HOT_PIXEL = np.append(np.arange(40_000) % 200, 65_535).astype(np.uint16)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (heavy_tailed(), {}),
        (HOT_PIXEL, {"ignore": [65_535]}),
        (HOT_PIXEL, {"mask": HOT_PIXEL < 100}),
        (HOT_PIXEL, {"ignore": [0, 65_535]}),
    ],
    ids=["more values than are kept", "an ignored outlier", "a mask", "ignored ends"],
)
def test_members_are_counted_exactly_where_a_bar_holds_several_classes(image, options):
    codebook = fit(image, 4, **options)
    [bars] = histogram_rows(image_facts(image), codebook.levels)
    encoded = codebook.encode(image)
    assert bars.members.tolist() == np.bincount(encoded[encoded < 4], minlength=4).tolist()


def test_members_of_many_channels_are_counted_together():
    image = RNG.integers(0, 40_000, (30, 40, MAX_ROWS + 1), dtype=np.uint16)
    codebook = fit(image, 5, channel_axis=-1)
    [bars] = histogram_rows(image_facts(image, channel_axis=-1), codebook.levels)
    assert bars.members.tolist() == np.bincount(codebook.encode(image).ravel(), minlength=5).tolist()


def test_channels_in_one_row_or_in_rows():
    facts = image_facts(RGB, channel_axis=-1)
    same, own = (fit(RGB, 4, mode=mode, channel_axis=-1) for mode in ("global", "per_channel"))
    [pooled] = histogram_rows(facts, same.levels)
    assert np.array_equal(pooled.counts, facts.counts.sum(axis=0))
    assert pooled.at(50).channels == tuple(facts.counts[:, int(50 - facts.low)])
    for channel, row in enumerate(histogram_rows(facts, own.levels)):
        assert row.channel == channel
        assert np.array_equal(row.counts, facts.counts[channel])
        encoded = own.encode(RGB)[..., channel]
        assert np.array_equal(row.members, np.bincount(encoded.ravel(), minlength=4))
    many = np.repeat(RGB, MAX_ROWS, axis=-1)
    [row] = histogram_rows(image_facts(many, channel_axis=-1), fit(many, 4, mode="per_channel", channel_axis=-1).levels)
    assert not len(row.centers)
    assert not row.channels.size


def test_luminance_of_all_pixels():
    facts = image_facts(RGB, channel_axis=-1)
    [colours] = samples_of(RGB, mode="color", channel_axis=-1)
    bright = count_luminance(colours, facts.edges)
    assert np.array_equal(bright, np.histogram(RGB @ [0.2126, 0.7152, 0.0722], facts.edges)[0])
    [row] = histogram_rows(facts, luminance_counts=bright)
    assert row.is_luminance
    assert np.array_equal(row.counts, bright)
    assert len(row.channels) == 3


def test_luminance_has_no_finer_bars_when_a_part_of_the_axis_is_seen():
    image = RNG.integers(0, 40_000, (20, 30, 3), dtype=np.uint16)
    facts = image_facts(image, channel_axis=-1)
    [colours] = samples_of(image, mode="color", channel_axis=-1)
    bright = count_luminance(colours, facts.edges)
    [row] = histogram_rows(facts, luminance_counts=bright, limits=(100, 2000))
    assert np.array_equal(row.counts, bright)
    assert row.edges is facts.edges


@pytest.mark.parametrize("ends", [(0.06, 1.0), (0.12, 0.49)])
def test_luminance_of_floats_between_two_greys_loses_no_pixel(ends):
    image = np.linspace(*ends, 12, dtype=np.float32).reshape(3, 4, 1).repeat(3, axis=2)
    [colours] = samples_of(image, mode="color", channel_axis=-1)
    bright = count_luminance(colours, image_facts(image, channel_axis=-1).edges)
    assert bright.sum() == 12
    assert bright[[0, -1]].tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_the_pixels_of_each_colour_are_those_that_apply_gives_it(dtype):
    image = np.random.default_rng(3).integers(0, 256, (40, 50, 3)).astype(dtype)
    codebook = fit(image, 5, mode="color", channel_axis=-1)
    [colors] = samples_of(image, mode="color", channel_axis=-1)
    encoded = codebook.encode(image)
    assert count_palette(codebook, colors).tolist() == np.bincount(encoded.ravel()).tolist()


@pytest.mark.parametrize(
    ("learnt_from", "dtype"), [("u1", "u2"), ("u1", "i2"), ("u2", "u1"), ("u2", "i4"), ("?", "u1"), ("f2", "f4")]
)
def test_the_pixels_of_each_colour_of_an_image_of_another_dtype_are_those_that_apply_gives_it(learnt_from, dtype):
    rng = np.random.default_rng(3)
    codebook = fit(rng.integers(0, 100, (20, 30, 3)).astype(learnt_from), 5, mode="color", channel_axis=-1)
    low, high = (-100_000.0, 100_000.0) if dtype == "f4" else (max(-900, np.iinfo(dtype).min), np.iinfo(dtype).max)
    image = rng.uniform(low, min(high, 100_000), (40, 50, 3)).astype(dtype)
    image[:20] = rng.integers(0, 100, (20, 50, 3))
    [colors] = samples_of(image, mode="color", channel_axis=-1)
    expected = np.bincount(codebook.encode(image).ravel(), minlength=codebook.n_used)
    assert count_palette(codebook, colors).tolist() == expected.tolist()
