"""Many channels, which are slices: each is learnt from as if it were alone."""

import numpy as np
import pytest

from napari_quantize import fit, quantize, sweep

N = 18  # more than are counted at a time
RNG = np.random.default_rng(1)
STACK = RNG.gamma(2, 300, (N, 6, 7))
STACK *= np.arange(1, N + 1)[:, None, None]


@pytest.mark.parametrize(
    ("axis", "dtype"), [(0, "uint8"), (0, ">u2"), (1, "int32"), (1, "float16"), (-1, "float32"), (-1, "uint8")]
)
@pytest.mark.parametrize("method", ["minibatch", "exact"])
def test_slices_are_learnt_from_as_each_alone(method, axis, dtype):
    stack = np.moveaxis(np.minimum(STACK, 250 if dtype == "uint8" else 60_000).astype(dtype), 0, axis)
    results = list(sweep(stack, (1, 3, 100), mode="per_channel", channel_axis=axis, method=method))
    for result in results:
        planes = zip(
            np.moveaxis(stack, axis, 0), np.moveaxis(result.image, axis, 0), result.codebook.levels, strict=True
        )
        for plane, found, levels in planes:
            alone = fit(np.ascontiguousarray(plane), result.k, method=method)
            np.testing.assert_array_equal(levels, alone.centers)
            assert found.tobytes() == alone.apply(plane).tobytes()
    assert [result.quality.n_colors for result in results] == [None] * 3
    assert results[-1].quality.mse == 0
    if method == "exact":
        assert results[1].quality.excess == pytest.approx(0, abs=1e-12)


def test_masks_ignored_values_and_nan_act_on_each_slice_as_alone():
    stack = STACK.astype(np.float32)
    stack[:, 0, 0] = np.nan
    mask = RNG.random((6, 7)) < 0.7
    whole = RNG.random(stack.shape) < 0.7
    for part in (mask, whole):
        found = fit(stack, 3, mode="per_channel", channel_axis=0, mask=part, ignore=[(None, 50)])
        for place, levels in enumerate(found.levels):
            alone = fit(stack[place], 3, mask=part if part is mask else part[place], ignore=[(None, 50)])
            np.testing.assert_array_equal(levels, alone.centers)


def test_alpha_is_not_a_slice():
    stack = np.concatenate([STACK, RNG.random((1, 6, 7)) < 0.5]).astype(np.uint16)
    found = quantize(stack, 2, mode="per_channel", channel_axis=0, alpha=True)
    np.testing.assert_array_equal(found[-1], stack[-1])
    shown = stack[-1] != 0
    np.testing.assert_array_equal(found[3][shown], fit(stack[3], 2, mask=shown).apply(stack[3])[shown])
