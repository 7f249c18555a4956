"""Units are those of pint, which napari keeps them in."""

import pint
import pytest

from napari_quantize.formats.raster import PIXEL
from napari_quantize.formats.units import METERS, SECONDS, SYMBOLS, check_step, unit_of

REGISTRY = pint.UnitRegistry()


@pytest.mark.parametrize("unit", METERS)
def test_lengths_are_those_of_pint(unit):
    assert METERS[unit] == pytest.approx(REGISTRY.Quantity(1, unit).to("meter").magnitude, rel=1e-14)


@pytest.mark.parametrize("unit", SECONDS)
def test_times_are_those_of_pint(unit):
    assert SECONDS[unit] == pytest.approx(REGISTRY.Quantity(1, unit).to("second").magnitude, rel=1e-14)


@pytest.mark.parametrize("unit", SYMBOLS)
def test_names_and_symbols_are_those_of_pint(unit):
    assert str(REGISTRY.Unit(unit)) == unit
    assert REGISTRY.Unit(SYMBOLS[unit]) == REGISTRY.Unit(unit)
    assert unit in METERS or unit in SECONDS


@pytest.mark.parametrize("unit", SYMBOLS)
def test_all_spellings_of_a_unit_are_known(unit):
    symbol = SYMBOLS[unit]
    spellings = {unit, f"{unit}s", unit.upper(), f" {unit} ", symbol, symbol.replace("µ", "μ"), symbol.upper()}
    spellings.add(unit.replace("meter", "metre"))
    assert {unit_of(spelling) for spelling in spellings} == {unit}


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("", PIXEL),
        ("px", PIXEL),
        ("pixel", PIXEL),
        ("pixels", PIXEL),
        ("reference frame", PIXEL),
        ("um", "micrometer"),
        ("\\u00B5m", "micrometer"),
        ("micron", "micrometer"),
        ("Microns", "micrometer"),
        ("\\u00C5", "angstrom"),
        ("\\u00E5", "angstrom"),
        ("sec", "second"),
        ("secs", "second"),
        ("msec", "millisecond"),
        ("us", "microsecond"),
        ("hr", "hour"),
        ("hrs", "hour"),
        ("inches", "inch"),
        ("metres", "meter"),
        ("furlong", None),
        ("m2", None),
    ],
)
def test_units_in_files_are_recognized(word, unit):
    assert unit_of(word) == unit


@pytest.mark.parametrize("unit", [PIXEL, *SYMBOLS, "degree", "volt", "femtometer"])
@pytest.mark.parametrize("scale", [1e-12, -0.5, 1.0, 1e12])
def test_known_units_and_usual_scales_are_taken(unit, scale):
    notes = []
    assert check_step("x", scale, unit, notes) == (scale, unit)
    assert str(REGISTRY.Unit(unit)) == unit
    assert notes == []


@pytest.mark.parametrize("unit", ["9**9**9**9", "micro\x1b[31m", "furlong", "m\0m", "1/0", "x" * 10**6])
def test_other_units_are_left_out_with_one_note(unit):
    notes = []
    assert check_step("x", 1.0, unit, notes) is None
    assert check_step("y", 1.0, unit, notes) is None
    assert len(notes) == 1
    assert notes[0].isprintable()
    assert len(notes[0]) < 100


@pytest.mark.parametrize("scale", [0.0, -0.0, 1e-13, 1e13, -1e15, 1e299, float("inf"), float("nan")])
def test_other_scales_are_left_out_with_a_note(scale):
    notes = []
    assert check_step("x", scale, "meter", notes) is None
    assert notes == [f"The scale {scale:g} of the axis x in the file is not between 1e-12 and 1e+12; it was left out."]
