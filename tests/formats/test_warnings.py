"""Warnings of libraries while files are read by several threads."""

from __future__ import annotations

import warnings
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image
from sklearn.exceptions import ConvergenceWarning

from napari_quantize.core.learning.convergence_warnings import no_convergence_warnings
from napari_quantize.formats.npy import read_npy
from napari_quantize.formats.photo.open import open_photo

TIMEOUT = 60


@pytest.mark.parametrize("other", ["photo", "learning"])
def test_files_that_threads_read_at_the_same_time_have_their_own_notes(tmp_path: Path, other: str) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (2, 2)).save(path)
    entered, warned, left = Event(), Event(), Event()
    notes: list[str] = []

    def overlap() -> None:
        with open_photo(path) as photo:
            entered.set()
            assert warned.wait(TIMEOUT)
            warnings.warn("one", UserWarning, stacklevel=1)
        notes.extend(photo.notes)
        left.set()

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        thread = Thread(target=overlap)
        thread.start()
        assert entered.wait(TIMEOUT)
        with open_photo(path) if other == "photo" else no_convergence_warnings() as photo:
            warnings.warn("two", RuntimeWarning, stacklevel=1)
            warnings.warn("fewer clusters", ConvergenceWarning, stacklevel=1)
            warned.set()
            assert left.wait(TIMEOUT)
        thread.join(TIMEOUT)
        assert warnings.filters == before
        warnings.warn("later", UserWarning, stacklevel=1)
    assert notes == ["While reading: one"]
    if other == "photo":
        assert photo.notes == ["While reading: two", "While reading: fewer clusters"]
    assert [str(warning.message) for warning in seen] == ["two"] * (other == "learning") + ["later"]


def test_an_array_with_a_header_of_python_2_is_read_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(12, dtype=np.uint8).reshape(3, 4))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"(3, 4), }  ", b"(3L, 4L), }"))
    with pytest.warns(UserWarning, match="Python 2"):
        np.load(path)
    assert read_npy(path)[0].image.shape == (3, 4)
