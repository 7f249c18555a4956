"""The values of the fields are resolved into a run or into one problem; without a window."""

import dask.array as da
import numpy as np
import pytest

from napari_quantize.core.analysis.saturation import Saturation
from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.request.ignore import check_ignore
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.sources import MAX_LAZY_BYTES, Source
from napari_quantize.viewer.plan.field_choices import TOGETHER, UNANSWERED
from napari_quantize.viewer.plan.resolve import FieldValues, ranges_to_ignore, resolve


def field_values(data, *, rgb=False, mode="global", ks="2, 4", axis=None, seed=0):
    return FieldValues(Source("1", "it", data, rgb, ("z", "y", "x")[-data.ndim :]), mode, ks, axis, seed)


@pytest.mark.parametrize(
    ("dtype", "limits", "kept"),
    [
        ("f4", (0.25, 0.5), [0.25, 0.5]),
        ("f2", (0.1, 1), [0.25, 0.5, 1]),
        ("f8", (0, 1), [0, 0.25, 0.5, 1]),
        ("u1", (0.5, 2), [1, 2]),
        ("i2", (-1.5, 1.5), [-1, 0, 1]),
    ],
)
def test_values_at_the_display_limits_are_learnt_from(dtype, limits, kept):
    values = np.array([-2, -1, 0, 0.25, 0.5, 1, 2, 3] if dtype[0] == "f" else [0, 1, 2, 3, 4], dtype)
    if dtype == "i2":
        values -= 2
    ignored = Ignored(check_ignore(ranges_to_ignore("outside", values.dtype, limits)), values.dtype)
    assert values[~ignored.among(values)].tolist() == kept


def test_rgb_has_no_display_limits_to_ignore_outside_of():
    problem = "There are no display limits that all channels share: ignore something else."
    image = np.zeros((5, 6, 3), np.uint8)
    resolved = resolve(FieldValues(Source("1", "it", image, True, ("y", "x")), "color", "2", None, 0, ignore="outside"))
    assert resolved.problem == problem


@pytest.mark.parametrize(
    ("mode", "end"),
    [
        ("global", " and are ignored."),
        ("per_channel", " and are ignored."),
        ("color", "; colours are ignored where all channels are saturated."),
    ],
)
def test_what_is_ignored_of_saturated_values_is_said(mode, end):
    source = Source("1", "it", np.zeros((5, 6, 3), np.uint8), True, ("y", "x"))
    saturation = Saturation(255, 3, 90)
    resolved = resolve(FieldValues(source, mode, "2", None, 0, ignore="saturated", saturation=saturation))
    assert resolved.notice == f"3 of 90 values are saturated (255){end}"
    assert resolved.request.ignore == ((255, None),)


def test_thousands_of_layers_are_declined():
    resolved = resolve(field_values(np.zeros((5, 6)), ks="2-65536"))
    assert resolved.problem == "65,535 numbers would make 65,535 layers: 100 are possible."
    assert resolved.request is None


def test_the_limit_is_one_of_layers_whatever_makes_them():
    stack = Source("1", "it", np.zeros((16, 5, 6), np.uint8), False, ("c", "y", "x"))
    resolved = resolve(FieldValues(stack, TOGETHER, "1-7", None, 0))
    assert resolved.problem == "7 numbers would make 112 layers: 100 are possible."
    assert resolve(FieldValues(stack, TOGETHER, "1-6", None, 0)).n_layers == 96
    many = Source("1", "it", np.zeros((120, 5, 6), np.uint8), False, ("c", "y", "x"))
    assert resolve(FieldValues(many, TOGETHER, "1", None, 0)).problem == messages.wrong_number_of_channels(120, 16)


def test_given_values_of_k_replace_those_of_the_field():
    resolved = resolve(field_values(np.zeros((5, 6), np.uint8), ks="2, x"), (7,))
    assert (resolved.ks, resolved.n_layers, resolved.problem) == ((7,), 1, "")


def test_a_grey_image_is_resolved():
    resolved = resolve(field_values(np.zeros((5, 6), np.uint16), seed=3))
    assert (resolved.ks, resolved.n_bytes, resolved.problem) == ((2, 4), 2 * 60, "")
    assert (resolved.request.mode, resolved.request.channel_axis, resolved.request.random_state) == ("global", None, 3)


@pytest.mark.parametrize(("channels", "alpha"), [(3, False), (4, True)])
def test_rgb_needs_no_channel_axis(channels, alpha):
    image = np.zeros((5, 6, channels), np.uint8)
    resolved = resolve(field_values(image, rgb=True, mode="per_channel", axis=UNANSWERED))
    assert (resolved.request.mode, resolved.request.channel_axis, resolved.request.alpha) == ("per_channel", -1, alpha)


def test_own_levels_need_channels():
    assert resolve(field_values(np.zeros((3, 5, 6)), mode="per_channel")).request.mode == "global"
    assert resolve(field_values(np.zeros((3, 5, 6)), mode="per_channel", axis=0)).request.mode == "per_channel"


def test_a_problem_has_no_request():
    assert resolve(FieldValues(None, "global", "2", None, 0)).problem == messages.NO_IMAGE
    image = np.zeros((3, 5, 6))
    for resolved in (resolve(field_values(image, axis=UNANSWERED)), resolve(field_values(image, ks="2, x"))):
        assert resolved.problem
        assert (resolved.ks, resolved.request) == ((), None)


def test_lazy_data_are_read_up_to_a_limit():
    for n_bytes, fits in ((MAX_LAZY_BYTES, True), (MAX_LAZY_BYTES + 1, False)):
        resolved = resolve(field_values(da.zeros((1, n_bytes), dtype=np.uint8, chunks=2**30)))
        assert (resolved.problem == "") == fits
        assert ("2.0" in resolved.problem) != fits


def test_memory_of_huge_images_does_not_overflow():
    lazy = da.zeros((2**31, 2**31, 8), dtype=np.float64, chunks=2**14)
    assert Source("1", "it", lazy, False, ()).n_bytes == 2**62 * 64
    assert "it" in resolve(field_values(lazy)).problem
