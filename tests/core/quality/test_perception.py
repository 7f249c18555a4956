"""What people see of a loss: as plain computations find it, window by window and pixel by pixel."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import small_blocks
from perception_oracles import ciede2000, lab, plain_ssim
from skimage.color import rgb2lab
from skimage.data import astronaut, camera
from skimage.metrics import structural_similarity
from slow_cases import slow_except

from napari_quantize import quantize, sweep
from napari_quantize.core.quality.perception import delta_e, delta_e_map, ssim

PHOTO, GRAY = astronaut()[60:190:2, 150:290:2], camera()[100:200:2, 180:300:2]


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "i2", "i4", "f2", "f4", ">f8"])
def test_ssim_of_one_channel(dtype: str, n_threads: int) -> None:
    source = (GRAY // 2).astype(dtype)
    result = quantize(source, 3)
    data_range = 255 if dtype == "u1" else float(source.max()) - float(source.min())
    with small_blocks(n_threads):
        found = ssim(source, result)
    assert found == pytest.approx(plain_ssim(source, result, data_range), rel=1e-9)
    assert type(found) is float


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_ssim_of_channels_is_their_mean(axis: int) -> None:
    result = quantize(PHOTO, 4, mode="per_channel", channel_axis=-1)
    expected = np.mean([plain_ssim(PHOTO[..., c], result[..., c], 255) for c in range(3)])
    found = ssim(np.moveaxis(PHOTO, -1, axis), np.moveaxis(result, -1, axis), channel_axis=axis)
    assert found == pytest.approx(expected, rel=1e-9)


def test_ssim_is_that_of_scikit_image() -> None:
    source = camera()
    result = quantize(source, 6)
    expected = structural_similarity(
        source, result, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(source, result) == pytest.approx(expected, rel=1e-12)


def with_hole(photo: np.ndarray) -> np.ndarray:
    """A photo with an alpha of 0, of 1 and of 255."""
    alpha = np.full((*photo.shape[:2], 1), 255, photo.dtype)
    alpha[:20], alpha[30:34, 30:31], alpha[40:] = 0, 0, 1
    return np.concatenate([photo, alpha], axis=-1)


def test_ssim_does_not_see_what_is_hidden() -> None:
    source = with_hole(PHOTO)
    hidden = source[..., 3] == 0
    result = quantize(source, 4, channel_axis=2, alpha=True)
    expected = np.mean([plain_ssim(source[..., c], result[..., c], 255, ~hidden) for c in range(3)])
    found = ssim(source, result, channel_axis=2, alpha=True)
    assert found == pytest.approx(expected, rel=1e-9)
    result[hidden] = 99
    assert ssim(source, result, channel_axis=2, alpha=True) == found
    floats, outputs = source.astype("f4"), result.astype("f4")
    found = ssim(floats, outputs, channel_axis=2, alpha=True)
    floats[hidden, :3], outputs[hidden, :3] = np.nan, np.inf
    assert ssim(floats, outputs, channel_axis=2, alpha=True) == found


planes = arrays(
    st.sampled_from(["u1", "i2", "f4", "f8", "?"]),
    st.tuples(st.integers(11, 30), st.integers(11, 14)),
    fill=st.nothing(),
)


@given(planes.filter(lambda plane: np.isfinite(plane).all() and np.abs(plane.astype(float)).max() < 1e150))
def test_ssim_of_equal_images_is_1(plane: np.ndarray) -> None:
    assert ssim(plane, plane.copy()) == 1


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(1, 2))
def test_ssim_is_symmetric_at_most_1_and_the_same_in_blocks(seed: int, block: int, n_threads: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 256, (2, 100, 12)).astype(np.uint8)
    found = ssim(one, other)
    assert -1 <= found < 1
    assert ssim(other, one) == pytest.approx(found, rel=1e-12)
    with small_blocks(n_threads, block):
        assert ssim(one, other) == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-310, 1e-100, 1e100, 1e147])
def test_ssim_has_no_unit(scale: float) -> None:
    source, result = GRAY.astype(float), quantize(GRAY, 3).astype(float)
    assert ssim(source * scale, result * scale) == pytest.approx(ssim(source, result), rel=1e-9)


@pytest.mark.parametrize("offset", [-1e10, -1e8, -1e3, 1e3, 1e5, 1e6, 1e8, 1e10])
def test_ssim_beside_an_offset(offset: float) -> None:
    source, result = GRAY + offset, quantize(GRAY, 3) + offset
    assert ssim(source, result) == pytest.approx(plain_ssim(source, result, np.ptp(source)), rel=1e-7)


def test_ssim_of_constant_images() -> None:
    assert ssim(np.full((11, 11), 0.5), np.full((11, 11), 0.5)) == 1
    assert ssim(np.full((11, 11), 7, "u1"), np.full((11, 11), 9, "u1")) == pytest.approx(
        (2 * 7 * 9 + 2.55**2) / (7**2 + 9**2 + 2.55**2)
    )


def holding(value: float) -> np.ndarray:
    image = np.arange(400.0).reshape(20, 20)
    image[3, 4] = value
    return image


SMALL, WIDE, CLEAR = np.zeros((10, 30)), np.zeros((30, 30)), np.zeros((30, 30, 4))
BAD_FOR_SSIM = [
    (SMALL, SMALL, {}, ValueError, "SSIM looks through 11 × 11 pixels: the image has 10 × 30"),
    (WIDE, SMALL, {}, ValueError, r"shape \(30, 30\) and dtype float64 differ from \(10, 30\) and float64"),
    (WIDE, WIDE.astype("f4"), {}, ValueError, r"dtype float64 differ from \(30, 30\) and float32"),
    (CLEAR, CLEAR, {}, ValueError, r"planes with 2 axes beside the channels': this image has 3 \(30 × 30 × 4\)"),
    (WIDE, WIDE, {"channel_axis": 0}, ValueError, r"this image has 1 \(30\)"),
    (CLEAR, CLEAR, {"channel_axis": 2, "alpha": True}, ValueError, "needs 11 × 11 pixels without a transparent one"),
    (holding(np.nan), holding(0), {}, ValueError, "the source holds NaN or infinities"),
    (holding(0), holding(-np.inf), {}, ValueError, "the result holds NaN or infinities"),
    (holding(-2e150), holding(0), {}, ValueError, r"the source holds -2e\+150: values beyond 1e150"),
    (WIDE, WIDE + 1, {}, ValueError, "the source holds 0 only and the result does not"),
    (np.zeros((0, 3)), WIDE, {}, ValueError, r"image is empty: its shape is \(0, 3\)"),
    (WIDE, WIDE, {"channel_axis": 2}, ValueError, "channel_axis=2 is out of range"),
    (WIDE, WIDE, {"alpha": True}, ValueError, "alpha=True needs channel_axis"),
    (WIDE.astype(complex), WIDE, {}, TypeError, "images of dtype complex128"),
]


@pytest.mark.parametrize(("source", "result", "arguments", "error", "message"), BAD_FOR_SSIM)
def test_ssim_names_bad_input(
    source: np.ndarray, result: np.ndarray, arguments: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ssim(source, result, **arguments)


SHARMA = [  # of the article's test data
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "expected"), SHARMA)
def test_the_plain_computation_is_that_of_the_article(one: tuple, other: tuple, expected: float) -> None:
    assert ciede2000(one, other) == pytest.approx(expected, abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(expected, abs=5e-5)


def plain_delta_e(source: np.ndarray, result: np.ndarray) -> tuple[float, float]:
    top = np.iinfo(source.dtype).max if source.dtype.kind == "u" else 1.0
    pairs = zip(
        source.reshape(-1, source.shape[-1]).tolist(), result.reshape(-1, result.shape[-1]).tolist(), strict=True
    )
    found = sorted(
        ciede2000(lab([x / top for x in one[:3]]), lab([x / top for x in other[:3]]))
        for one, other in pairs
        if one[3:] != [0]
    )
    return sum(found) / len(found), found[math.ceil(95 * len(found) / 100) - 1]


RGB = [
    PHOTO,
    PHOTO.astype("<u2") * 257,
    (PHOTO.astype("<u2") * 257).astype(">u2"),
    (PHOTO / 255).astype("f4"),
    PHOTO / 255,
]


@pytest.mark.parametrize("k", slow_except([1, 2, 5, 40], 2, 40))
@pytest.mark.parametrize("source", RGB, ids=lambda image: image.dtype.str)
def test_delta_e_of_photos(source: np.ndarray, k: int) -> None:
    result = quantize(source, k, mode="per_channel", channel_axis=2)
    with small_blocks(2, 4000):
        found = delta_e(source, result)
    assert tuple(found) == pytest.approx(plain_delta_e(source, result), rel=1e-5, abs=1e-6)
    assert all(type(figure) is float for figure in found)


@given(st.integers(1, 60), st.integers(0, 2**32), st.booleans(), st.integers(1, 2))
def test_delta_e_of_any_colours(n: int, seed: int, alpha: bool, n_threads: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 256, (2, n, 4 if alpha else 3)).astype(np.uint8)
    one[:, 3:] %= 2
    one[:, 3:][0] = 1
    with small_blocks(n_threads):
        found = delta_e(one, other)
    assert tuple(found) == pytest.approx(plain_delta_e(one, other), rel=1e-6, abs=1e-9)


@given(st.integers(1, 60), st.integers(0, 2**32), st.sampled_from(["u1", "u2", "f4", "f8"]))
def test_delta_e_of_equal_images_is_0(n: int, seed: int, dtype: str) -> None:
    colors = np.random.default_rng(seed).random((n, 3))
    colors = (colors if dtype[0] == "f" else colors * 255).astype(dtype)
    assert delta_e(colors, colors.copy()) == (0, 0)


def test_equal_colors_differ_by_0_even_where_their_conversion_is_rounded_by_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def rounded_by_position(rgb: np.ndarray) -> np.ndarray:
        lab: np.ndarray = rgb2lab(rgb)
        return lab * (1 + 1e-15 * np.arange(lab.size).reshape(lab.shape))

    monkeypatch.setattr("skimage.color.rgb2lab", rounded_by_position)
    colors = np.random.default_rng(0).random((20, 3))
    assert delta_e(colors, colors.copy()) == (0, 0)
    assert delta_e_map(colors, colors.copy()).max() == 0


def test_what_is_transparent_is_left_out() -> None:
    source = with_hole(PHOTO)
    hidden = source[..., 3] == 0
    result = quantize(source, 4, channel_axis=2, alpha=True)
    found = delta_e(source, result)
    assert found == pytest.approx(plain_delta_e(source, result), rel=1e-6)
    result[hidden] = 77
    assert delta_e(source, result) == found
    floats = source / 255
    floats[hidden, :3] = np.nan
    assert delta_e(floats, floats) == (0, 0)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_the_map_holds_the_difference_of_each_pixel(dtype: str) -> None:
    top = {"u1": 1, "u2": 257, "f4": 1 / 255}[dtype]
    source = (with_hole(PHOTO) * float(top)).astype(dtype)
    result = quantize(source, 4, channel_axis=2, alpha=True)
    visible = source[..., 3] != 0
    found = delta_e_map(source, result)
    assert found.shape == visible.shape
    assert found.dtype == np.float32
    assert not found[~visible].any()
    assert found[visible].mean(dtype=float) == pytest.approx(delta_e(source, result).mean, rel=1e-6)
    for row, column in ((0, 0), (5, 7), (-1, -1)):
        pixel = slice(row, row + 1 or None), slice(column, column + 1 or None)
        if visible[row, column]:
            assert found[row, column] == pytest.approx(delta_e(source[pixel], result[pixel]).mean, rel=1e-5)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_the_map_is_nan_where_there_is_no_colour(dtype: str) -> None:
    source = (PHOTO / 255).astype(dtype)
    result = quantize(source, 4, channel_axis=2)
    expected = delta_e_map(source, result)
    for row, value in enumerate((np.nan, np.inf, -np.inf)):
        source[row, 3, 1] = result[row, 5, 2] = value
        expected[row, 3] = expected[row, 5] = np.nan
    np.testing.assert_array_equal(delta_e_map(source, result), expected)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("color", [(1, 0, 0), (1, 0, 0, 1), (1, 0, 0, 0)])
def test_a_single_pixel_has_a_map_of_one_number(color: tuple[int, ...], dtype: str) -> None:
    source = np.array(color, dtype) * np.array(1 if dtype == "f4" else np.iinfo(dtype).max, dtype)
    result = source[[1, 0, *range(2, len(source))]]
    found = delta_e_map(source, result)
    assert (found.shape, found.dtype) == ((), np.float32)
    assert float(found) == (0 if color[3:] == (0,) else pytest.approx(delta_e(source, result).mean))


@pytest.mark.parametrize("n_moved", [0, 1, 4, 5, 6, 50, 100])
def test_the_percentile_counts_pixels(n_moved: int) -> None:
    source = np.zeros((100, 3), np.uint8)
    result = source.copy()
    result[:n_moved] = 255
    found = delta_e(source, result)
    assert found.mean == pytest.approx(n_moved, abs=1e-3)  # black and white differ by 100
    assert found.p95 == pytest.approx(100 if n_moved > 5 else 0, abs=0.01)


@pytest.mark.parametrize("byte_order", "<>")
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_a_camera_of_fewer_bits_has_the_same_colour_differences(bits: int, alpha: bool, byte_order: str) -> None:
    rng, top = np.random.default_rng(bits), 2**bits - 1
    source = rng.integers(0, top, (9, 8, 3), endpoint=True).astype(f"{byte_order}u2")
    source[0, 0, 0] = top
    if alpha:
        source = np.dstack([source, np.full((9, 8), 65535, source.dtype)])
        source[1, 1] = (65535, 65535, 65535, 0)  # what cannot be seen does not tell the white
    result = (source - source % (top // 20)).astype(source.dtype)
    wide = [np.rint(image[..., :3] * (65535 / top)).astype("u2") for image in (source, result)]
    visible = source[..., 3] != 0 if alpha else np.full((9, 8), True)
    expected = delta_e_map(wide[0], wide[1], white=65535)[visible]
    found = delta_e(source, result)
    assert found.mean == pytest.approx(expected.mean(), rel=1e-3)
    assert delta_e_map(source, result)[visible].mean(dtype=float) == pytest.approx(found.mean, rel=1e-6)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_part_has_the_white_of_the_whole(n_threads: int) -> None:
    whole = np.random.default_rng(0).integers(0, 4096, (20, 8, 3)).astype(np.uint16)
    whole[:10] //= 20
    result = whole // 50 * 50
    with small_blocks(n_threads):
        white = white_of_result(whole)
        halves = [delta_e(whole[part], result[part], white=white).mean for part in np.s_[:10, 10:]]
        assert np.mean(halves) == pytest.approx(delta_e(whole, result).mean)
        assert delta_e_map(whole[:10], result[:10], white=white) == pytest.approx(delta_e_map(whole, result)[:10])


def white_of_result(image: np.ndarray) -> float | None:
    """The white that a result knows, also if it was learnt from the dark part alone."""
    mask = np.zeros(image.shape[:2], bool)
    mask[0] = True
    [result] = sweep(image, [2], channel_axis=2, mask=mask)
    return result.quality.white


def test_what_is_brighter_than_white_is_white() -> None:
    source = np.full((1, 1, 3), 4095, np.uint16)
    assert delta_e(source, source + 9000) == (0, 0)


COLORS = np.zeros((4, 5, 3), np.uint8)
TOO_BRIGHT, NO_COLOR = np.full((4, 5, 3), 1.5), np.full((4, 5, 3), np.nan)
BAD_FOR_DELTA_E = [
    (COLORS[..., :2], COLORS[..., :2], ValueError, r"3 or 4 channels along the last axis: the shape is \(4, 5, 2\)"),
    (np.uint8(3), np.uint8(3), ValueError, r"the shape is \(\)"),
    (COLORS, COLORS[1:], ValueError, r"shape \(4, 5, 3\) and dtype uint8 differ from \(3, 5, 3\) and uint8"),
    (COLORS, COLORS.astype("u2"), ValueError, "dtype uint8 differ from .* uint16"),
    (COLORS.astype("i4"), COLORS.astype("i4"), TypeError, "need uint8, uint16 or floats from 0 to 1, not int32"),
    (COLORS.astype(bool), COLORS.astype(bool), TypeError, "not bool"),
    (TOO_BRIGHT, TOO_BRIGHT, ValueError, "floats must lie from 0 to 1: the images hold 1.5"),
    (COLORS / 1, COLORS - 0.5, ValueError, "the images hold -0.5"),
    (NO_COLOR, NO_COLOR, ValueError, "the images hold nan"),
    (np.zeros((4, 5, 4)), np.zeros((4, 5, 4)), ValueError, "all pixels are transparent"),
    (COLORS[:0], COLORS[:0], ValueError, "image is empty"),
]


@pytest.mark.parametrize(("source", "result", "error", "message"), BAD_FOR_DELTA_E)
def test_delta_e_names_bad_input(source: np.ndarray, result: np.ndarray, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        delta_e(source, result)
    if message not in ("all pixels are transparent", "the images hold nan"):  # in a map these pixels are 0 and NaN
        with pytest.raises(error, match=message):
            delta_e_map(source, result)


def test_a_sweep_loads_nothing_for_it() -> None:
    code = (
        "import sys, numpy as np, napari_quantize.core.quality.perception, napari_quantize.core.quality.noise\n"
        "list(napari_quantize.sweep(np.arange(900).reshape(30, 30), (2,)))\n"
        "print('skimage' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False"], done.stderr


@pytest.mark.parametrize("white", [0, -1, math.nan, math.inf])
def test_white_is_a_finite_number_above_0(white: float) -> None:
    colors = np.zeros((4, 3), np.uint16)
    for call in (delta_e, delta_e_map):
        with pytest.raises(ValueError, match=rf"^white={white:g} must be a finite number above 0$"):
            call(colors, colors, white=white)
