"""Figures of merit: those of a plain computation, pixel by pixel."""

import math
from dataclasses import replace
from typing import Any

import dask.array as da
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import LEVEL_MODES, by_channel, channel_images, entropy, images, small_blocks, visible
from slow_cases import slow_except

from napari_quantize import sweep
from napari_quantize.core.api import Result, transfer
from napari_quantize.core.quality.quality import Quality


def plain(image: np.ndarray, result: Result) -> Quality:
    """Compute everything from the pixels, the source beside the result."""
    codebook = result.codebook
    shown = visible(image, codebook.channel_axis, alpha=codebook.alpha)
    sources = [channel for channel, _ in by_channel(image, codebook)]
    outputs = [channel for channel, _ in by_channel(result.image, codebook)]
    codes = [channel for channel, _ in by_channel(codebook.encode(image), codebook)]
    takes_part = [shown & np.isfinite(channel) for channel in sources]
    x = np.concatenate([channel[part] for channel, part in zip(sources, takes_part, strict=True)]).astype(float)
    y = np.concatenate([channel[part] for channel, part in zip(outputs, takes_part, strict=True)]).astype(float)
    data_range = 255.0 if image.dtype == np.uint8 else x.max() - x.min()
    mse = np.mean((x - y) ** 2)
    whole = np.logical_and.reduce(takes_part)
    bits = [entropy(channel[part]) for channel, part in zip(codes, takes_part, strict=True)]
    return Quality(
        mse=mse,
        mse_per_pixel=mse * len(outputs),
        rmse=math.sqrt(mse),
        psnr=10 * math.log10(data_range**2 / mse) if mse else math.inf,
        data_range=data_range,
        explained=1 - mse / np.var(x - x.min()) if mse else 1.0,
        max_error=np.abs(x - y).max(),
        n_values=len(np.unique(y)),
        n_colors=len(np.unique(np.stack([c[whole] for c in outputs], -1), axis=0)) if len(outputs) > 1 else None,
        bits_per_value=sum(bits) / len(bits),
        bits_per_pixel=sum(bits),
        excess=result.quality.excess,  # held against the optimum elsewhere
    )


def assert_alike(found: Quality, expected: Quality) -> None:
    assert (found.n_values, found.n_colors) == (expected.n_values, expected.n_colors)
    for name in (
        "mse",
        "mse_per_pixel",
        "rmse",
        "psnr",
        "data_range",
        "explained",
        "max_error",
        "bits_per_value",
        "bits_per_pixel",
    ):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-9, abs=1e-12), name
        assert type(getattr(found, name)) is float


def bounded(image: np.ndarray) -> np.ndarray:
    """The image without values whose squares leave the plain computation's range."""
    if image.dtype.kind != "f":
        return image
    image, sizes = np.array(image), np.abs(np.nan_to_num(image.astype(np.float64)))
    image[(sizes > 1e10) & np.isfinite(image)] = 3
    image[(sizes < 1e-10) & (sizes > 0)] = 2
    return image


@given(images(), st.lists(st.integers(1, 6), min_size=1, max_size=3), st.integers(1, 2))
def test_figures_of_one_channel_are_those_of_numpy(image: np.ndarray, ks: list[int], n_threads: int) -> None:
    image = bounded(image)
    with small_blocks(n_threads):
        for result in sweep(image, ks):
            assert_alike(result.quality, plain(image, result))


@given(channel_images(), st.integers(1, 6), st.sampled_from(LEVEL_MODES), st.booleans(), st.integers(1, 2))
def test_figures_of_channels_are_those_of_numpy(
    case: tuple[np.ndarray, int], k: int, mode: str, alpha: bool, n_threads: int
) -> None:
    image, axis = bounded(case[0]), case[1]
    shown = visible(image, axis, alpha=alpha)
    channels = list(np.moveaxis(image, axis, 0))[: -1 if alpha else None]
    assume(all(np.isfinite(channel[shown]).any() for channel in channels))
    with small_blocks(n_threads):
        for result in sweep(image, (k,), mode=mode, channel_axis=axis, alpha=alpha):
            assert_alike(result.quality, plain(image, result))


PHOTOS = [
    ("u1", 255, 3),
    ("u1", 255, 4),
    ("u2", 5000, 3),
    ("f4", 10**6, 3),
    ("f2", 100, 2),
    ("u1", 64, 16),
    ("i4", 10**7, 5),
    ("i1", 100, 2),
]


@pytest.mark.parametrize("mode", LEVEL_MODES)
@pytest.mark.parametrize("alpha", slow_except([False, True], True))
@pytest.mark.parametrize(("dtype", "high", "n_channels"), PHOTOS)
def test_figures_of_photos_are_those_of_numpy(dtype: str, high: int, n_channels: int, mode: str, alpha: bool) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, high, (30, 32, n_channels)).astype(dtype)
    image[rng.random((30, 32)) < 0.3] = 1
    image[:9, :9, -1] = 0
    if image.dtype.kind == "f":
        image[5:9, :, 0] = np.nan
        image[0, 0] = np.inf
    with small_blocks(2, 700):
        for result in sweep(image, (2, 300), mode=mode, channel_axis=2, alpha=alpha):
            assert_alike(result.quality, plain(image, result))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u4"])
def test_more_values_than_are_kept_one_by_one(dtype: str) -> None:
    image = (np.random.default_rng(0).random(80_000) * 1e6).astype(dtype)
    if image.dtype.kind != "f":
        image = np.append(image, np.arange(70_000, dtype=dtype))
    else:
        image[:50] = np.nan
    for result in sweep(image, (1, 7, 200)):
        assert not result.samples[0].exact
        expected = plain(image, result)
        # The source's variance is that of the bins' means.
        assert result.quality.explained == pytest.approx(expected.explained, abs=1e-8)
        assert_alike(result.quality, replace(expected, explained=result.quality.explained))


MANY = np.random.default_rng(0).normal(1000, 100, (620, 620, 5))


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (MANY.astype(np.uint16)[..., :3], {"mask": MANY[..., 4] < 1100}),
        (np.dstack([MANY[..., :3], MANY[..., 3] > 900]).astype(np.uint16), {"alpha": True, "ignore": [(None, 950)]}),
        (np.where(MANY > 700, MANY, np.nan).astype(np.float32), {}),
        ((MANY * 16).astype(np.int64).astype(np.uint8)[..., :3], {}),
    ],
    ids=["mask", "alpha", "NaN", "8 bit"],
)
def test_more_colours_than_are_kept_one_by_one(image: np.ndarray, options: dict[str, Any]) -> None:
    learnt = np.isfinite(image).all(axis=-1) & options.get("mask", True)
    n_colors = image.shape[-1] - options.get("alpha", 0)
    if n_colors < image.shape[-1]:
        learnt &= (image[..., -1] > 0) & (image[..., :n_colors] > 950).any(axis=-1)
    for result in sweep(image, (1, 3), mode="color", channel_axis=-1, **options):
        assert not result.samples[0].exact
        x, y = (array[learnt][:, :n_colors].astype(np.float64) for array in (image, result.image))
        assert result.quality.mse == pytest.approx(np.mean((x - y) ** 2), rel=1e-9)
        assert result.quality.explained == pytest.approx(1 - np.mean((x - y) ** 2) / np.var(x), rel=1e-9, abs=1e-9)


def test_what_is_explained_of_many_colours_does_not_depend_on_blocks() -> None:
    image = MANY[..., :3].astype(np.float32)
    (whole,) = sweep(image, (2,), mode="color", channel_axis=-1)
    with small_blocks(2, 100_000):
        (cut,) = sweep(image[::-1], (2,), mode="color", channel_axis=-1)
    assert cut.quality == whole.quality
    (lazy,) = sweep(da.from_array(image, chunks=(250, 620, 3)), (2,), mode="color", channel_axis=-1)
    assert lazy.quality == whole.quality


@given(images(max_values=5))
def test_nothing_is_lost_with_enough_centers(image: np.ndarray) -> None:
    (result,) = sweep(image, (5,))
    quality = result.quality
    assert (quality.mse, quality.rmse, quality.max_error, quality.psnr) == (0, 0, 0, math.inf)
    assert quality.explained == 1
    assert quality.n_values == result.codebook.n_used


@pytest.mark.parametrize(("dtype", "expected"), [("u1", 255.0), ("u2", 100.0), ("i1", 100.0), ("f4", 100.0)])
def test_the_range_of_psnr(dtype: str, expected: float) -> None:
    image = np.array([10, 40, 110], dtype)
    for result in sweep(image, (2,)):
        assert result.quality.data_range == expected
        assert result.quality.mse == 150
        assert result.quality.psnr == pytest.approx(10 * math.log10(expected**2 / 150))


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-160, 1.0, 1e100, 9e149])
def test_very_small_and_very_large_values(scale: float) -> None:
    for result in sweep(np.array([0, 0.4, 1.0] * 100) * scale, (2,)):
        assert result.quality.max_error == pytest.approx(0.2 * scale, rel=1e-3)
        assert result.quality.rmse == pytest.approx(math.sqrt(0.08 / 3) * scale, rel=1e-3)
        assert result.quality.psnr == pytest.approx(10 * math.log10(3 / 0.08), rel=1e-3)


def test_two_centers_that_round_to_one_value() -> None:
    image = np.repeat(np.array([0, 1, 2, 200, 201], np.uint8), [5, 4, 3, 2, 2]).reshape(4, 4)
    for result in sweep(np.stack([image, image.T], -1), (1, 2, 3, 4), channel_axis=2):
        assert_alike(result.quality, plain(np.stack([image, image.T], -1), result))


@given(st.integers(1, 40), st.integers(0, 10**6))
def test_entropy_lies_between_none_and_that_of_even_shares(k: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 50, 200)
    for result in sweep(image, (k,)):
        assert 0 <= result.quality.bits_per_value <= math.log2(result.codebook.n_used) + 1e-12


@given(images([np.dtype("f8")]), st.integers(1, 8))
def test_means_explain_between_nothing_and_everything(image: np.ndarray, k: int) -> None:
    for result in sweep(bounded(image), (k,)):
        assert -1e-12 <= result.quality.explained <= 1


def test_what_is_explained_by_hand() -> None:
    image = np.array([0, 2, 10, 12], np.uint8)  # variance 26; two means leave 1
    one, two, all_four = (result.quality.explained for result in sweep(image, (1, 2, 4)))
    assert (one, two, all_four) == (0, pytest.approx(25 / 26), 1)


@pytest.mark.parametrize("mode", LEVEL_MODES)
def test_channels_differ_from_one_mean(mode: str) -> None:
    image = np.array([[0, 100], [2, 102]], np.uint8)  # about 51: 51² and 49² twice; about 1 and 101: 1
    for result in sweep(image, (1 if mode == "per_channel" else 2,), mode=mode, channel_axis=1):
        assert result.quality.explained == pytest.approx(1 - 1 / ((51**2 + 49**2) / 2))


@pytest.mark.parametrize("value", [0, 7, 255])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "?"])
def test_a_constant_image_is_explained(dtype: str, value: int) -> None:
    for result in sweep(np.full((4, 5), value, dtype), (1, 3)):
        assert result.quality.explained == 1


def test_rounding_can_cost_more_than_one_unrounded_mean() -> None:
    for result in sweep(np.array([0, 0, 0, 1, 1], np.uint8), (1,)):  # variance 0.24; zeros everywhere leave 0.4
        assert result.quality.explained == pytest.approx(1 - 0.4 / 0.24)


@pytest.mark.parametrize("offset", [2**52, 2**53 - 3])
def test_variance_beside_an_offset(offset: int) -> None:
    for result in sweep(np.array([0, 0, 1, 1, 2, 3], np.int64) + offset, (2,)):
        x, y = np.array([0, 0, 1, 1, 2, 3]), result.image - offset
        assert result.quality.explained == pytest.approx(1 - np.mean((x - y) ** 2) / np.var(x))


DEEP = np.random.default_rng(4).integers(1, 4000, (6, 7, 4)).astype(np.uint16)


@pytest.mark.parametrize("options", [{}, {"mask": np.eye(6, 7) > 0}, {"ignore": [(3000, None)]}])
@pytest.mark.parametrize(
    ("image", "channels", "white"),
    [
        (DEEP, {"channel_axis": -1, "alpha": True}, 4095),
        (DEEP[..., :3], {"channel_axis": -1}, 4095),
        (DEEP[..., :3], {"channel_axis": -1, "mode": "color"}, 4095),
        (DEEP[..., :3].astype(np.uint8), {"channel_axis": -1}, 255),
        (DEEP[..., :3] / 4095, {"channel_axis": -1, "mode": "color"}, 1),
        (DEEP[..., :3].astype(np.int16), {"channel_axis": -1}, 32767),
        (DEEP, {"channel_axis": -1}, None),
        (DEEP[..., :2], {"channel_axis": -1, "mode": "color"}, None),
        (DEEP[..., 0], {}, None),
    ],
)
def test_images_of_three_channels_have_the_white_of_the_whole(
    image: np.ndarray, channels: dict[str, Any], options: dict[str, Any], white: float | None
) -> None:
    learnt = next(sweep(image, [2], **channels, **options))
    applied = transfer(image, learnt.codebook, mask=options.get("mask"))
    assert (learnt.quality.white, applied.quality.white) == (white, white)
