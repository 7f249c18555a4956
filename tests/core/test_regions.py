"""What is learnt from: a mask is like the image cut out, ignored values are like those that are not there."""

import re
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import DTYPES, channel_images, distinct, finite_values, images, layouts, same_bytes, small_blocks

from napari_quantize import Codebook, fit, quantize, sweep
from napari_quantize.core.arguments import MODES, Request
from napari_quantize.core.pixels import Pixels
from napari_quantize.core.quality import Quality
from napari_quantize.core.regions import Ignored, Range, check_ignore, check_mask, mask_digest

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)
NO_VALUE = "the image has no finite, visible value to learn from"


def refuse() -> None:
    pytest.fail("work has started")


def same_levels(one: Codebook, other: Codebook) -> bool:
    return len(one.levels) == len(other.levels) and all(map(same_bytes, one.levels, other.levels))


def assert_alike(one: Quality, other: Quality) -> None:
    """Sums of floats may differ in their last bits, where the blocks do."""
    for a, b in zip(astuple(one), astuple(other), strict=True):
        assert (a is b is None) or a == pytest.approx(b, rel=1e-9, abs=1e-12)


@st.composite
def masks(draw: st.DrawFn, shape: Sequence[int], needed: np.ndarray | None = None) -> np.ndarray:
    """Draw a mask in any memory layout, True at least at one of the places that are `needed`."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    mask = np.array(rng.random(tuple(shape)) < draw(st.sampled_from([0.05, 0.5, 1.0])))
    places = np.flatnonzero(np.ones(mask.shape, dtype=bool) if needed is None else needed)
    mask.flat[places[rng.integers(len(places))]] = True
    return draw(layouts(mask))


# Masks


@given(images(), st.data(), st.integers(1, 9), st.integers(1, 3), st.integers(1, 40))
def test_a_mask_is_like_the_image_cut_out(
    image: np.ndarray, data: st.DataObject, k: int, n_threads: int, block: int
) -> None:
    mask = data.draw(masks(image.shape, np.isfinite(image)))
    with small_blocks(n_threads, block):
        codebook = fit(image, k, mask=mask)
        assert same_levels(codebook, fit(image[mask], k))
        assert same_bytes(quantize(image, k, mask=mask), fit(image[mask], k).apply(image))
        (result,) = sweep(image, [k], mask=mask)
    assert result.codebook == codebook
    assert same_bytes(result.image, codebook.apply(image))


@given(channel_images(), st.data(), st.sampled_from(MODES), st.integers(1, 3), st.booleans())
def test_a_mask_of_pixels(
    case: tuple[np.ndarray, int], data: st.DataObject, mode: str, n_threads: int, alpha: bool
) -> None:
    image, axis = case
    last = np.moveaxis(image, axis, -1)
    image_ok = np.isfinite(last).all(axis=-1) & (last[..., -1] != 0)
    if not image_ok.any():
        return
    mask = data.draw(masks(last.shape[:-1], image_ok))
    with small_blocks(n_threads):
        (result,) = sweep(image, [3], mode=mode, channel_axis=axis, alpha=alpha, mask=mask)
        (cut_out,) = sweep(last[mask], [3], mode=mode, channel_axis=-1, alpha=alpha)
        assert same_levels(result.codebook, cut_out.codebook)
        longer = np.expand_dims(mask, axis)
        for other in (longer, longer.repeat(image.shape[axis], axis)):
            codebook = fit(image, 3, mode=mode, channel_axis=axis, alpha=alpha, mask=other)
            assert same_levels(result.codebook, codebook)
    assert [counted.digest() for counted in result.samples] == [counted.digest() for counted in cut_out.samples]
    without = Codebook(3, cut_out.codebook.levels, image.dtype, Request(mode, axis, alpha))
    assert same_bytes(result.image, without.apply(image))


@given(channel_images([np.dtype("f4"), np.dtype(">f8"), np.dtype("f2")]), st.data(), st.sampled_from(MODES))
def test_a_mask_of_values_is_like_nan_elsewhere(case: tuple[np.ndarray, int], data: st.DataObject, mode: str) -> None:
    image, axis = case
    mask = np.array(data.draw(masks(image.shape)))
    for channel, chosen in zip(np.moveaxis(image, axis, 0), np.moveaxis(mask, axis, 0), strict=True):
        chosen.flat[np.flatnonzero(np.isfinite(channel))[0]] = True
    rest = np.where(mask, image, image.dtype.type(np.nan)).astype(image.dtype)
    with small_blocks(2):
        (result,) = sweep(image, [2], mode=mode, channel_axis=axis, mask=data.draw(layouts(mask)))
        (expected,) = sweep(rest, [2], mode=mode, channel_axis=axis)
    assert same_levels(result.codebook, expected.codebook)
    assert same_bytes(result.image, expected.codebook.apply(image))
    assert result.quality.n_colors == expected.quality.n_colors
    assert result.samples[0].digest() == expected.samples[0].digest()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_figures_are_those_of_the_part(dtype: np.dtype, mode: str, alpha: bool) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2 if dtype.kind == "b" else 120, (50, 60, 4)).astype(dtype)
    mask = rng.random((50, 60)) < 0.2
    arguments = {"mode": mode, "channel_axis": -1, "alpha": alpha}
    with small_blocks(2, 4000):
        found = [result.quality for result in sweep(image, (1, 2, 9), mask=mask, **arguments)]
        expected = [result.quality for result in sweep(image[mask], (1, 2, 9), **arguments)]
    for one, other in zip(found, expected, strict=True):
        assert_alike(one, other)


@pytest.mark.parametrize("shape", [(), (1,), (8,), (7, 1), (7, 8), (1, 7, 8), (5, 1, 1), (5, 7, 8)])
@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
@pytest.mark.parametrize("step", [1, 2])
def test_masks_are_broadcast(shape: tuple[int, ...], axes: tuple[int, ...], step: int) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 200, [(5, 7, 8, 3)[axis] * step for axis in axes], dtype=np.uint8)
    image = image[(slice(None, None, step),) * 4].transpose(np.argsort(axes))
    mask = np.array(rng.random(shape) < 0.6)
    mask[...] |= not mask.any()
    whole = np.broadcast_to(mask, (5, 7, 8))
    with small_blocks(2, 50):
        assert same_levels(fit(image, 4, channel_axis=-1, mask=mask), fit(image[whole], 4))
        moved = np.moveaxis(image, -1, 1)
        assert same_levels(fit(moved, 4, channel_axis=1, mask=mask), fit(image[whole], 4))
        assert same_levels(fit(image[..., 0], 4, mask=mask), fit(image[whole][..., 0], 4))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_masks_are_never_copied(axis: int) -> None:
    shape = (300, 200, 3) if axis % 3 == 2 else (3, 300, 200) if axis % 3 == 0 else (300, 3, 200)
    for mask in (np.ones((300, 200), bool), np.ones((200,), bool), np.ones(shape, bool), np.ones((1, 1, 1), bool)):
        view = check_mask(mask, shape, axis)
        assert (view.shape, np.shares_memory(view, mask)) == (shape, True)
        pixels = Pixels.of(np.zeros(shape), axis, mask=view)
        assert np.shares_memory(pixels.mask, mask)
        assert pixels.mask.shape[:-1] == pixels.array.shape[:-1]
        assert pixels.mask.shape[-1] == (3 if mask.shape == shape else 1)


def test_a_mask_of_the_same_order_leaves_one_row_of_pixels() -> None:
    for order in "CF":
        mask = check_mask(np.ones((40, 50), bool, order), (40, 50), None)
        assert Pixels.of(np.zeros((40, 50), order=order), None, mask=mask).array.shape == (2000, 1)
    mask = check_mask(np.ones((40, 50), bool), (40, 50, 3), 2)
    assert Pixels.of(np.zeros((40, 50, 3)), 2, mask=mask).array.shape == (2000, 3)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "i4"])
def test_more_values_than_are_kept_one_by_one(dtype: str) -> None:
    rng = np.random.default_rng(0)
    image = (rng.normal(size=(500, 600)) * 1e6).astype(dtype)
    mask = rng.random((500, 600)) < 0.5
    inside = mask & (np.abs(image.astype(float)) > 1e5)
    for result, expected in zip(
        sweep(image, (2, 40), mask=mask, ignore=[(-1e5, 1e5)]), sweep(image[inside], (2, 40)), strict=True
    ):
        assert not result.samples[0].exact
        assert same_levels(result.codebook, expected.codebook)
        assert result.samples[0].digest() == expected.samples[0].digest()
        assert_alike(result.quality, expected.quality)


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_the_number_of_threads_does_not_matter(n_jobs: int) -> None:
    rng = np.random.default_rng(0)
    image, mask = rng.normal(size=(90, 80)), rng.random((90, 80)) < 0.3
    expected = fit(image, 5, mask=mask, ignore=[(0, 0.5)])
    with small_blocks(3, 1000):
        assert fit(image, 5, mask=mask, ignore=[(0, 0.5)], n_jobs=n_jobs) == expected


def test_a_codebook_goes_without_its_mask() -> None:
    codebook = fit(GRAY, 2, mask=GRAY < 4, ignore=[0])
    assert codebook.centers.tolist() == fit([1, 2, 3], 2).centers.tolist()
    other = np.array([[0, 200]], dtype=np.uint8)
    assert codebook.apply(other).tolist() == [[1, 3]] or codebook.apply(other).tolist() == [[2, 3]]
    assert codebook.encode(other).tolist() == [[0, 1]]


def test_masks_of_0_and_255_declared_bool() -> None:
    mask = np.array([[255, 0, 128, 1]], np.uint8).view(bool)
    image = np.array([[[7, 1], [8, 1], [9, 1], [10, 0]]], np.uint8)
    assert fit(image, 9, channel_axis=2, alpha=True, mask=mask).centers.tolist() == [7, 9]
    assert mask_digest(mask) == mask_digest(mask.view(np.uint8) > 0)


BAD_MASKS = [
    (np.ones((3, 4)), None, TypeError, "mask of dtype float64 must be boolean, like labels > 0"),
    (np.ones((3, 4), np.uint8), None, TypeError, "mask of dtype uint8 must be boolean, like labels > 0"),
    ("yes", None, TypeError, "mask of dtype <U3 must be boolean, like labels > 0"),
    (
        np.ma.masked_array([True]),
        None,
        TypeError,
        "mask is a masked array: fill its own masked values first (with False to leave them out)",
    ),
    (np.ones((4, 3), bool), None, ValueError, "mask of shape (4, 3) does not broadcast to the image's shape, (3, 4)"),
    (
        np.ones((3, 4, 1), bool),
        1,
        ValueError,
        "mask of shape (3, 4, 1) does not broadcast to the image's shape, (3, 4)",
    ),
    (
        np.ones((3, 1), bool)[:0],
        None,
        ValueError,
        "mask of shape (0, 1) does not broadcast to the image's shape, (3, 4)",
    ),
    (
        np.ones(4, bool),
        1,
        ValueError,
        "mask of shape (4,) does not broadcast to the image's shape without its channels, (3,)",
    ),
    (
        np.ones(3, bool),
        -2,
        ValueError,
        "mask of shape (3,) does not broadcast to the image's shape without its channels, (4,)",
    ),
    (np.zeros((3, 4), bool), None, ValueError, "mask is True nowhere: there is nothing to learn from"),
    (False, 1, ValueError, "mask is True nowhere: there is nothing to learn from"),
]


@pytest.mark.parametrize(("mask", "axis", "error", "sentence"), BAD_MASKS)
def test_bad_masks(mask: np.ndarray, axis: int | None, error: type[Exception], sentence: str) -> None:
    for ask, k in ((fit, 2), (quantize, 2), (sweep, (1, 2))):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, k, mask=mask, channel_axis=axis, tick=refuse)


# The hash of a mask


@given(st.data(), st.lists(st.integers(1, 9), max_size=3))
def test_the_hash_depends_on_shape_and_values_only(data: st.DataObject, shape: list[int]) -> None:
    mask = np.array(data.draw(masks(shape)))
    digest = mask_digest(mask)
    assert re.fullmatch("[0-9a-f]{16}", digest)
    assert mask_digest(data.draw(layouts(mask))) == digest
    other = mask.copy()
    other.flat[-1] ^= True
    assert len({digest, mask_digest(other), mask_digest(mask[np.newaxis])}) == 3


def test_the_hash_of_large_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.random.default_rng(0).random((333, 777)) < 0.5
    expected = mask_digest(mask)
    monkeypatch.setattr("napari_quantize.core.regions._PIECE", 1024)
    assert mask_digest(mask) == mask_digest(np.asfortranarray(mask)) == expected


def test_the_codebook_knows_its_mask_by_its_hash() -> None:
    codebook = fit(GRAY, 2, mask=GRAY < 4)
    assert codebook.request.mask_digest == mask_digest(GRAY < 4)
    assert fit(GRAY, 2).request.mask_digest is mask_digest(None) is None
    assert codebook != fit(GRAY, 2, mask=GRAY < 5)
    assert codebook == fit(GRAY, 2, mask=np.asfortranarray(GRAY < 4))


# Ignored values


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
    if not len(finite_values(image[keep])):
        return
    mask = data.draw(masks(image.shape, keep & np.isfinite(image)))
    for found, expected in zip(
        sweep(image, (1, 3), mask=mask, ignore=ignore), sweep(image[mask & keep], (1, 3)), strict=True
    ):
        assert_alike(found.quality, expected.quality)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(MODES), st.sampled_from(["u1", "i1", "u2", "f2", "f4", "i4"]))
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


def test_large_integers_are_told_apart() -> None:
    image = np.array([2**64 - 1, 2**64 - 2, 5], np.uint64)
    assert fit(image, 9, ignore=[(2**64 - 2, None)]).centers.tolist() == [5]
    with pytest.raises(ValueError, match=r"^the image holds 18446744073709551614: integers beyond"):
        fit(image, 9, ignore=[2**64 - 1])


def test_bool_images() -> None:
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
def test_bad_ignores(ignore: object, error: type[Exception], sentence: str) -> None:
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
def test_all_ways_to_say_it_are_one(ignore: list, expected: tuple[Range, ...]) -> None:
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


def test_ignore_and_mask_are_saved(tmp_path: pytest.TempPathFactory) -> None:
    codebook = fit(GRAY, 2, ignore=[0, (0.5, 3), (11, None)], mask=GRAY < 8)
    assert codebook.to_dict()["ignore"] == [[0, 0], [0.5, 3], [11, None]]
    codebook.save(tmp_path / "codebook.json")
    assert Codebook.load(tmp_path / "codebook.json") == codebook
