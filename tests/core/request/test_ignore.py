"""Ignored values: as if they were not there, until the codebook is applied."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import (
    DTYPES,
    LEVEL_MODES,
    distinct,
    finite_values,
    images,
    masks,
    refuse,
    same_bytes,
    same_levels,
    small_blocks,
)

from napari_quantize import Codebook, fit, quantize, sweep
from napari_quantize.core.pixels.masks import Ignored
from napari_quantize.core.request.ignore import IgnoredRange, check_ignore
from napari_quantize.core.request.request import Request

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)
NO_VALUE = "the image has no finite, visible value to learn from"


ends = st.integers(-5, 120) | st.sampled_from([0.1, -0.0, 0.5, 1e-7, 6e4, 2**53, 2**64 - 1, 1e300, -1e300])
entries = ends | st.tuples(ends | st.none(), ends | st.none()).filter(lambda e: None in e or e[0] <= e[1])
ignores = st.lists(entries, max_size=5)


def is_ignored(value: np.generic, ignore: list) -> bool:
    """What numpy's own comparisons say, entry by entry."""
    exact = value.item() if value.dtype.kind != "f" else value.astype(value.dtype.newbyteorder("="))

    def rounded(end: float | None, other: float) -> object:
        end = other if end is None else end
        with np.errstate(over="ignore"):
            return end if value.dtype.kind != "f" else exact.dtype.type(end)

    pairs = [entry if isinstance(entry, tuple) else (entry, entry) for entry in ignore]
    return any(rounded(low, -np.inf) <= exact <= rounded(high, np.inf) for low, high in pairs)


@given(images(), ignores, st.integers(1, 9), st.integers(1, 40))
def test_ignoring_is_fitting_on_the_rest(image: np.ndarray, ignore: list, k: int, block: int) -> None:
    keep = np.array([not is_ignored(value, ignore) for value in image.ravel()]).reshape(image.shape)
    with small_blocks(2, block):
        if not len(finite_values(image[keep])):
            with pytest.raises(ValueError, match=rf"^{NO_VALUE} outside of ignore$"):
                fit(image, k, ignore=ignore)
            return
        expected = fit(image[keep], k)
        codebook = fit(image, k, ignore=iter(ignore))
        assert same_levels(codebook, expected)
        assert same_bytes(quantize(image, k, ignore=iter(ignore)), expected.apply(image))
        (result,) = sweep(image, [k], ignore=iter(ignore))
    assert result.codebook == codebook
    assert same_bytes(result.samples[0].values, distinct(image[keep]))


@given(images([np.dtype("f4"), np.dtype(">f8"), np.dtype("u1"), np.dtype("i2")]), ignores, st.data())
def test_figures_are_those_of_the_rest(image: np.ndarray, ignore: list, data: st.DataObject) -> None:
    if image.dtype.kind == "f":
        image = np.clip(image, -1e5, 1e5)
        image = np.where(np.abs(image) < 1e-10, image.dtype.type(0), image)
    keep = np.array([not is_ignored(value, ignore) for value in image.ravel()]).reshape(image.shape)
    assume(len(finite_values(image[keep])))
    mask = data.draw(masks(image.shape, keep & np.isfinite(image)))
    for found, expected in zip(
        sweep(image, (1, 3), mask=mask, ignore=ignore), sweep(image[mask & keep], (1, 3)), strict=True
    ):
        assert found.quality == expected.quality


@given(st.integers(0, 2**32), st.sampled_from(LEVEL_MODES), st.sampled_from(["u1", "i1", "u2", "f2", "f4", "i4"]))
def test_pixels_with_an_ignored_value_are_no_colors(seed: int, mode: str, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 9, (40, 3)).astype(dtype)
    image[:2] = 4
    ignore = [0, (6, 7)]
    with_nan = np.where(np.isin(image, [0, 6, 7]), np.nan, image)
    with small_blocks(2):
        (found,) = sweep(image, (3,), mode=mode, channel_axis=1, ignore=ignore)
        (expected,) = sweep(with_nan, (3,), mode=mode, channel_axis=1)
    assert same_levels(found.codebook, expected.codebook)
    whole = ~np.isnan(with_nan).any(axis=1)
    assert found.quality.n_colors == len(np.unique(found.image[whole], axis=0))
    assert found.quality.bits_per_pixel == pytest.approx(expected.quality.bits_per_pixel)


def test_ignored_alpha_is_still_alpha() -> None:
    image = np.array([[5, 0], [6, 255], [7, 1]], np.uint8)
    codebook = fit(image, 9, channel_axis=1, alpha=True, ignore=[255, 6])
    assert codebook.centers.tolist() == [7]
    assert codebook.apply(image).tolist() == [[5, 0], [7, 255], [7, 1]]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_numbers_mean_what_the_dtype_makes_of_them(dtype: str) -> None:
    image = np.array([0.1, 0.2, 0.3, 0.7], dtype)
    assert fit(image, 9, ignore=[0.1, (0.25, 0.3)]).centers.tolist() == image[[1, 3]].tolist()


def test_large_integers_are_rounded_as_in_comparisons_of_numpy() -> None:
    number = 2**54 + 2**30 + 1  # rounded twice, by way of float64, it is the lower one
    image = np.array([2**54, 2**54 + 2**31], np.float32)
    assert (image == number).tolist() == [True, False]
    assert Ignored(check_ignore([number]), image.dtype).among(image).tolist() == [True, False]


def test_signalling_nans_are_in_no_range_without_a_warning() -> None:
    for dtype, bits in (("f2", 0x7D00), ("f4", 0x7FA00000), ("f8", 0x7FF4000000000000)):
        image = np.full(5, bits, f"u{dtype[1]}").view(dtype)
        assert not Ignored(((0, None),), image.dtype).holds(image).any()


def test_large_integers_are_told_apart() -> None:
    image = np.array([2**64 - 1, 2**64 - 2, 5], np.uint64)
    assert fit(image, 9, ignore=[(2**64 - 2, None)]).centers.tolist() == [5]
    both = Ignored(((0, 0), (2**64 - 2, 2**64 - 1)), image.dtype)
    assert both.among(np.array([0, 5, 2**64 - 3, 2**64 - 2], np.uint64)).tolist() == [True, False, False, True]
    with pytest.raises(ValueError, match=r"^the image holds 18446744073709551614: integers beyond"):
        fit(image, 9, ignore=[2**64 - 1])


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8", "u1"])
def test_open_ends_reach_to_the_last_value(dtype: str) -> None:
    values = np.array([0, 1, 2, 5, 6, 200]).astype(dtype)
    among = Ignored(((None, 1), (5, 6)), values.dtype).among(values)
    assert among.tolist() == [True, True, False, True, True, False]
    assert Ignored(((2, 2), (6, None)), values.dtype).among(values).tolist() == [False] * 2 + [True, False, True, True]
    assert check_ignore([sys.float_info.max]) == ((sys.float_info.max,) * 2,)
    if values.dtype.kind == "f":
        infinite = np.array([-np.inf, np.inf, np.nan], dtype)
        assert Ignored(((None, 1),), values.dtype).among(infinite).tolist() == [True, False, False]
        assert Ignored(((5, None),), values.dtype).among(infinite).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4"])
def test_nothing_is_ignored_beyond_the_dtype(dtype: str) -> None:
    image = GRAY.astype(dtype)
    assert same_levels(fit(image, 3, ignore=[2**40, (-(2**50), -(2**40))]), fit(image, 3))


def test_either_value_of_binary_images_can_be_ignored() -> None:
    image = np.array([0, 255, 3, 0, 1], np.uint8).view(bool)
    assert fit(image, 2, ignore=[0]).centers.tolist() == [1]
    assert fit(image, 2, ignore=[(1, None)]).centers.tolist() == [0]
    (result,) = sweep(image.repeat(2).reshape(5, 2), (2,), channel_axis=1, ignore=[1])
    assert result.quality.n_colors == 1


NOTHING_LEFT = [
    ({"ignore": [(None, None)]}, "outside of ignore"),
    ({"mask": GRAY > 3, "ignore": [(4, 11)]}, "within the mask and outside of ignore"),
    ({"mask": GRAY > 3, "channel_axis": 0, "mode": "per_channel"}, "within the mask"),
]


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "i8"])
@pytest.mark.parametrize(("arguments", "where"), NOTHING_LEFT)
def test_nothing_is_left(arguments: dict, where: str, dtype: str) -> None:
    with pytest.raises(ValueError, match=f"^{NO_VALUE} {where}$"):
        fit(GRAY.astype(dtype), 2, **arguments)


MANY = "must be a sequence of numbers and (low, high) pairs, like [0, (250, None)]"
NOT_FINITE = "which is not finite: NaN and infinities are never learnt from, and None stands for an open end"
BAD_IGNORES = [
    (0, TypeError, f"ignore=0 {MANY}"),
    (None, TypeError, f"ignore=None {MANY}"),
    ("0", TypeError, f"ignore='0' {MANY}"),
    (b"0", TypeError, f"ignore=b'0' {MANY}"),
    (np.array(3), TypeError, f"ignore=array(3) {MANY}"),
    (["0"], TypeError, "ignore holds '0', which is no number"),
    ([None], TypeError, "ignore holds None, which is no number"),
    ([True], TypeError, "ignore holds True, which is no number"),
    ([np.True_], TypeError, "ignore holds np.True_, which is no number"),
    ([np.array([True, False])], TypeError, "ignore holds True, which is no number"),
    ([1j], TypeError, "ignore holds 1j, which is no number"),
    ([(0, "5")], TypeError, "ignore holds '5', which is no number"),
    ([((0, 1), 2)], TypeError, "ignore holds (0, 1), which is no number"),
    ([float("nan")], ValueError, f"ignore holds nan, {NOT_FINITE}"),
    ([(0, float("inf"))], ValueError, f"ignore holds inf, {NOT_FINITE}"),
    ([(float("nan"), 3)], ValueError, f"ignore holds nan, {NOT_FINITE}"),
    ([10**309], ValueError, f"ignore holds {10**309}, {NOT_FINITE}"),
    ([(3, 2)], ValueError, "ignore holds (3, 2), whose first number is the larger one"),
    ([0, [3, 2.5]], ValueError, "ignore holds [3, 2.5], whose first number is the larger one"),
    ([()], ValueError, "ignore holds (), which is no (low, high) pair"),
    ([(1, 2, 3)], ValueError, "ignore holds (1, 2, 3), which is no (low, high) pair"),
]


@pytest.mark.parametrize(("ignore", "error", "sentence"), BAD_IGNORES)
def test_bad_ignores_are_named(ignore: object, error: type[Exception], sentence: str) -> None:
    for ask, k in ((fit, 2), (quantize, 2), (sweep, (1, 2))):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, k, ignore=ignore, tick=refuse)


NORMAL = [
    ([], ()),
    ([3, 1, 1.0, np.uint8(3)], ((1, 1), (3, 3))),
    ([(5, None), (None, 2), 7], ((None, 2), (5, None))),
    ([(0, 4), (4, 6), (2, 3), [8, 9]], ((0, 6), (8, 9))),
    (np.array([[8, 9], [0, 1]]), ((0, 1), (8, 9))),
    (np.array([0.5, 0.25]), ((0.25, 0.25), (0.5, 0.5))),
    ([2**60 + 1, 2**60], ((2**60, 2**60), (2**60 + 1, 2**60 + 1))),
    ([(None, None), 4], ((None, None),)),
    ((0, 5), ((0, 0), (5, 5))),
]


@pytest.mark.parametrize(("ignore", "expected"), NORMAL)
def test_all_ways_to_say_it_are_one(ignore: list, expected: tuple[IgnoredRange, ...]) -> None:
    found = check_ignore(ignore)
    assert found == expected == check_ignore(found) == Request(ignore=ignore).ignore
    assert {type(end) for pair in found for end in pair} <= {int, float, type(None)}
    assert hash(Request(ignore=ignore)) == hash(Request(ignore=expected))


@given(ignores, st.sampled_from(DTYPES), st.data())
def test_tables_and_searches_agree(ignore: list, dtype: np.dtype, data: st.DataObject) -> None:
    image = np.array(data.draw(images([dtype])))
    ignored = Ignored(check_ignore(ignore), dtype)
    assert same_bytes(ignored.among(image), ignored.holds(np.array(image)))


@given(ignores.filter(lambda ignore: ignore))
def test_ignore_and_mask_are_written_down(ignore: list) -> None:
    request = Request(ignore=check_ignore(ignore), mask_digest="0123456789abcdef")
    codebook = Codebook(2, (np.array([1.0, 2.0]),), np.dtype("u1"), request)
    again = Codebook.from_dict(codebook.to_dict())
    assert (again, hash(again), again.request) == (codebook, hash(codebook), request)
    assert codebook != Codebook(2, codebook.levels, codebook.dtype)


def test_ignore_and_mask_are_saved(tmp_path: Path) -> None:
    codebook = fit(GRAY, 2, ignore=[0, (0.5, 3), (11, None)], mask=GRAY < 8)
    assert codebook.to_dict()["ignore"] == [[0, 0], [0.5, 3], [11, None]]
    codebook.save(tmp_path / "codebook.json")
    assert Codebook.load(tmp_path / "codebook.json") == codebook
