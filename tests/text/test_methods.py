"""The sentence for a paper says all that is needed to understand, and to repeat, what was done."""

import numpy as np
import pytest

from napari_quantize import Codebook, __version__, fit, sweep
from napari_quantize.core.api import transfer
from napari_quantize.text.methods import methods_sentence
from napari_quantize.viewer.layers.provenance import Provenance

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 255, (9, 9, 3), dtype=np.uint8)


class Layer:
    unique_id = "1"


def sentence(image, k, learnt_from=(), *, each_slice=False, **options):
    [result] = sweep(image, (k,), **options)
    return methods_sentence(
        Provenance.of(result, "source", "it", Layer(), learnt_from=learnt_from, each_slice=each_slice)
    )


def test_the_sentence_names_levels_borders_and_figures():
    message = sentence(np.array([[0, 2, 100, 104]], np.uint8), 2, random_state=5)
    assert message.startswith(
        "Intensities were quantized to 2 levels by k-means clustering of the image's counted values"
    )
    for part in (
        "seed 5",
        f"napari-quantize {__version__}",
        "levels: 1, 102",
        "borders between classes: 51.5",
        "error",
    ):
        assert part in message
    assert message.endswith(".")
    assert "border" not in sentence(np.zeros((2, 2)), 1)
    assert sentence(np.array([[0, 9000]]), 1).endswith("levels: 4500; root mean squared error 4500.")
    assert "2 levels (5 were asked for)" in sentence(np.array([[0.0, 1.0]]), 5)


@pytest.mark.parametrize(
    ("image", "k", "listed"),
    [
        (
            np.array([16_000_009, 16_000_046], np.uint32),
            2,
            "levels: 16000009, 16000046; borders between classes: 16000027.5",
        ),
        (np.array([4_000_000_001], np.uint32), 1, "levels: 4000000001"),
        (
            np.array([1e5, 100_000.5, 100_001.25]),
            3,
            "levels: 100000, 100000.5, 100001.2; borders between classes: 100000.2, 100000.9",
        ),
        (np.array([1e-9, 2.5e-9, 1.0]), 3, "levels: 1e-09, 2.5e-09, 1; borders between classes: 1.75e-09, 0.5"),
        (np.array([1.0, 1.00000025]), 2, "levels: 1, 1.0000003; borders between classes: 1.0000001"),
        (np.array([-3e140, 1 / 3]), 2, "levels: -3e+140, 0.333333; borders between classes: -1.5e+140"),
    ],
)
def test_no_level_or_border_reads_as_another(image, k, listed):
    assert f"; {listed}; root" in sentence(image[np.newaxis], k)


def test_no_colour_reads_as_another():
    image = np.array([[[70_000.25, 0.5], [70_000.25, 0.50000025], [1 / 3, 1 / 3]]])
    message = sentence(image, 3, mode="color", channel_axis=-1)
    assert "; colours: (0.3333333, 0.3333333), (70000.25, 0.5), (70000.25, 0.5000003); root" in message


@pytest.mark.parametrize(
    ("method", "reference"), [("minibatch", "10.1145/1772690"), ("lloyd", "Lloyd, IEEE"), ("exact", "X. Wu")]
)
def test_the_method_is_cited(method, reference):
    assert reference in sentence(RGB, 3, method=method)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "quantized to 3 levels by"),
        ({"mask": RGB > 40}, "to 3 levels, learnt from a part of the image, by"),
        ({"ignore": [0, (250, None)]}, "to 3 levels, learnt without the values 0, from 250, by"),
        ({"mask": RGB > 40, "ignore": [9]}, "learnt from a part of the image, without the values 9, by"),
        ({"learnt_from": ("2", "other")}, "learnt from the image “other”, by k-means clustering of the other image's"),
        ({"learnt_from": ("2", "other"), "mask": RGB > 40}, "learnt from a part of the image “other”, by"),
        ({"mode": "per_channel", "channel_axis": -1}, "3 levels, separately for each channel, by"),
        ({"mode": "per_channel", "channel_axis": 0, "each_slice": True}, "separately for each slice, by"),
        ({"mode": "color", "channel_axis": -1}, "Colours were quantized to 3 colours by"),
    ],
)
def test_the_sentence_says_what_was_learnt_from(options, message):
    assert message in sentence(RGB, 3, **options)


COLORS = {"mode": "color", "channel_axis": -1}
FEW = np.array([[[0, 9, 9], [9, 9, 9], [9, 9, 200], [9, 200, 200]]], np.uint8)


@pytest.mark.parametrize(
    ("options", "space"),
    [
        ({}, ""),
        ({"color_space": "lab"}, " in CIELAB"),
        ({"balance": True}, ", each channel divided by its range from the 0.1th to the 99.9th percentile"),
    ],
)
def test_the_space_of_distances_is_named(options, space):
    assert f"k-means clustering of the image's counted values{space} (scikit-learn" in sentence(
        RGB, 3, **COLORS, **options
    )
    given = Codebook.from_dict({**fit(RGB, 3, **COLORS, **options).to_dict(), "method": "given", "palette": "web"})
    result = transfer(RGB, given)
    by_distance = f" by their distance{space}{',' * space.startswith(',')}" if space else ""
    assert f"Colours were mapped{by_distance} to the nearest of the 3 colours of the palette “web”" in methods_sentence(
        Provenance.of(result, "source", "it", Layer())
    )


@pytest.mark.parametrize(
    ("image", "k", "options", "start"),
    [
        (FEW, 3, {}, "Intensities were quantized to 3 levels, which are all values of the image,"),
        (FEW, 9, {}, "to 3 levels (9 were asked for), which are all values of the image,"),
        (FEW, 9, {"mask": FEW > 0}, "to 2 levels (9 were asked for), which are all values of a part of the image,"),
        (
            FEW,
            9,
            {"ignore": [9]},
            "to 2 levels (9 were asked for), which are all values of the image, without the values 9,",
        ),
        (
            FEW,
            3,
            {"mode": "per_channel", "channel_axis": -1},
            "separately for each channel, which are all values of the",
        ),
        (FEW * 0, 2, {}, "to 1 level (2 were asked for), which is the only value of the image,"),
        (
            FEW,
            5,
            {"learnt_from": ("2", "other")},
            "3 levels (5 were asked for), which are all values of the image “other”,",
        ),
        (FEW, 4, COLORS, "Colours were quantized to 4 colours, which are all colours of the image,"),
        (
            FEW,
            4,
            COLORS | {"keep": [(9, 9, 9)]},
            "4 colours, 1 of them given beforehand, the others all other colours of the",
        ),
        (RGB, 2, COLORS | {"keep": [(9, 9, 9), (0, 0, 0)]}, "to 2 colours, all of them given beforehand,"),
        (RGB, 1, {}, "Intensities were quantized to 1 level, the mean of the values of the image,"),
        (RGB, 1, {"method": "lloyd", "ignore": [0]}, "the mean of the values of the image, without the values 0,"),
        (RGB, 1, COLORS, "Colours were quantized to 1 colour, the mean of the colours of the image,"),
        (RGB, 1, COLORS | {"color_space": "lab"}, "to 1 colour, the mean in CIELAB of the colours of the image,"),
    ],
)
def test_what_is_not_fitted_is_not_said_to_be(image, k, options, start):
    message = sentence(image, k, **options)
    assert f"{start}" in message
    assert "means" not in message
    assert f", with napari-quantize {__version__}; " in message


def test_results_that_fit_by_chance_are_still_learnt():
    assert "k-means" in sentence(FEW, 3, learnt_from=("2", "other"))


def test_colours_are_ignored_where_all_channels_are():
    message = sentence(RGB, 3, ignore=[0, (250, None)], **COLORS)
    assert ", learnt without colours all of whose channels have the values 0, from 250, by k-means" in message


def test_long_lists_of_levels_are_left_out():
    assert len(sentence(RGB, 200)) < 600
    assert "levels:" not in sentence(RGB, 65)
    assert "levels:" in sentence(RGB, 64)


def test_the_sentence_names_levels_seed_and_version():
    message = sentence(np.array([[0, 2, 100, 104]], np.uint8), 2, random_state=5)
    for part in ("2 levels", "seed 5", __version__, "levels: 1, 102;", "scikit-learn"):
        assert part in message
    assert "to 1 level, which is the only value" in sentence(np.zeros((2, 2)), 1)
    own = sentence(np.stack([np.eye(3), np.eye(3) * 9]), 2, mode="per_channel", channel_axis=0)
    assert "each channel" in own


def test_the_sentence_counts_the_colours_that_were_given():
    image = np.stack([np.arange(16, dtype=np.uint8).reshape(4, 4)] * 3, axis=-1)
    assert "2 colours, 1 of them given beforehand, by k-means" in sentence(image, 2, **COLORS, keep=[(0, 0, 0)])
