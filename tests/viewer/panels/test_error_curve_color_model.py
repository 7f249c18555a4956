"""Colour differences in *How many are enough?*: points, sentence and readout, without a window."""

import math

import numpy as np
import pytest
from driving import RGB
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.api import transfer
from napari_quantize.core.quality.perception import delta_e
from napari_quantize.text.numbers import format_number
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.measure import slow_figures
from napari_quantize.viewer.measure.slow_figures import MeasuredFigure
from napari_quantize.viewer.panels.error_curve import messages
from napari_quantize.viewer.panels.error_curve.model import CurveModel

RNG = np.random.default_rng(0)
PIXELS = np.repeat(RNG.integers(0, 250, (8, 3)), 20, axis=0) + RNG.integers(0, 3, (160, 3))
PHOTO = PIXELS.reshape(16, 10, 3).astype(np.uint8)  # of eight colours, nearly


def family(image, *ks, mode="color", rgb=True, facts=None):
    """Return results as the panels get them, and how far their colours have moved; the first is the current one."""
    source = Image(image, rgb=rgb)
    pairs, figures = [], {}
    for result in sweep(image, ks, mode=mode, channel_axis=-1 if rgb else None):
        layer = Image(result.image, rgb=rgb)
        provenance = Provenance.of(result, str(source.unique_id), "it", layer)
        pairs.append((layer, provenance))
        if rgb and image.dtype.kind in "uf":
            figures[provenance.layer_id] = MeasuredFigure(delta_e(image, result.image).mean, "95 % …")
    return FamilySnapshot(source, facts, tuple(pairs), pairs[0]), figures


def model_of(image, *ks, **options):
    shown, figures = family(image, *ks, **options)
    model = CurveModel()
    model.show(shown)
    return model, figures


def test_points_are_the_mean_colour_differences():
    model, figures = model_of(PHOTO, 2, 4, 8)
    assert model.plot_note == "measuring …"
    assert model.set_figures(figures)
    assert model.plot_note == ""
    assert [point.error for point in model.curve.points] == [
        delta_e(PHOTO, layer.data).mean for layer, _ in model.shown.results
    ]
    assert (model.curve.limit, model.curve.noise, len(model.curve.least)) == (1, None, 0)
    assert model.measure() is None
    assert not model.set_figures(dict(figures))
    low, high = model.curve.limits
    assert low < 1 < high


def test_the_sentence_compares_differences_with_2_and_1():
    model, figures = model_of(PHOTO, 2, 4, 8)
    model.set_figures(figures)
    assert model.message == ("From K=8 on, the mean ΔE is at most 1 (just visible). From K=4 to 8, ΔE falls by 97 %.")
    model, figures = model_of(PHOTO, 2, 4)
    model.set_figures(figures)
    small, large = figures
    for differences, text in {
        (1.5, 0.75): "From K=2 on, the mean ΔE is at most 2, and from K=4 on at most 1 (just visible). "
        "From K=2 to 4, ΔE falls by 50 %.",
        (4.0, 1.5): "From K=4 on, the mean ΔE is at most 2 (1 is just visible). From K=2 to 4, ΔE falls by 62 %.",
        (9.0, 2.5): "At K=4 the mean ΔE is still 2.50 (1 is just visible). From K=2 to 4, ΔE falls by 72 %.",
        (1.0, 0.96): "From K=2 on, the mean ΔE is at most 1 (just visible). "
        "From K=2 on, each further result lowers ΔE by less than 5 %.",
        (0.5, 2.5): "At K=4 the mean ΔE is still 2.50 (1 is just visible). "
        "From K=2 on, each further result lowers ΔE by less than 5 %.",
        (0.5, 1.25): "From K=2 on, the mean ΔE is at most 2 (1 is just visible). "
        "From K=2 on, each further result lowers ΔE by less than 5 %.",
    }.items():
        model.set_figures({key: MeasuredFigure(value) for key, value in zip(figures, differences, strict=True)})
        assert model.message == text
    model.set_figures({small: MeasuredFigure(2.5, f"{slow_figures.OF_PLANE}; 95 % …"), large: MeasuredFigure(0.5)})
    assert model.message.endswith("falls by 80 %. Measured in the plane that is shown.")
    model.set_figures(dict.fromkeys(figures, MeasuredFigure(None, "all pixels are transparent")))
    assert model.message == "All pixels are transparent."
    model.set_figures(dict.fromkeys(figures, MeasuredFigure(None, slow_figures.STALE)))
    assert model.message == "The image has changed since this result was made."


def test_results_still_to_be_measured_have_no_point_but_can_be_pointed_at():
    model, figures = model_of(PHOTO, 2, 8)
    two, eight = figures
    assert (model.message, model.is_measured) == ("Measuring colour differences …", False)
    assert model.readout_lines()[0] == "K=2: measuring …"
    model.set_figures({two: figures[two], eight: None})
    assert [point.key for point in model.curve.known] == [two]
    assert not model.is_measured
    model.point_at(8.0, 3.0)
    assert model.readout_lines() == ("K=8: measuring …", "Click to look at it.")
    assert model.pointed.key == eight  # a click does not make it once more
    model.set_figures(figures)
    assert model.is_measured
    assert model.readout_lines()[0] == f"K=8: ΔE {format_number(figures[eight].value)}"
    model.point_at(5.0, 3.0)
    assert model.readout_lines() == ("K=5: not made yet", "Click to make it.")


@pytest.mark.parametrize("mode", ["global", "per_channel"])
def test_levels_are_plotted_by_error_unless_chosen(mode):
    model, figures = model_of(PHOTO, 2, 4, mode=mode)
    assert (model.quantity, model.can_compare_colors) == ("rmse", True)
    assert not model.set_figures(figures)
    model.choose("delta_e")
    assert [point.error for point in model.curve.points] == [figure.value for figure in figures.values()]


def test_levels_and_colours_keep_a_choice_each():
    model, _ = model_of(PHOTO, 2)
    model.choose("rmse")
    assert model.curve.points[0].error == model.shown.provenance.quality.rmse
    colors, levels = model.shown, family(PHOTO, 2, mode="global")[0]
    model.show(levels)
    assert model.quantity == "rmse"
    model.choose("delta_e")
    model.show(colors)
    assert model.quantity == "rmse"
    model.show(levels)
    assert model.quantity == "delta_e"
    model.show(family(PHOTO[..., 0], 2, mode="global", rgb=False)[0])
    assert model.quantity == "rmse"


@pytest.mark.parametrize(
    ("image", "rgb", "can"),
    [
        (RGB, True, True),
        (RGB.astype(np.uint16), True, True),
        (RGB / 255, True, True),
        (RGB / 2.0, True, False),
        (RGB / 255 - 0.1, True, False),
        (RGB.astype(np.int16), True, False),
        (RGB.astype(np.uint32), True, False),
        (RGB[..., 0], False, False),
    ],
)
def test_colour_differences_are_offered_where_they_are_defined(image, rgb, can):
    facts = image_facts(image, channel_axis=-1 if rgb else None)
    model = CurveModel()
    layer = Image(image, rgb=rgb)
    model.show(FamilySnapshot(layer, facts))
    assert model.can_compare_colors == can
    if not can and rgb:
        with pytest.raises((TypeError, ValueError)):
            delta_e(image, image)


def test_a_stale_result_is_pointed_at_by_k_only():
    model, figures = model_of(PHOTO, 2, 8)
    two, eight = figures
    model.set_figures({two: MeasuredFigure(3.0), eight: MeasuredFigure(None, slow_figures.STALE)})
    model.point_at(2.05, 3.0)
    assert model.pointed.key == two
    model.point_at(8.0, model.curve.limits[0])
    assert math.isnan(model.pointed.error)
    assert model.readout_lines()[0] == f"K=8: {slow_figures.STALE}"


def test_levels_of_another_image_are_no_points_of_the_curve():
    grey = PHOTO[..., 0]
    shown, _ = family(grey, 2, 4, mode="global", rgb=False)
    [learnt] = sweep(grey[::-1] + np.uint8(5), [8])
    applied = transfer(grey, learnt.codebook)
    layer = Image(applied.image)
    provenance = Provenance.of(applied, shown.provenance.source_id, "it", layer, (), ("other id", "other"))
    pairs = (*shown.results, (layer, provenance))
    model = CurveModel()
    for current, comparable in [(shown.current, [True, True, False]), (pairs[2], [False, False, True])]:
        model.show(FamilySnapshot(shown.source, None, pairs, current))
        assert [point.comparable for point in model.curve.points] == comparable


def test_errors_of_a_part_say_so():
    grey = PHOTO[..., 0]
    [result] = sweep(grey, [2], mask=grey > 50)
    provenance = Provenance.of(result, "id", "it", Image(result.image))
    lines = messages.result(provenance, model_of(PHOTO, 2)[0].curve, comparable=False, current=False)
    click = "K=2 part. Click to look at it. Levels, same for all channels."
    assert lines == (f"K=2: ± {format_number(result.quality.rmse)} there", click)
