"""Files, folders and patterns: what they stand for, and what results are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from napari_quantize.cli.inputs import find_inputs, stem_of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def names(*arguments: str, out: str = "out") -> list[str]:
    return [one.name for one in find_inputs(arguments, Path(out))]


def test_files_keep_their_names_and_order(here: Path) -> None:
    touch("b.jpg", "deep/a b.PNG", "ü.tif", "raw.xyz")
    assert names("ü.tif", "b.jpg", "deep/a b.PNG", "raw.xyz") == ["ü", "b", "a b", "raw"]


def test_a_file_given_twice_counts_once(here: Path) -> None:
    touch("in/a.png")
    assert names("in/a.png", "in/../in/a.png", "in") == ["a"]


def test_folders_are_searched_with_their_subfolders(here: Path) -> None:
    touch("in/a.png", "in/sub/deep/b.JPG", "in/notes.txt", "in/.hidden.png", "in/.cache/c.png", "in/z.npy")
    assert names("in") == ["a", "z", "sub/deep/b"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.png", ["a", "b"]),
        ("in/**/*.png", ["a", "b", "sub/c"]),
        ("in/[ab].png", ["a", "b"]),
        ("in/?.jpg", ["d"]),
        ("i*/sub/*", ["in/sub/c"]),
    ],
)
def test_patterns_match_files_and_name_them_below_their_folder(here: Path, pattern: str, expected: list[str]) -> None:
    touch("in/a.png", "in/b.png", "in/sub/c.png", "in/d.jpg", "in/e.txt")
    assert names(pattern) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_found(here: Path) -> None:
    touch("a[1].png", "a1.png")
    assert names("a[1].png") == ["a[1]"]


def test_results_of_earlier_runs_are_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    touch("in/a.png", "in/a_k8.tif", "in/a_k8.indexed.png", "in/b_k8.tif", "in/out/c.png", "in/out/deep/d.png")
    assert names("in", out="in/out") == ["a", "b_k8"]
    assert names("in/**/*.*", out="in/out") == ["a", "b_k8"]
    assert names("in", out="in") == ["a", "b_k8", "out/c", "out/deep/d"]
    message = f"left out: {Path('in/a_k8.tif')}, named like a result of another image here\n"
    assert capsys.readouterr().err == 3 * message
    assert names("in/a_k8.indexed.png") == ["a_k8"]  # who names one means it
    assert not capsys.readouterr().err


def test_results_in_another_folder_of_results_are_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    touch("in/a.png", "in/sub/b.png", "in/first/a_k8.tif", "in/first/sub/b_k4.tif", "in/sub/other/b_palette.png")
    touch("in/c_k8.tif", "in/sub/a_k8.tif", "in/x/c.png")
    assert names("in", out="in/second") == ["a", "c_k8", "sub/b", "x/c"]
    assert capsys.readouterr().err.endswith("and 3 more, named like a result of another image here\n")


def test_unreadable_folders_are_reported(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    touch("in/a.png", "in/locked/b.png")
    whole = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return whole(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert names("in") == ["a"]
    assert capsys.readouterr().err == f"left out: {Path('in/locked')}: Permission denied\n"


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
def test_a_link_to_a_parent_folder_is_not_followed(here: Path) -> None:
    touch("in/a.png")
    Path("in/loop").symlink_to("../in", target_is_directory=True)
    assert names("in") == ["a"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "there is no file or folder without a name"),
        (["none.png"], "there is no file or folder none.png"),
        (["empty"], "the folder empty holds no images"),
        (["*.gif"], r"no image matches \*\.gif"),
        (
            ["one/a.png", "two/a.jpg"],
            r"the results of one.a\.png and two.a\.jpg would have the same names: .*, or give the folder",
        ),
        (
            ["same"],
            r"the results of same.B\.jpg and same.b\.png would have the same names: use a separate --out for each$",
        ),
    ],
)
def test_missing_inputs_and_colliding_names_are_errors(here: Path, arguments: list[str], message: str) -> None:
    touch("one/a.png", "two/a.jpg", "same/B.jpg", "same/b.png")
    Path("empty").mkdir()
    with pytest.raises(ValueError, match=message):
        names(*arguments)


@pytest.mark.parametrize(
    ("file", "stem"),
    [("a.png", "a"), ("a.b.png", "a.b"), ("a.ome.tif", "a"), ("a.indexed.png", "a"), ("a.OME.TIFF", "a"), ("a", "a")],
)
def test_stems_have_no_ending(file: str, stem: str) -> None:
    assert stem_of(Path(file)) == stem
