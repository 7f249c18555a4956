"""What cannot be done as asked: one line, exit code 2, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import CommandResult, RunCommand, save_photo

from napari_quantize import fit
from napari_quantize.core.request.request import Mode
from napari_quantize.formats.load import load

PROBLEMS = [
    (["run"], "Missing argument 'IMAGE...'"),
    (["run", "none.png"], "there is no file or folder none.png"),
    (["run", "photo.png", "-k", "0"], "-k: “0” cannot be used: K must lie between 1 and 65,536"),
    (["run", "photo.png", "-k", "two"], "-k: “two” is not a whole number or a range like 2-6"),
    (["run", "photo.png", "--mode", "colour"], "'colour' is not one of 'global', 'per-channel', 'color'"),
    (["run", "photo.png", "--size", "512"], "--size 512 is not a width and a height of at least 1, like 512x512"),
    (["run", "photo.png", "--size", "0x9"], "--size 0x9 is not a width and a height of at least 1, like 512x512"),
    (["run", "photo.png", "--channel-axis", "c"], "--channel-axis c is neither the number of an axis nor none"),
    (["run", "photo.png", "--jobs", "0"], "--jobs"),
    (["run", "photo.png", "--seed", "-1"], "--seed"),
    (["palette", "photo.png", "--seed", str(2**32)], "--seed"),
    (["run", "photo.png", "--json", "--csv"], "--json and --csv cannot be used together"),
    (["run", "photo.png", "--palette", "none.gpl"], "--palette none.gpl"),
    (["run", "photo.png", "--palette", "bad.gpl"], "--palette bad.gpl"),
    (["run", "photo.png", "--palette", "bad.gpl", "-k", "3"], "--palette and -k cannot be used together"),
    (
        ["run", "photo.png", "--palette", "bad.gpl", "--one-palette"],
        "--palette and --one-palette cannot be used together",
    ),
    (["run", "photo.png", "-k", ""], "-k: Type how many values to keep, for example 2, 4, 8"),
    (
        ["run", "photo.png", "--palette", "bad.gpl", "--method", "minibatch"],
        "--palette and --method cannot be used together",
    ),
    (["run", "photo.png", "--palette", "bad.gpl", "--seed", "0"], "--palette and --seed cannot be used together"),
    (["run", "photo.png", "--mask", "none.png"], "--mask none.png"),
    (["run", "photo.png", "--mask", "bad.gpl"], "--mask bad.gpl"),
    (["run", "photo.png", "--dither", "--mode", "global"], "--dither is for colours in PNG files"),
    (["run", "photo.png", "--dither", "--format", "tiff"], "--dither is for colours in PNG files"),
    (["run", "photo.png", "--out", "photo.png"], "--out photo.png is a file: results need a folder"),
    (["run", "photo.png", "--bogus"], "No such option: --bogus"),
    (["rnu"], "No such command 'rnu'"),
    (["compare", "photo.png"], "Missing argument 'B'"),
    (["compare", "photo.png", "none.png"], "there is no file none.png"),
    (["palette", "photo.png", "-k", "0"], "-k: “0” cannot be used"),
    (["info", "none.png"], "there is no file none.png"),
]


@pytest.mark.parametrize(("arguments", "message"), PROBLEMS, ids=[" ".join(arguments) for arguments, _ in PROBLEMS])
def test_usage_errors_are_one_line_and_write_nothing(
    run_command: RunCommand, photo: Path, arguments: list[str], message: str
) -> None:
    Path("bad.gpl").write_text("GIMP Palette\n1 2 red\n")
    result = run_command(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("napari-quantize: ")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["bad.gpl", "photo.png"]


@pytest.mark.parametrize(
    ("learnt", "given", "message"),
    [
        ("color", "global", "--mode global does not fit the codebook c.json: it holds colours"),
        ("color", "per-channel", "--mode per-channel does not fit the codebook c.json: it holds colours"),
        ("global", "color", "--mode color does not fit the codebook c.json: it holds levels, same for all channels"),
        (
            "per_channel",
            "global",
            "--mode global does not fit the codebook c.json: it holds levels, own for each channel",
        ),
    ],
)
def test_another_mode_than_the_codebooks_is_refused(
    run_command: RunCommand, photo: Path, learnt: Mode, given: str, message: str
) -> None:
    fit(load(photo).raster.image, 3, mode=learnt, channel_axis=-1).save("c.json")
    result = run_command("run", photo, "--palette", "c.json", "--mode", given, "--out", "out")
    assert result == CommandResult(2, "", f"napari-quantize: {message}\n")
    assert not Path("out").exists()
    own = learnt.replace("_", "-")
    assert run_command("run", photo, "--palette", "c.json", "--mode", own, "--out", "out").code == 0


REFUSED = [
    (["--mode", "color"], "grey.png", "the image has no channels: --mode color is for images that have"),
    (["--channel-axis", "7"], "grey.png", "there is no --channel-axis 7: the image's shape is (20, 20)"),
    (
        ["--method", "exact"],
        "photo.png",
        "--method exact is for levels: use --mode global or --mode per-channel with it",
    ),
    (["--ignore", "saturated"], "float.npy", "images of dtype float64 have no saturated value: ignore something else"),
]


@pytest.mark.parametrize(("options", "name", "message"), REFUSED)
def test_options_that_do_not_fit_an_image_fail_only_that_image(
    run_command: RunCommand, photo: Path, options: list[str], name: str, message: str
) -> None:
    save_photo(Path("grey.png"), shape=(20, 20))
    np.save("float.npy", np.eye(9))
    result = run_command("run", name, *options, "--out", "out")
    assert result == CommandResult(2, "", f"{name}: {message}\n")
    assert not Path("out").exists()
    other = "photo.png" if name != "photo.png" else "grey.png"
    result = run_command("run", name, other, *options, "--out", "out", "-k", "2", "--jobs", "1")
    note = f"{other}: No value is saturated: none is ignored.\n" if "saturated" in options else ""
    assert (result.code, result.err) == (1, f"{name}: {message}\n{note}")  # the other is done


FAILURES = [
    (["info", "bad.png"], "bad.png is not an image that can be read"),
    (["compare", "photo.png", "bad.png"], "bad.png is not an image that can be read"),
    (["palette", "empty.png"], "empty.png is empty"),
    (["palette", "photo.png", "-o", "photo.xyz"], "photo.xyz cannot be written"),
    (["palette", "nan.npy", "-o", "x.gpl"], "nan.npy: the image has no finite, visible value to learn from"),
    (["palette", "photo.png", "-o", "none/x.gpl"], "No such file or directory"),
]


@pytest.mark.parametrize(("arguments", "message"), FAILURES, ids=[" ".join(arguments) for arguments, _ in FAILURES])
def test_files_that_cannot_be_used_are_errors_in_one_line(
    run_command: RunCommand, photo: Path, arguments: list[str], message: str
) -> None:
    Path("bad.png").write_bytes(b"no picture")
    Path("empty.png").touch()
    np.save("nan.npy", np.full((5, 7), np.nan))
    result = run_command(*arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("napari-quantize: ")
    assert message in result.err
    assert result.err.count("\n") == 1
