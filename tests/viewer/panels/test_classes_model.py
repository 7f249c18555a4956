"""Counts, bounds and colours of classes, compared with brute force."""

import csv
import io

import numpy as np
import pytest

from napari_quantize import fit
from napari_quantize.core.lookup.color_spaces import white_of
from napari_quantize.core.request.request import no_tick
from napari_quantize.plots.class_colors import class_colors, screen_colors
from napari_quantize.viewer.layers.pixel_size import PixelSize
from napari_quantize.viewer.panels.classes.model import EncodedImage, summarize_classes
from napari_quantize.viewer.panels.classes.over_planes import PlaneAxis, areas_over_planes

RNG = np.random.default_rng(5)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
RGBA = np.dstack([RGB, np.where(GREY > 60, 255, 0).astype(np.uint8)])
BROKEN = RNG.normal(size=(12, 16)).astype(np.float32)
BROKEN[:2, :3] = [[np.nan, np.inf, -np.inf], [0, -0.0, np.nan]]
CHANNELS = RNG.integers(0, 4000, (3, 12, 16), dtype=np.uint16)


def nearest(values, centers):
    """Return the index of the nearest center by trying all; -1 where a value is not finite."""
    finite = np.isfinite(values)
    distances = np.abs(np.where(finite, values, 0)[..., None].astype(float) - centers)
    return np.where(finite, distances.argmin(axis=-1), -1)


def summary_of(image, options, channel=0, index=None, *, rgb=False, k=5, pixel_size=None):
    codebook = fit(image, k, **options)
    white = white_of(codebook.dtype, image.max())
    encoded = EncodedImage(codebook, lambda: image, rgb=rgb, white=white)
    ndim = image.ndim - rgb
    return (
        codebook,
        encoded,
        summarize_classes(encoded, channel, index or (slice(None),) * ndim, pixel_size, rgb=rgb, tick=no_tick),
    )


@pytest.mark.parametrize(
    "image",
    [GREY, GREY > 100, CHANNELS[0], CHANNELS, BROKEN, BROKEN.astype(np.float16), GREY.astype(np.int32) - 90],
    ids=["8 bit", "binary", "16 bit", "stack", "NaN", "half", "signed"],
)
def test_counts_of_levels_match_brute_force(image):
    codebook, encoded, summary = summary_of(image, {})
    expected = nearest(image, codebook.centers)
    np.testing.assert_array_equal(summary.counts, [(expected == index).sum() for index in range(len(summary))])
    np.testing.assert_allclose(summary.shares, summary.counts / (expected >= 0).sum())
    np.testing.assert_array_equal(encoded.classes_of(0), codebook.encode(image))


@pytest.mark.parametrize("mode", ["global", "per_channel"])
@pytest.mark.parametrize("channel", [0, 2])
@pytest.mark.parametrize("kind", ["first axis", "RGB", "RGBA"])
def test_counts_of_one_channel_match_brute_force(mode, channel, kind):
    image, rgb = {"first axis": (CHANNELS, False), "RGB": (RGB, True), "RGBA": (RGBA, True)}[kind]
    options = {"mode": mode, "channel_axis": -1 if rgb else 0, "alpha": kind == "RGBA"}
    codebook, encoded, summary = summary_of(image, options, channel, rgb=rgb)
    centers = codebook.levels[channel if mode == "per_channel" else 0]
    expected = nearest(image[..., channel] if rgb else image[channel], centers)
    if kind == "RGBA":
        expected[image[..., 3] == 0] = -1
    np.testing.assert_array_equal(summary.counts, [(expected == index).sum() for index in range(len(centers))])
    classes = encoded.classes_of(channel)
    assert classes.shape == (image.shape[:2] if rgb else (1, 12, 16))
    np.testing.assert_array_equal(classes.reshape(12, 16) == 1, expected == 1)


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "first axis"])
def test_counts_of_colours_match_brute_force(kind):
    image = {"first axis": CHANNELS, "RGB": RGB, "RGBA": RGBA}[kind]
    rgb = kind != "first axis"
    options = {"mode": "color", "channel_axis": -1 if rgb else 0, "alpha": kind == "RGBA"}
    codebook, encoded, summary = summary_of(image, options, rgb=rgb)
    pixels = (image[..., :3] if rgb else np.moveaxis(image, 0, -1)).astype(float)
    expected = ((pixels[:, :, None] - codebook.centers) ** 2).sum(axis=-1).argmin(axis=-1)
    if kind == "RGBA":
        expected[image[..., 3] == 0] = -1
    np.testing.assert_array_equal(summary.counts, [(expected == index).sum() for index in range(5)])
    np.testing.assert_array_equal(summary.palette, np.rint(codebook.centers))
    assert encoded.classes_of(0).ndim == image.ndim - rgb
    assert summary.order(by_share=False) == [0, 1, 2, 3, 4]
    assert (np.diff(summary.counts[summary.order(by_share=True)]) <= 0).all()


def test_masked_and_ignored_pixels_are_counted():
    mask = GREY > 100
    _, _, summary = summary_of(GREY, {"mask": mask, "ignore": [150]})
    assert summary.counts.sum() == GREY.size


def test_counts_of_one_slice_match_brute_force():
    codebook, _, summary = summary_of(CHANNELS, {}, index=(slice(1, 2), slice(None), slice(None)))
    expected = nearest(CHANNELS[1], codebook.centers)
    np.testing.assert_array_equal(summary.counts, [(expected == index).sum() for index in range(5)])


def test_bounds_in_rows_reproduce_the_classes():
    codebook, _, summary = summary_of(GREY, {}, pixel_size=PixelSize("area", "µm²", 0.25))
    titles, *rows = csv.reader(io.StringIO(summary.csv()))
    assert titles == ["class", "level", "center", "lower", "upper", "border to next", "pixels", "percent", "area µm²"]
    read = {title: [row[column] for row in rows] for column, title in enumerate(titles)}
    assert [float(cell) for cell in read["center"]] == codebook.centers.tolist()
    image, encoded = GREY, codebook.encode(GREY)
    for index, (low, high) in enumerate(zip(read["lower"], read["upper"], strict=True)):
        np.testing.assert_array_equal((image >= int(low)) & (image <= int(high)), encoded == index)
    assert [int(cell) for cell in read["pixels"]] == summary.counts.tolist()
    assert [float(cell) for cell in read["area µm²"]] == [0.25 * count for count in summary.counts]
    assert [bool(cell) for cell in read["border to next"]] == [True] * 4 + [False]
    assert summary.text().replace("\t", ",") == summary.csv().strip()


def test_bounds_of_floats_reproduce_the_classes():
    codebook, _, summary = summary_of(BROKEN, {})
    rows = list(csv.DictReader(io.StringIO(summary.csv())))
    image, encoded = BROKEN.astype(float), codebook.encode(BROKEN)
    for index, row in enumerate(rows):
        inside = (image >= float(row["lower"])) & (image <= float(row["upper"])) & np.isfinite(image)
        np.testing.assert_array_equal(inside, encoded == index)


OTHER_DTYPES = {
    "8 bit on 16 bit": (GREY, CHANNELS[0]),
    "8 bit on signed": (GREY, GREY.astype(np.int16) * 3 - 300),
    "8 bit on big-endian": (GREY, CHANNELS[0].astype(">i4")),
    "16 bit on 8 bit": (GREY.astype(np.uint16), GREY),
    "half on double": (BROKEN.astype(np.float16), BROKEN.astype(np.float64)),
    "double on half": (BROKEN.astype(np.float64), BROKEN.astype(np.float16)),
}


@pytest.mark.parametrize("kind", OTHER_DTYPES)
def test_bounds_of_an_image_of_another_dtype_cover_all_of_that_dtype(kind):
    learnt_from, image = OTHER_DTYPES[kind]
    codebook = fit(learnt_from, 4)
    encoded = EncodedImage(codebook, lambda: image, rgb=False, white=255)
    bounds = summarize_classes(encoded, 0, (), None, rgb=False, tick=no_tick).intervals
    finite = np.isfinite(image)
    for index, (low, high) in enumerate(zip(bounds.lower, bounds.upper, strict=True)):
        np.testing.assert_array_equal((image >= low) & (image <= high) & finite, codebook.encode(image) == index)
    ends = (-np.inf, np.inf) if image.dtype.kind == "f" else (np.iinfo(image.dtype).min, np.iinfo(image.dtype).max)
    assert (bounds.lower[0], bounds.upper[-1]) == ends
    assert set(bounds.outputs) <= set(np.unique(codebook.apply(image)))


def test_colours_in_an_image_of_another_dtype_are_those_of_its_pixels():
    image = RNG.random((12, 16, 3))
    codebook = fit(image.astype(np.float32), 4, mode="color", channel_axis=-1)
    encoded = EncodedImage(codebook, lambda: image, rgb=True, white=1)
    palette = summarize_classes(encoded, 0, (), None, rgb=True, tick=no_tick).palette
    np.testing.assert_array_equal(palette[codebook.encode(image)], codebook.apply(image))


def test_the_text_of_a_palette_is_a_list_of_colours():
    _, _, summary = summary_of(RGB, {"mode": "color", "channel_axis": -1}, rgb=True, k=2)
    hexes = ["#{:02x}{:02x}{:02x}".format(*color) for color in summary.palette.tolist()]
    assert summary.text() == "\n".join(hexes)
    assert summary.describe(0).startswith(f"{hexes[0]} · ")
    assert list(csv.DictReader(io.StringIO(summary.csv())))[1]["hex"] == hexes[1]
    _, _, values = summary_of(CHANNELS, {"mode": "color", "channel_axis": 0}, k=2)
    assert values.text().split("\n")[0] == ", ".join(map(str, values.palette[0].tolist()))


@pytest.mark.parametrize(
    ("palette", "rgb", "white", "expected"),
    [
        (np.array([[0, 128, 255]], np.uint8), True, 255, "#0080ff"),
        (np.array([[0, 65535, 257]], np.uint16), True, 65535, "#00ff01"),
        (np.array([[0, 4095, 16]], np.uint16), True, 4095, "#00ff01"),
        (np.array([[0, 0.5, 2]], np.float32), True, 1, "#0080ff"),
        (np.array([[0, 0], [9, 7]], np.uint16), False, 255, "#000000"),
        (np.array([[7] * 5] * 2, np.uint16), False, 255, "#000000"),
    ],
)
def test_screen_colours_of_other_channels_are_mixed(palette, rgb, white, expected):
    assert screen_colors(palette, rgb=rgb, white=white)[0] == expected


def test_colours_of_12_bits_are_named_by_their_white():
    _, _, summary = summary_of(RGB.astype(np.uint16) * 16, {"mode": "color", "channel_axis": -1}, rgb=True)
    expected = np.rint(summary.palette * (255 / 4095)).astype(int)
    assert summary.hex_colors == tuple("#{:02x}{:02x}{:02x}".format(*color) for color in expected.tolist())


def test_screen_colours_use_the_colours_of_the_layers():
    palette = np.array([[0, 0], [9, 0], [9, 7]], np.uint16)
    found = screen_colors(palette, rgb=False, white=255, channel_colors=np.array([[0, 0, 1.0], [1.0, 0, 0]]))
    assert found == ("#000000", "#0000ff", "#ff00ff")


def test_levels_that_all_channels_share_have_the_colours_of_one_row():
    codebook, _, summary = summary_of(RGB, {"channel_axis": -1}, 2, rgb=True)
    assert summary.hex_colors == class_colors(codebook, 0, rgb=False, white=255)
    assert len({color[-6:] for color in summary.hex_colors}) == 5
    _, _, own = summary_of(RGB, {"mode": "per_channel", "channel_axis": -1}, 2, rgb=True)
    assert {color[-6:] for color in own.hex_colors} == {"5b8def"}


@pytest.mark.parametrize("mode", ["global", "per_channel", "color"])
def test_each_class_of_a_film_has_a_line_of_its_own_colour(mode):
    film = RNG.integers(0, 200, (4, 12, 16, 3), dtype=np.uint8)
    codebook = fit(film, 5, mode=mode, channel_axis=-1)
    encoded = EncodedImage(codebook, lambda: film, rgb=True, white=255)
    along = PlaneAxis(0, "t", "", (0, 1, 2, 3))
    areas = areas_over_planes(encoded, 1, along, None, each_slice=False, rgb=True, tick=no_tick)
    assert len({color[-6:] for color in areas.colors}) == 5
    if mode == "color":
        assert areas.colors == screen_colors(codebook.outputs[0], rgb=True, white=255)
