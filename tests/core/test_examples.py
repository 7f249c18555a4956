"""The examples in docstrings run and say what they claim."""

import doctest
import importlib
import pkgutil

import pytest

import napari_quantize.core

MODULES = [
    module.name
    for module in pkgutil.walk_packages(napari_quantize.core.__path__, "napari_quantize.core.")
    if not module.ispkg
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_they_claim(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_the_public_functions_have_examples() -> None:
    for name in ("fit", "quantize", "sweep"):
        assert ">>>" in getattr(napari_quantize, name).__doc__
