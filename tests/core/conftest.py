"""What the core's tests share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _silent(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The library never prints; that it never warns either is asked by filterwarnings = error."""
    yield
    assert capfd.readouterr() == ("", "")
