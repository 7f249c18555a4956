"""Colour mode: every pixel gets the exactly nearest center, palettes are good, and nothing about the image is lost."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
import skimage.data
from color_oracles import assert_exact, nearest, vectors
from hypothesis import assume, given
from oracles import FLOATS, INTEGERS, channel_images, same_bytes, small_blocks
from sklearn.cluster import KMeans
from slow_cases import slow_except

from napari_quantize import Codebook, fit, quantize, sweep
from napari_quantize.core.lookup.color_spaces import by_luminance
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Request, no_tick
from napari_quantize.core.samples import colors as color_samples
from napari_quantize.core.samples import samples as samples_module
from napari_quantize.core.samples.colors import coarsen, count_colors

RNG = np.random.default_rng(0)


def cost(rows: np.ndarray, centers: np.ndarray) -> float:
    return float(((rows - centers[nearest(rows, centers)]) ** 2).sum(axis=1).mean())


def bounded(image: np.ndarray) -> np.ndarray:
    """The image without numbers that differ by so much that brute force itself would round."""
    if image.dtype.kind == "b":
        return image
    plain = np.array(image)
    with np.errstate(invalid="ignore"):
        large = np.abs(plain.astype(np.float64)) > 1e6
        small = np.abs(plain.astype(np.float64)) < 1e-6
    plain[large & np.isfinite(plain.astype(np.float64))] = 7
    plain[small] = 0
    return plain


@given(channel_images(), st.integers(1, 9), st.booleans(), st.integers(1, 3))
def test_every_pixel_gets_the_nearest_center(
    case: tuple[np.ndarray, int], k: int, binned: bool, n_threads: int
) -> None:
    image, axis = bounded(case[0]), case[1]
    assume(np.isfinite(vectors(image, axis)).all(axis=1).any())
    with small_blocks(n_threads), pytest.MonkeyPatch.context() as patch:
        if binned:
            patch.setattr(color_samples, "MAX_COLORS", 16)  # as many cells as 4 channels have at least
        codebook = fit(image, k, mode="color", channel_axis=axis)
    assert 1 <= codebook.n_used <= k
    assert same_bytes(codebook.centers, by_luminance(codebook.centers))
    assert_exact(image, codebook, axis)


@pytest.mark.parametrize("k", slow_except([2, 17, 256, 1500], 2, 256))
@pytest.mark.parametrize("kind", ["photo", "16 bit", "float", "five channels", "signed", "two channels", "alike"])
def test_larger_images_against_brute_force(kind: str, k: int) -> None:
    photo = skimage.data.astronaut()[::10, ::10]
    image = {
        "photo": photo,
        "16 bit": photo.astype(np.uint16) * 257 + RNG.integers(0, 99, photo.shape).astype(np.uint16),
        "float": (photo / 255).astype(np.float32),
        "five channels": RNG.normal(1000, 300, (50, 50, 5)).astype(np.uint16),
        "signed": RNG.integers(-128, 128, (50, 50, 3)).astype(np.int8),
        "two channels": np.ascontiguousarray(photo[..., :2]),
        "alike": 100 + RNG.integers(0, 6, (50, 50, 3)).astype(np.uint8),  # many distances are the same
    }[kind]
    codebook = fit(image, k, mode="color", channel_axis=-1)
    n_colors = len(np.unique(vectors(image), axis=0))
    assert codebook.n_used == min(k, n_colors)
    codes = codebook.encode(image)
    assert np.bincount(codes.ravel(), minlength=codebook.n_used).all()  # each center has a colour of its own
    assert_exact(image, codebook)


def test_centers_that_are_equally_near() -> None:
    corners = np.array([[0, 0, 0], [0, 0, 2], [0, 2, 0], [2, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [2, 2, 2]], float)
    book = fit(corners[np.newaxis].astype(np.uint8), 8, mode="color", channel_axis=-1)
    middle = np.stack(np.meshgrid(*[np.arange(4, dtype=np.uint8)] * 3), axis=-1)
    assert_exact(middle, book)


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS, ids=str)
def test_every_dtype_gets_the_nearest_centers(dtype: np.dtype) -> None:
    image = RNG.integers(0, 2 if dtype.kind == "b" else 120, (40, 50, 3)).astype(dtype)
    assert_exact(image, fit(image, 7, mode="color", channel_axis=-1))


@pytest.mark.parametrize("k", [3, 16, 100])
@pytest.mark.parametrize("name", ["astronaut", "coffee", "immunohistochemistry", "hubble_deep_field", "retina"])
def test_palettes_are_as_good_as_those_of_scikit_learn(name: str, k: int) -> None:
    photo = getattr(skimage.data, name)()
    step = len(photo) // 90
    image = photo[::step, ::step]
    colors, counts = np.unique(vectors(image), axis=0, return_counts=True)
    plain = KMeans(k, n_init=1, random_state=0).fit(colors, sample_weight=counts)
    rows = vectors(image)
    assert cost(rows, fit(image, k, mode="color", channel_axis=-1).centers) <= 1.06 * cost(rows, plain.cluster_centers_)


def test_small_but_important_colours_survive() -> None:
    image = np.clip(RNG.normal(40, 3, (200, 200, 3)), 0, 255).astype(np.uint8)
    image[:4, :4] = (250, 10, 10)
    result = quantize(image, 4, mode="color", channel_axis=-1)
    assert np.abs(result[:4, :4].astype(int) - (250, 10, 10)).max() <= 1


def test_k_of_all_colours_is_lossless() -> None:
    for dtype in ("u1", ">u2", "f4", "i8"):
        image = RNG.integers(0, 5, (30, 30, 3)).astype(dtype)
        [result] = sweep(image, [500], mode="color", channel_axis=-1)
        assert same_bytes(result.image, image)
        assert result.quality.mse == result.quality.max_error == 0.0
        assert result.codebook.n_used == len(np.unique(image.reshape(-1, 3), axis=0))


def test_alpha_is_kept_and_not_learnt() -> None:
    image = np.concatenate([RNG.integers(0, 255, (40, 40, 3)), RNG.integers(0, 3, (40, 40, 1)) * 100], -1).astype("u1")
    shown = image[..., -1] > 0
    image[~shown, :3] = (255, 0, 255)
    codebook = fit(image, 6, mode="color", channel_axis=-1, alpha=True)
    opaque = np.ascontiguousarray(image[shown][np.newaxis, :, :3])
    assert same_bytes(codebook.centers, fit(opaque, 6, mode="color", channel_axis=-1).centers)
    result = codebook.apply(image)
    assert np.array_equal(result[..., -1], image[..., -1])
    assert same_bytes(result[~shown], image[~shown])
    codes = codebook.encode(image)
    assert (codes[~shown] == 6).all()
    assert np.array_equal(codes[shown], nearest(image[shown][:, :3].astype(float), codebook.centers))


def test_what_is_learnt_from() -> None:
    image = RNG.integers(0, 200, (30, 40, 3)).astype(np.uint8)
    image[:10] = 0
    mask = np.zeros((30, 40), dtype=bool)
    mask[5:, 7:] = True
    part = np.ascontiguousarray(image[5:, 7:])
    masked = fit(image, 5, mode="color", channel_axis=-1, mask=mask)
    assert same_bytes(masked.centers, fit(part, 5, mode="color", channel_axis=-1).centers)
    for dtype in ("u1", "f4"):
        ignoring = fit(image.astype(dtype), 5, mode="color", channel_axis=-1, ignore=[0])
        rest = np.ascontiguousarray(image[(image > 0).any(axis=-1)][np.newaxis]).astype(dtype)
        assert np.allclose(ignoring.centers, fit(rest, 5, mode="color", channel_axis=-1).centers)


@pytest.mark.parametrize("n_channels", [3, 4])
@pytest.mark.parametrize("dtype", ["u2", "f4"])
@pytest.mark.parametrize("limit", [2**18, 300])
def test_the_range_is_that_of_colors_that_take_part(
    dtype: str, limit: int, n_channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(color_samples, "MAX_COLORS", limit)
    image = np.random.default_rng(0).integers(10, 200, (30, 40, n_channels)).astype(dtype)
    image[:10] = 0
    if dtype == "f4":
        image[12, :, 0], image[12, :, 1] = np.nan, 900
    [result] = sweep(image, [5], mode="color", channel_axis=-1, ignore=[0])
    part = image[13:]
    assert result.quality.data_range == part.max() - part.min()


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("limit", [2**18, 300])
def test_figures_of_loss_are_those_of_all_pixels(dtype: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(color_samples, "MAX_COLORS", limit)
    image = skimage.data.coffee()[::9, ::9].astype(dtype)
    [result] = sweep(image, [12], mode="color", channel_axis=-1)
    quality, codes = result.quality, result.codebook.encode(image)
    error = vectors(image) - vectors(result.image)
    shares = np.bincount(codes.ravel()) / codes.size
    assert quality.mse == pytest.approx((error**2).mean())
    assert quality.mse_per_pixel == pytest.approx((error**2).sum(axis=1).mean())
    assert quality.max_error == pytest.approx(np.abs(error).max())
    assert quality.bits_per_pixel == pytest.approx(-(shares * np.log2(shares)).sum())
    assert quality.bits_per_value == pytest.approx(quality.bits_per_pixel / 3)
    assert quality.n_colors == len(np.unique(vectors(result.image), axis=0))
    assert quality.n_values == len(np.unique(result.image))
    assert quality.excess is None


def test_colours_are_counted_exactly_or_by_their_means() -> None:
    image = RNG.integers(0, 4, (50, 60, 3)).astype(np.uint8)
    exact = count_colors(Pixels.of(image, -1), no_tick)
    colors, counts = np.unique(vectors(image), axis=0, return_counts=True)
    assert np.array_equal(exact.values, colors)
    assert np.array_equal(exact.counts, counts)
    photo = skimage.data.astronaut()
    full = count_colors(Pixels.of(photo, -1), no_tick)
    mean = vectors(photo).mean(axis=0)
    for fewer, limit in zip(coarsen(full, photo.dtype, (20_000, 900), no_tick), (20_000, 900), strict=True):
        assert len(fewer.values) <= limit
        assert fewer.total == full.total
        assert np.allclose(np.average(fewer.values, axis=0, weights=fewer.counts), mean)


def test_codebooks_are_saved_and_read(tmp_path: object) -> None:
    codebook = fit(skimage.data.coffee()[::9, ::9], 9, mode="color", channel_axis=-1)
    codebook.save(tmp_path / "palette.json")
    assert Codebook.load(tmp_path / "palette.json") == codebook


BAD = [
    ({}, "mode='color' needs channel_axis: colours are the vectors along it"),
    (
        {"channel_axis": -1, "method": "exact"},
        "method='exact' is for single values: mode='color' takes 'minibatch' or 'lloyd'",
    ),
    ({"channel_axis": 0}, r"mode='color' takes 2 to 16 channels, but shape \(40, 40, 3\) has 40"),
    ({"channel_axis": 3}, "channel_axis=3 is out of range"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=str)
def test_bad_requests_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(np.zeros((40, 40, 3), np.uint8), 4, mode="color", **options)


def test_images_that_do_not_fit() -> None:
    codebook = fit(RNG.integers(0, 255, (9, 9, 3)).astype(np.uint8), 4, mode="color", channel_axis=-1)
    with pytest.raises(ValueError, match="the image has 2 channels, but the codebook has 3"):
        codebook.apply(np.zeros((9, 9, 2), np.uint8))
    with pytest.raises(ValueError, match="no visible pixel that is finite in all channels"):
        fit(np.array([[[np.nan, 1.0], [1.0, np.nan]]]), 2, mode="color", channel_axis=-1)


@pytest.mark.parametrize(
    "change", [{"levels": [[[1, 2, 3], [1, 2]]]}, {"levels": [[[1, 2], [1, 2]]]}, {"levels": [[1]]}]
)
def test_bad_codebooks_are_refused(change: dict[str, object]) -> None:
    codebook = fit(RNG.integers(0, 255, (9, 9, 2)).astype(np.uint8), 4, mode="color", channel_axis=-1)
    with pytest.raises(ValueError, match=r"colours (differ|must)|in place of a list"):
        Codebook.from_dict({**codebook.to_dict(), **change})


def test_lloyd_is_exact_and_repeatable() -> None:
    image = skimage.data.coffee()[::9, ::9]
    codebook = fit(image, 8, mode="color", channel_axis=-1, method="lloyd")
    assert_exact(image, codebook)
    assert codebook == fit(image, 8, mode="color", channel_axis=-1, method="lloyd")


@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
@pytest.mark.parametrize(("offset", "spread"), [(1e6, 1e-7), (1.0, 1e-9)])
def test_colours_closer_together_than_distances_are_resolved(offset: float, spread: float, method: str) -> None:
    # Beside a distant colour, the squares of the others' distances from the mean hide the distances between them.
    near = offset + spread * np.random.default_rng(0).integers(-3, 4, (25, 2)) / 3
    image = np.concatenate((near, np.zeros((1, 2))))
    n_colors = len(np.unique(image, axis=0))
    for k in range(2, n_colors + 1):
        codebook = fit(image, k, mode="color", channel_axis=-1, method=method)
        assert codebook.n_used == k
        assert codebook.apply(image)[-1].tolist() == [0, 0]


@pytest.mark.parametrize("keep", [(), ((1e6, 1e6), (0.0, 0.0), (5.0, 5.0), (1e6, 7.0))])
@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
def test_colours_that_balanced_distances_cannot_tell_apart(method: str, keep: tuple[tuple[float, float], ...]) -> None:
    # Divided by their range of three steps of float64, neighbouring values round to the same coordinate.
    steps = 1e6 + np.spacing(1e6) * np.arange(4)
    image = np.stack(np.meshgrid(steps, steps), axis=-1)
    n_colors = len(np.unique(np.concatenate((image.reshape(-1, 2), np.array(keep).reshape(-1, 2))), axis=0))
    for k in range(max(2, len(keep)), n_colors + 1):
        codebook = fit(image, k, mode="color", channel_axis=-1, balance=True, method=method, keep=keep)
        assert codebook.n_used == k


def test_colors_far_from_all_centers_have_one_center_wherever_they_stand() -> None:
    centers = np.array(
        [
            [0.5755369422007723, 0.41261364043167303],
            [0.8755369422007724, 0.41261364043167303],
            [0.8499792529185087, 0.8569327803748287],
            [0.27865878178265846, 0.5084597511107251],
            [0.051113866582178424, 0.749977588168339],
            [0.7425427160304169, 0.6506690400472956],
            [0.3782148133732426, 0.4223508966303555],
        ]
    )
    codebook = Codebook(7, (centers,), np.dtype("f8"), Request("color", -1, method="given"))
    color = np.array([0.725537877512543, -121387541.470757])
    distances = [sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(color, c, strict=True)) for c in centers]
    expected = distances.index(min(distances))
    for n in (1, 2, 3, 64):
        assert (codebook.encode(np.tile(color, (n, 1))) == expected).all()


@given(st.integers(0, 2**32), st.floats(1, 1e12), st.integers(2, 6))
def test_far_colors_do_not_depend_on_their_neighbours(seed: int, far: float, n_channels: int) -> None:
    rng = np.random.default_rng(seed)
    centers = np.unique(rng.integers(0, 9, (8, n_channels)).astype("f8"), axis=0)
    codebook = Codebook(len(centers), (centers,), np.dtype("f8"), Request("color", -1, method="given"))
    apart = centers[1] - centers[0]
    ways = rng.normal(size=(20, n_channels))
    ways -= np.outer(ways @ apart, apart) / (apart @ apart)  # along which both centers stay equally near
    colors = (centers[0] + centers[1]) / 2 + far * ways
    assert [codebook.encode(color[np.newaxis])[0] for color in colors] == codebook.encode(colors).tolist()


def test_colors_beyond_1e150_have_the_nearest_center() -> None:
    codebook = Codebook(2, (np.array([[0.0, 0], [1, 0]]),), np.dtype("f8"), Request("color", -1, method="given"))
    colors = np.array([[1e100, 0], [1e153, 0], [1e200, 0], [1e308, 1e308], [-1e308, 0], [-1e200, 1e300]])
    assert codebook.encode(colors).tolist() == [1, 1, 1, 1, 0, 0]


@given(
    st.integers(0, 2**32),
    st.sampled_from([1e-150, 1e-30, 1, 1e100, 1e149]),
    st.sampled_from([1e-10, 1, 30, 1e3, 1e9, 1e100, 1e158]),
)
def test_colors_of_any_size_have_the_nearest_center(seed: int, unit: float, ratio: float) -> None:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(6, 3)) * unit
    codebook = Codebook(6, (centers,), np.dtype("f8"), Request("color", -1, method="given"))
    for color, index in zip(colors := rng.normal(size=(9, 3)) * (unit * ratio), codebook.encode(colors), strict=True):
        exact = [[Fraction(c) - Fraction(x) for c, x in zip(center, color, strict=True)] for center in centers]
        distances = [sum(step**2 for step in steps) for steps in exact]
        rounding = Fraction(2e-15 * unit) * Fraction(np.abs(color).max() + unit)
        assert distances[index] <= min(distances) + rounding


@given(st.integers(0, 2**32), st.sampled_from(["u1", "u2", "i4", "f4", "f8"]), st.sampled_from([2, 3, 4]))
def test_of_equally_near_centers_the_first_is_taken(seed: int, dtype: str, n_channels: int) -> None:
    rng = np.random.default_rng(seed)
    centers = np.unique(rng.integers(0, 4, (9, n_channels)), axis=0)
    rng.shuffle(centers)
    codebook = Codebook(len(centers), (centers.astype("f8"),), np.dtype(dtype), Request("color", -1, method="given"))
    colors = np.concatenate([rng.integers(0, high, (200, n_channels)) for high in (4, 20, 126)])
    distances = ((colors[:, np.newaxis] - centers) ** 2).sum(axis=2)
    np.testing.assert_array_equal(codebook.encode(colors.astype(dtype)), distances.argmin(axis=1))


@pytest.mark.parametrize("n_channels", [3, 4])
def test_any_byte_but_0_is_true(n_channels: int) -> None:
    colors = np.array([[255, 0, 1, 1], [1, 0, 255, 1], [1, 0, 1, 1], [0, 0, 0, 0]], np.uint8)[:, :n_channels]
    codebook = fit(colors.view(bool), 4, mode="color", channel_axis=-1)
    assert codebook.centers.tolist() == np.unique(colors > 0, axis=0).tolist()


@pytest.mark.parametrize("limit", [10, 65_536])
def test_colors_of_which_none_is_finite(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples_module, "MAX_DISTINCT", limit)
    image = RNG.random((60, 60, 2)).astype("f4")
    image[::2, :, 0] = image[1::2, :, 1] = np.nan
    with pytest.raises(ValueError, match=r"^the image has no visible pixel that is finite in all channels$"):
        fit(image, 2, mode="color", channel_axis=-1)


@pytest.mark.parametrize("n", [3_000, 300_000])  # each colour is kept, and cells of colours
@pytest.mark.parametrize("outlier", [1e3, 1e6, 1e8, -1e8])
def test_an_outlier_costs_the_other_colours_no_more_than_one(n: int, outlier: float) -> None:
    image = np.random.default_rng(n).random((n, 3)).astype(np.float32)
    plain = fit(image, 8, mode="color", channel_axis=-1)
    with_outlier = image.copy()
    with_outlier[5] = outlier
    codebook = fit(with_outlier, 9, mode="color", channel_axis=-1)
    assert codebook.n_used == 9
    others = codebook.levels[0][np.abs(codebook.levels[0]).max(axis=1) < 2]
    assert len(others) == 8
    assert cost(image[:3_000], others) < 1.05 * cost(image[:3_000], plain.levels[0])


def alike(kind: str) -> np.ndarray:
    """Colours whose channels are much alike, too many to keep each of them."""
    rng = np.random.default_rng(0)
    if kind == "grey floats":
        return np.repeat(rng.random((70_000, 1)).astype(np.float32), 3, axis=1)
    values = rng.integers(0, 65_535, (300_000, 1)) + rng.normal(0, 60, (300_000, 3))
    return np.clip(values, 0, 65_535).astype(np.uint16)


@pytest.mark.parametrize("kind", ["grey floats", "nearly grey, 16 bit"])
def test_channels_that_are_alike_get_as_many_colours_as_asked_for(kind: str) -> None:
    image = alike(kind)
    codebook = fit(image, 256, mode="color", channel_axis=-1)
    assert codebook.n_used == 256
    some = image[::10].astype(np.float64)  # few enough to keep each colour
    best = fit(image[::10], 256, mode="color", channel_axis=-1)
    assert cost(some, codebook.levels[0]) < 1.3 * cost(some, best.levels[0])


def test_ignored_colours_leave_no_trace_in_what_is_learnt() -> None:
    image = np.random.default_rng(0).random((70_000, 3)).astype(np.float32)
    with_ignored = image.copy()
    with_ignored[[5, 9]] = [[1e6], [-3e38]]
    part = np.ones(len(image), bool)
    part[[5, 9]] = False
    ignored = fit(with_ignored, 9, mode="color", channel_axis=-1, ignore=[1e6, (None, -1e30)])
    masked = fit(with_ignored, 9, mode="color", channel_axis=-1, mask=part)
    np.testing.assert_array_equal(ignored.levels[0], masked.levels[0])
    mixed = np.array([[[1, 2], [3, 4], [-(2**63), -(2**63)], [9, 9]]])
    found = fit(mixed, 3, mode="color", channel_axis=-1, ignore=[-(2**63)])
    np.testing.assert_array_equal(np.sort(found.levels[0], axis=0), [[1, 2], [3, 4], [9, 9]])
