"""Units are those of pint, which napari keeps them in."""

import pint
import pytest

from napari_quantize.formats.raster import PIXEL
from napari_quantize.formats.units import METERS, SECONDS, SYMBOLS, unit_of

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
