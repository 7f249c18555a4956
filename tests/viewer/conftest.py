"""Tests with a window fail with one sentence where there is no display: Qt would abort the whole run."""

import os
import sys

import pytest

NEEDS_DISPLAY = {"make_napari_viewer", "make_napari_viewer_proxy", "qtbot", "qapp"}
HAS_DISPLAY = sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail before the fixtures that open a window are set up."""
    if not HAS_DISPLAY and NEEDS_DISPLAY.intersection(getattr(item, "fixturenames", ())):
        how = "run `make test`, or `tools/with-display.sh .venv/bin/python -m pytest`"
        pytest.fail(f"tests/viewer needs a display: {how}", pytrace=False)
