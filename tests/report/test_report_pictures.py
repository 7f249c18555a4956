"""Pictures of a report show the pixels that there are; palettes count them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from report_pages import GREY, RGB, RNG, decoded, item, page_of, photo, raster

from napari_quantize import fit, sweep, transfer
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.record import Record
from napari_quantize.plots.histogram import HistogramPlot
from napari_quantize.report.page import draw_section
from napari_quantize.report.pictures import PlaneView, pixels_per_picture
from napari_quantize.report.plots import histogram

MANY = 10**6


def shown(image, *, rgb=False, **calibration):
    view = PlaneView.of(raster(image, rgb=rgb, **calibration), MANY)
    return decoded(view.picture(image).uri), view


def test_8_bit_images_are_shown_unchanged(tmp_path):
    one = photo()
    source, *results = page_of(tmp_path, one).pictures
    np.testing.assert_array_equal(source, RGB)
    for picture, result in zip(results, one.results, strict=True):
        np.testing.assert_array_equal(picture, result.image)
    picture, view = shown(GREY)
    np.testing.assert_array_equal(picture[..., 0], GREY)
    assert view.notes == ()
    np.testing.assert_array_equal(shown(GREY > 90)[0][..., 1], (GREY > 90) * 255)
    rgba = np.dstack((RGB, GREY))
    np.testing.assert_array_equal(shown(rgba, rgb=True)[0], rgba)


def test_limits_are_noted_and_applied():
    image = np.arange(0, 50_000, 10, dtype=np.uint16).reshape(50, 100)
    picture, view = shown(image)
    assert view.limits == pytest.approx((50, 49_940), rel=0.01)
    assert view.notes == ("Black is 50.0 and white 49,940: between them lie 99.8 % of its values.",)
    low, high = view.limits
    np.testing.assert_array_equal(picture[..., 0], np.rint(np.clip((image - low) / (high - low), 0, 1) * 255))
    # One hot pixel makes nothing else dark.
    image[0, 0] = 65_535
    assert PlaneView.of(raster(image), MANY).limits[1] < 50_000


def test_notes_on_constant_planes():
    image = np.full((50, 60), 7.0)
    assert shown(image)[1].notes == ("The plane holds 7.00 alone: it is black.",)
    image[0, 0] = 9
    assert shown(image)[1].notes == ("Black is 7.00 and white 9.00: between them lie all of its values.",)


def test_nan_is_transparent():
    image = GREY.astype(np.float32)
    image[:3], image[3, :4] = np.nan, np.inf
    picture, view = shown(image)
    np.testing.assert_array_equal(picture[..., 3] == 0, ~np.isfinite(image))
    assert "27.1 % of the pixels shown are NaN or infinite: they are transparent." in view.notes
    colors = RGB / 255
    colors[0, 0, 1] = np.nan
    picture, _ = shown(colors, rgb=True)
    assert picture[0, 0, 3] == 0
    np.testing.assert_array_equal(picture[1:, :, :3], RGB[1:])
    nothing = np.full((3, 4), np.nan)
    assert (shown(nothing)[0][..., 3] == 0).all()


def test_colours_of_16_bits_and_floats_are_shown_with_8_bits():
    picture, view = shown(RGB.astype(np.uint16) * 257, rgb=True)
    np.testing.assert_array_equal(picture, RGB)
    assert view.notes == ("Colours of 16 bits are shown with 8.",)
    assert shown(RGB / 255 * 3 - 1, rgb=True)[1].notes == ("Colours are shown from 0 to 1.",)


def test_colours_of_12_bits_are_as_bright_as_those_of_8():
    film = np.stack([RGB * np.uint16(16), RGB])  # the dark plane is the one that is shown
    picture, view = shown(film, rgb=True, axes=("t", "y", "x"))
    assert picture.max() <= 255 // 16 + 1
    assert view.limits == (0, 4095)
    assert view.notes[-1] == "White is 4,095, and colours are shown with 8 bits."
    np.testing.assert_allclose(shown(film[0], rgb=True)[0], RGB, atol=1)


def test_the_middle_plane_is_shown_and_named():
    stack = np.stack([np.full((3, 4), value, np.uint8) for value in range(10)]).reshape(5, 2, 3, 4)
    picture, view = shown(stack, axes=("T", "c", "y", "x"))
    assert picture[0, 0, 0] == 5
    assert view.notes == ("Shown: T 2 of 0 to 4, c 1 of 0 to 1, the middle one.",)
    assert shown(stack, axes=("", "z", "y", "x"))[1].notes[0].startswith("Shown: slice 2 of 0 to 4, z 1 of 0 to 1")


def test_the_ratio_follows_the_pixel_size():
    view = PlaneView.of(raster(GREY, scale=(3.0, 1.0), units=("micrometer",) * 2), MANY)
    assert view.ratio == pytest.approx(16 / 36)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 420))
def test_pictures_of_large_images_leave_pixels_out(height, width, n_pictures):
    image = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (height, width), (0, 0))
    n_pixels = pixels_per_picture(n_pictures)
    view = PlaneView.of(raster(image), n_pixels)
    rows, columns = view.rows, view.columns
    assert 1 <= len(rows) <= min(height, 1024)
    assert 1 <= len(columns) <= min(width, 1024)
    assert len(rows) * len(columns) <= 1.1 * n_pixels + max(height, width)
    assert rows[-1] < height
    assert columns[-1] < width
    assert (np.diff(rows) > 0).all()
    assert (len(rows) * len(columns) < height * width) == bool(view.notes)


def test_palettes_show_the_share_of_each_colour():
    image = np.repeat(np.array([[9, 0, 0], [0, 200, 0], [255, 255, 1]], np.uint8), (1, 19, 180), axis=0)[np.newaxis]
    [palette] = draw_section(item(image, (3,), rgb=True, mode="color", channel_axis=-1)).cards[1].palettes
    assert [(swatch.color, swatch.text, swatch.share) for swatch in palette.swatches] == [
        ("#090000", "#090000", "0.50 %"),
        ("#00c800", "#00c800", "9.50 %"),
        ("#ffff01", "#ffff01", "90.0 %"),
    ]
    assert palette.stripe == "#090000 0% 0.5%, #00c800 0.5% 10%, #ffff01 10% 100%"
    [palette] = draw_section(item(image[..., 1].astype(np.float32) / 100, (3,))).cards[1].palettes
    assert [(swatch.text, swatch.share) for swatch in palette.swatches] == [
        ("0", "0.50 %"),
        ("2", "9.50 %"),
        ("2.55", "90.0 %"),
    ]
    assert palette.summary == "3 levels"
    assert [swatch.color for swatch in palette.swatches][::2] == ["#000000", "#ffffff"]


def test_no_level_of_a_palette_reads_as_another():
    [palette] = draw_section(item(np.array([[70_000.25, 70_000.3, 0.5]]), (3,))).cards[1].palettes
    assert [swatch.text for swatch in palette.swatches] == ["0.5", "70000.2", "70000.3"]


def test_colours_of_channels_have_the_same_rows_of_a_histogram_as_levels_of_channels():
    channels = image_facts(RGB, channel_axis=-1)
    sizes = []
    for mode in ("color", "per_channel"):
        drawn = histogram(channels, *sweep(RGB, (4,), mode=mode, channel_axis=-1), rgb=False, key=mode)
        sizes.append(re.search("viewBox=.*? xmlns", drawn).group())
        assert [drawn.count(f">channel {index}<") for index in range(3)] == [1, 1, 1]
    assert sizes[0] == sizes[1]


def test_colours_of_8_bits_are_as_dark_in_an_image_of_12_bits_as_there():
    codebook = fit(RGB, 3, mode="color", channel_axis=-1)
    image = RGB.astype(np.uint16)
    image[0, 0] = 4095
    drawn = histogram(image_facts(image, channel_axis=-1), transfer(image, codebook), rgb=True, key="applied")
    for color in np.rint(codebook.outputs[0] * (255 / 4095)).astype(int).tolist():
        assert "#{:02x}{:02x}{:02x}".format(*color) in drawn


def drawn_rows(monkeypatch, one, **options):
    drawn = []
    monkeypatch.setattr(HistogramPlot, "show", lambda plot, rows, **_: drawn.append(rows))
    draw_section(one, **options)
    return drawn


def test_stems_of_levels_are_as_high_as_their_pixels_are_many(monkeypatch):
    image = np.append(RNG.integers(0, 400, 3599), 65535).reshape(60, 60).astype(np.uint16)
    one = item(image, (4,))
    [[row]] = drawn_rows(monkeypatch, one)[1:]
    np.testing.assert_array_equal(row.members, np.unique(one.results[0].image, return_counts=True)[1])


def test_stems_of_a_slice_count_its_pixels_alone(monkeypatch):
    stack = np.stack([np.append(RNG.integers(0, 400 + z, 3599), 65535).reshape(60, 60) for z in range(6)])
    one = item(stack.astype(np.uint16), (4,), mode="per_channel", channel_axis=0)
    [result] = one.results
    record = Record(codebook=result.codebook, quality=result.quality, each_slice=True)
    [[row]] = drawn_rows(monkeypatch, replace(one, records=[record]))[1:]
    np.testing.assert_array_equal(row.members, np.unique(result.image[3], return_counts=True)[1])


@pytest.mark.parametrize("scale", [1e-5, 4e-4, 0.01, 1.0])
def test_numbers_at_the_axes_are_those_that_matplotlib_draws(scale, monkeypatch):
    labels = []
    save = Figure.savefig

    def save_and_note(figure, *args, **options):
        save(figure, *args, **options)
        axes = [axis for each in figure.axes for axis in (each.xaxis, each.yaxis)]
        labels.append({label.get_text() for axis in axes for label in axis.get_ticklabels()})

    monkeypatch.setattr(Figure, "savefig", save_and_note)
    section = draw_section(item((GREY * scale).astype(np.float32), (2, 4)))
    for svg, expected in zip([*(card.plot for card in section.cards), section.curve], labels, strict=True):
        numbers = set(re.findall(r"<text[^>]*>([\d.]+)</text>", svg))
        assert len(numbers) > 2
        assert numbers <= expected


def test_one_level_fills_the_stripe():
    [palette] = draw_section(item(np.full((2, 2), 7, np.uint8), (1,))).cards[1].palettes
    assert palette.stripe == "#070707 0% 100%, #070707 0% 100%"


def test_of_many_channels_the_levels_of_the_shown_one_are_listed():
    stack = np.stack([GREY // (place + 1) for place in range(8)])
    [palette] = draw_section(item(stack, (3,), mode="per_channel", channel_axis=0)).cards[1].palettes
    assert palette.summary == "channel 4: 3 levels"
    last = draw_section(item(np.moveaxis(stack, 0, -1), (3,), mode="per_channel", channel_axis=-1)).cards[1].palettes
    assert len(last) == 5


def test_each_colour_channel_lists_its_own_levels():
    palettes = draw_section(item(RGB, (3,), rgb=True, mode="per_channel", channel_axis=-1)).cards[1].palettes
    assert [palette.summary for palette in palettes] == ["red: 3 levels", "green: 3 levels", "blue: 3 levels"]
    assert all(swatch.color.startswith("#00") for swatch in palettes[1].swatches)


def test_of_many_colours_the_most_frequent_are_listed():
    image = np.repeat(np.arange(300, dtype=np.uint16), np.arange(300) + 1)[np.newaxis]
    [palette] = draw_section(item(image, (300,))).cards[1].palettes
    assert palette.summary == "300 levels, of which these 256 take most pixels"
    assert [swatch.text for swatch in palette.swatches[:2]] == ["44", "45"]
