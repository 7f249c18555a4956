"""The name of a result: K, and words for what is not the default; no two parts have the same."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from napari_quantize import sweep
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.core.record import Record
from napari_quantize.core.samples.samples import CountedSamples
from napari_quantize.text.results import (
    format_dtype,
    format_k,
    format_shape,
    is_measured_on_part,
    layer_name,
    result_caption,
    result_name,
)

GREY = np.random.default_rng(0).integers(0, 200, (9, 9), dtype=np.uint8)
RGB = np.random.default_rng(0).integers(0, 200, (9, 9, 3), dtype=np.uint8)
OWN, COLORS = {"mode": "per_channel", "channel_axis": -1}, {"mode": "color", "channel_axis": -1}
MASK = GREY > 50


def record_of(image, k=8, *, record=None, **options):
    [result] = sweep(image, (k,), **options)
    made = Record(codebook=result.codebook, quality=result.quality, source_name="cells")
    return replace(made, **(record or {}))


CASES = {
    "8": (GREY, {}),
    "8 levels": (RGB, {"channel_axis": -1}),
    "8 own": (RGB, OWN),
    "8 own exact": (RGB, {**OWN, "method": "exact"}),
    "8 Lloyd": (GREY, {"method": "lloyd"}),
    "8 seed 3": (GREY, {"random_state": 3}),
    "8 nuclei": (GREY, {"mask": MASK, "record": {"part": "nuclei"}}),
    "8 nuclei 2": (GREY, {"mask": ~MASK, "record": {"part": "nuclei 2"}}),
    "8 z 3": (GREY, {"mask": MASK, "record": {"part": "z 3"}}),
    "8 part": (GREY, {"mask": MASK}),
    "8 levels nuclei": (RGB, {"channel_axis": -1, "mask": MASK, "record": {"part": "nuclei"}}),
    "8 without 0": (GREY, {"ignore": [0]}),
    "8 without 0, 9–20": (GREY, {"ignore": [0, (9, 20)]}),
    "8 below 150": (GREY, {"ignore": [(150, None)]}),
    "8 without ≤ 20, ≥ 150": (GREY, {"ignore": [(None, 20), (150, None)]}),
    "8 below 4000000001": (GREY, {"ignore": [(4_000_000_001, None)]}),
    "8 without 0.123457, 1234567": (GREY, {"ignore": [1_234_567, 0.12345678]}),
    "8 without 0.1234561–0.1234564": (GREY, {"ignore": [(0.1234561, 0.1234564)]}),
    "8 of control": (GREY, {"record": {"learnt_from": ("id", "control")}}),
    "8 applied": (GREY, {"record": {"learnt_from": ("", "")}}),
    "8 each slice": (RGB, {**OWN, "record": {"each_slice": True}}),
    "8 of 2 channels": (RGB, {**COLORS, "balance": True, "record": {"together": (("1", "DAPI"), ("2", "GFP"))}}),
    "8 of 2 channels unbalanced": (RGB, {**COLORS, "record": {"together": (("1", "DAPI"), ("2", "GFP"))}}),
    "8 balanced": (RGB, {**COLORS, "balance": True}),
    "8 with 1 locked": (RGB, {**COLORS, "keep": [(0, 0, 0)]}),
}


@pytest.mark.parametrize("name", CASES)
def test_words_say_what_is_not_the_default(name):
    image, options = CASES[name]
    record = record_of(image, **options)
    assert format_k(record) == name
    assert result_name(record) == f"K={name}"
    assert layer_name(record) == f"K={name} · cells"
    assert result_caption(record).startswith(f"K={name} · ± ")


def test_levels_of_several_channels_are_named_where_their_colours_are_too_many_to_count():
    record = record_of(RGB, channel_axis=-1)
    uncounted = replace(record, quality=replace(record.quality, n_colors=None))
    assert format_k(uncounted) == "8 levels"
    assert format_k(record_of(GREY)) == "8"
    assert format_k(record_of(np.stack([GREY] * 17), channel_axis=0)) == "8"


def test_colours_of_a_photo_are_the_default():
    assert format_k(record_of(RGB, **COLORS)) == "8"


def test_fewer_values_than_asked_for_are_told_beside_all_words():
    record = record_of(RGB, 200, **OWN)
    assert format_k(record).startswith("200 → ")
    assert format_k(record).endswith(" own")
    assert result_name(record) == "K=200 own"


def test_one_value_is_called_the_mean_where_it_is_one():
    assert format_k(record_of(GREY, 1)) == "1 (mean)"
    assert format_k(record_of(RGB, 1, channel_axis=-1)) == "1 level"
    assert format_k(record_of(GREY > 9, 1)) == "1"


@pytest.mark.parametrize(
    ("name", "on_part"),
    [("8", False), ("8 nuclei", True), ("8 without 0", True), ("8 of control", False), ("8 own", False)],
)
def test_captions_say_that_errors_are_those_of_a_part(name, on_part):
    image, options = CASES[name]
    record = record_of(image, **options)
    assert is_measured_on_part(record) is on_part
    assert result_caption(record).endswith(" there") is on_part
    applied = replace(record, learnt_from=("id", "control"))  # measured on the whole of another image
    assert is_measured_on_part(applied) is (name == "8 without 0")


def test_long_names_of_layers_are_shortened_in_their_middle():
    record = record_of(GREY, mask=MASK, record={"part": "IXMtest_A02_s9_w1 nuclei by hand"})
    assert format_k(record) == "8 IXMtest_A02_…lei by hand"


def edited(learnt_from=(), **options):
    """Return the record of a result with a border that was set by hand."""
    record, samples = record_of(GREY, **options), CountedSamples.from_counts(*np.unique(GREY, return_counts=True))
    return replace(record, codebook=move_border(record.codebook, samples, 0, 3, 90), learnt_from=learnt_from)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "8 edited"),
        ({"method": "exact"}, "8 edited"),
        ({"mask": MASK}, "8 edited part"),
        ({"mask": MASK, "record": {"part": "nuclei"}}, "8 edited nuclei"),
        ({"ignore": [0]}, "8 edited without 0"),
        ({"learnt_from": ("id", "control")}, "8 edited of control"),
    ],
)
def test_edited_levels_are_no_longer_those_of_a_method_or_palette(options, name):
    assert format_k(edited(**options)) == name


def test_no_two_cases_look_alike():
    names = [format_k(record_of(image, **options)) for image, options in CASES.values()]
    assert all(one != other for one, other in combinations(names, 2))


@pytest.mark.parametrize(
    ("shape", "rgb", "text"),
    [((12, 16), False, "16×12"), ((5, 12, 16), False, "5 × 16×12"), ((12, 16, 3), True, "16×12")],
)
def test_shapes_are_written_width_first(shape, rgb, text):
    assert format_shape(shape, rgb=rgb).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (np.uint8, "8 bit"),
        (">u2", "16 bit"),
        (np.float32, "32 bit float"),
        (np.int16, "16 bit signed"),
        (bool, "binary"),
    ],
)
def test_dtypes_are_written_in_bits(dtype, text):
    assert format_dtype(np.dtype(dtype)).replace("\N{NO-BREAK SPACE}", " ") == text


def test_k_is_written_with_what_is_not_the_default():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert format_k(record_of(image, 1)) == "1 (mean)"
    assert format_k(record_of(image, 4)) == "4"
    assert format_k(record_of(image, 32)) == "32 → 16"
    assert format_k(record_of(np.stack([image] * 3), 2, mode="per_channel", channel_axis=0)) == "2 own"
    photo = np.stack([image] * 3, axis=-1)
    fixed = record_of(photo, 2, mode="color", channel_axis=-1, keep=[(0, 0, 0)])
    assert format_k(fixed) == "2 with 1 locked"


def test_the_caption_begins_with_k_and_the_error():
    assert result_caption(record_of(np.array([[0, 1, 100, 101]], np.uint8), 2)).startswith("K=2 · ± 0.")
