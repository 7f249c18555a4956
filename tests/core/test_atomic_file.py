"""A file is there whole or not at all, and none is replaced unasked."""

import errno
import os
import sys
from pathlib import Path

import pytest

from napari_quantize.core.atomic_file import atomic_write


def test_it_appears_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 120 + ".txt")  # as long as most disks allow
    with atomic_write(path) as stream:
        stream.write(b"all")
        assert not path.exists()
    assert path.read_bytes() == b"all"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "a.txt"

    def stop() -> None:
        with atomic_write(path, overwrite=overwrite) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError, match=r"^a\.txt exists already$"), atomic_write(path):
        raise AssertionError
    assert path.read_bytes() == b"old"
    with atomic_write(path, overwrite=True) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    path = tmp_path / "a.txt"

    def come_late() -> None:
        with atomic_write(path) as stream:
            stream.write(b"late")
            path.write_bytes(b"first")

    with pytest.raises(FileExistsError, match=r"^a\.txt exists already$"):
        come_late()
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
    with atomic_write(tmp_path / "b.txt") as stream:
        stream.write(b"b")
    assert (tmp_path / "b.txt").read_bytes() == b"b"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "no" / "a.txt"):
        raise AssertionError


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *_: open("/dev/full", "wb"))  # noqa: SIM115
    with pytest.raises(OSError, match="No space left"), atomic_write(tmp_path / "a.txt") as stream:
        stream.write(b"too much")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_it_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    with atomic_write(tmp_path / "whole"):
        pass
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


def _no_links(*_: object) -> None:
    raise OSError(95, "Operation not supported")


@pytest.mark.parametrize("overwrite", [False, True])
def test_errors_name_the_file_and_not_its_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    def refuse(part: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fspath(part))

    # On a disk that is mounted to be read only, removing a file that is not there is an error, too.
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="Read-only") as caught, atomic_write(tmp_path / "a.gpl", overwrite=overwrite):
        raise AssertionError
    assert caught.value.filename == str(tmp_path / "a.gpl")
