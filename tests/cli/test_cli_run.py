"""The command run, in this process: files that it writes, and its output."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from commands import CommandResult, RunCommand, save_photo
from PIL import Image

from napari_quantize import Codebook, fit, quantize
from napari_quantize.cli.batch import options
from napari_quantize.core.quality import perception
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
from napari_quantize.palettes.io import write_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.report import table as report_table
from napari_quantize.text import spreadsheet


def written(folder: str = "out") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def table(folder: str = "out") -> list[dict[str, str]]:
    with (Path(folder) / "table.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_run_writes_results_codebooks_and_a_table(run_command: RunCommand, photo: Path) -> None:
    result = run_command("run", photo, "-k", "2,5", "--out", "out")
    assert (result.code, result.err) == (0, "")
    assert written() == [
        *("photo_k2.indexed.png", "photo_k2.json", "photo_k5.indexed.png", "photo_k5.json"),
        "table.csv",
    ]
    image = np.asarray(Image.open(photo))
    for k in (2, 5):
        expected = quantize(image, k, mode="color", channel_axis=-1)
        saved = Image.open(f"out/photo_k{k}.indexed.png")
        assert saved.mode == "P"
        np.testing.assert_array_equal(np.asarray(saved.convert("RGB")), expected)
        assert Codebook.load(f"out/photo_k{k}.json") == fit(image, k, mode="color", channel_axis=-1)
        assert load(f"out/photo_k{k}.indexed.png").raster.codebook == Codebook.load(f"out/photo_k{k}.json")
    rows = table()
    assert [row["k"] for row in rows] == ["2", "5"]
    mse = np.mean((image.astype(float) - quantize(image, 5, mode="color", channel_axis=-1)) ** 2)
    assert float(rows[1]["mse"]) == pytest.approx(mse)
    assert float(rows[1]["kb"]) == Path("out/photo_k5.indexed.png").stat().st_size / 1024
    assert rows[1]["delta_e"] == rows[1]["ssim"] == ""
    assert "photo.png" in result.out
    assert "2 results in out" in result.out


@pytest.mark.parametrize("mode", ["global", "per-channel", "color"])
@pytest.mark.parametrize("channels", [3, 4])
def test_modes_are_those_of_the_library(run_command: RunCommand, tmp_path: Path, mode: str, channels: int) -> None:
    image = save_photo(tmp_path / "a.png", shape=(20, 24, channels))
    assert run_command("run", tmp_path / "a.png", "-k", "3", "--mode", mode, "--out", tmp_path / "out").code == 0
    (saved,) = (tmp_path / "out").glob("a_k3*.png")
    options = {"mode": mode.replace("-", "_"), "channel_axis": -1, "alpha": channels == 4}
    expected = quantize(image, 3, **options)
    np.testing.assert_array_equal(np.asarray(Image.open(saved).convert("RGB" if channels == 3 else "RGBA")), expected)


def test_grey_images_get_levels_by_default(run_command: RunCommand, tmp_path: Path) -> None:
    image = save_photo(tmp_path / "a.png", shape=(20, 24))
    result = run_command(
        "run", tmp_path / "a.png", "-k", "4", "--method", "exact", "--seed", "3", "--out", tmp_path / "out"
    )
    assert result.code == 0
    assert "above best" in result.out
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "out" / "a_k4.indexed.png").convert("L")), quantize(image, 4, method="exact")
    )


@pytest.mark.slow
def test_processes_write_the_same_files_as_one_process(run_command: RunCommand, photo: Path) -> None:
    for number in range(5):
        save_photo(Path(f"in/sub {number % 2}/ü{number}.png"), number)
    Path("in/bad.png").write_bytes(b"no picture")
    result = run_command("run", "in", "-k", "4", "--out", "many", "--jobs", "2")
    assert (result.code, result.err.splitlines()) == (
        1,
        [f"{Path('in/bad.png')} is not an image that can be read"],
    )
    assert len(written("many")) == 2 * 5 + 1
    assert [Path(row["source"]).name for row in table("many")] == ["ü0.png", "ü2.png", "ü4.png", "ü1.png", "ü3.png"]
    assert run_command("run", "in", "-k", "4", "--out", "one", "--jobs", "1").code == 1
    assert written("one") == written("many")
    for name in written("one"):
        if name != "table.csv":
            assert Path("one", name).read_bytes() == Path("many", name).read_bytes()


def test_existing_files_are_replaced_only_with_overwrite(run_command: RunCommand, photo: Path) -> None:
    assert run_command("run", photo, "-k", "2,3", "--out", "out").code == 0
    before = {name: Path("out", name).read_bytes() for name in written()}
    result = run_command("run", photo, "-k", "3,4", "--out", "out")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"napari-quantize: {Path('out/photo_k3.indexed.png')} and 1 more would be replaced")
    assert {name: Path("out", name).read_bytes() for name in written()} == before
    assert run_command("run", photo, "-k", "3,4", "--out", "out", "--overwrite").code == 0
    assert "photo_k4.json" in written()
    assert "table-2.csv" not in written()


def test_one_image_after_the_other_keeps_the_tables_of_all(run_command: RunCommand, photo: Path) -> None:
    for number, (name, table_name, report) in enumerate(
        [
            ("a", "table.csv", "report.html"),
            ("b", "table-2.csv", "report-2.html"),
            ("c", "table-3.csv", "report-3.html"),
        ]
    ):
        before = {path: path.read_bytes() for path in Path("out").glob("*")}
        save_photo(Path(f"{name}.png"), number)
        result = run_command("run", f"{name}.png", "-k", "3", "--out", "out", "--report", "--jobs", "1")
        assert result.code == 0
        notes = [
            f"{Path('out', new)} has this number because {old} exists already"
            for new, old in ((table_name, "table.csv"), (report, "report.html"))
        ]
        assert result.err.splitlines() == (notes if number else [])
        assert {path: path.read_bytes() for path in before} == before
        assert f"{name}.png" in Path("out", table_name).read_text(encoding="utf-8-sig")
        assert f"{name}.png" in Path("out", report).read_text(encoding="utf-8")


def test_a_table_whose_name_is_taken_meanwhile_gets_the_next_number(
    run_command: RunCommand, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv = spreadsheet.write_csv

    def write_after_another_run(path: Path, text: str, *, overwrite: bool) -> None:
        if path.name == "table.csv":
            path.write_text("of another run")
        write_csv(path, text, overwrite=overwrite)

    monkeypatch.setattr(spreadsheet, "write_csv", write_after_another_run)
    result = run_command("run", photo, "-k", "3", "--out", "out")
    assert result.code == 0
    assert Path("out", "table.csv").read_text() == "of another run"
    assert "photo.png" in Path("out", "table-2.csv").read_text(encoding="utf-8-sig")


def test_an_image_of_the_run_is_never_replaced(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("photo_k300.png"), 1)
    before = Path("photo_k300.png").read_bytes()
    result = run_command("run", photo, "photo_k300.png", "-k", "300", "--out", ".", "--overwrite")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("napari-quantize: photo_k300.png is an image of this run, and would be replaced")
    assert Path("photo_k300.png").read_bytes() == before


def test_palettes_are_applied(run_command: RunCommand, photo: Path) -> None:
    colors = np.array([[0, 0, 0], [90, 120, 30], [250, 250, 250]], dtype=np.uint8)
    write_palette("three.gpl", Palette(colors, "three"))
    assert run_command("run", photo, "--palette", "three.gpl", "--out", "out").code == 0
    assert written() == ["photo_palette.indexed.png", "table.csv"]
    image = np.asarray(Image.open(photo)).astype(int)
    nearest = ((image[..., np.newaxis, :] - colors) ** 2).sum(axis=-1).argmin(axis=-1)
    saved = np.asarray(Image.open("out/photo_palette.indexed.png").convert("RGB"))
    np.testing.assert_array_equal(saved, colors[nearest])
    assert table()[0]["kept"] == "3 of three"


def test_codebooks_of_one_image_are_applied_to_others(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("rgba.png"), 1, shape=(20, 30, 4))
    assert run_command("run", photo, "-k", "6", "--out", "out").code == 0
    assert run_command("run", "rgba.png", "--palette", "out/photo_k6.json", "--out", "other").code == 0
    assert load("other/rgba_k6.indexed.png").raster.image.shape == (20, 30, 4)


def test_levels_of_colours_are_applied_to_grey_images_and_colours_are_not(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("grey.png"), 1, shape=(20, 30))
    assert run_command("run", photo, "-k", "4", "--mode", "global", "--out", "out").code == 0
    assert run_command("run", "grey.png", "--palette", "out/photo_k4.json", "--out", "other").code == 0
    assert float(table("other")[0]["bits"]) <= 2
    assert run_command("run", photo, "-k", "4", "--out", "colours").code == 0
    result = run_command("run", "grey.png", "--palette", "colours/photo_k4.json", "--out", "a/b/c")
    assert result == CommandResult(2, "", "grey.png: the image has no channels: the codebook holds colours\n")
    assert not Path("a").exists()


def test_a_failed_run_leaves_no_folder(run_command: RunCommand, photo: Path) -> None:
    Path("in/deep").mkdir(parents=True)
    np.save("in/deep/nan.npy", np.full((5, 7), np.nan))
    assert run_command("run", "in", "--out", "a/b/c").code == 1
    assert not Path("a").exists()


def test_stacks_become_tiff_and_need_a_channel_axis(run_command: RunCommand, photo: Path) -> None:
    stack = np.arange(3 * 20 * 30, dtype=np.uint16).reshape(3, 20, 30)
    np.save("stack.npy", stack)
    result = run_command("run", "stack.npy", "-k", "2", "--out", "out")
    assert (result.code, result.out) == (2, "")
    assert "stack.npy: are the 3 entries of its first axis channels, or planes? Use --channel-axis 0" in result.err
    assert not Path("out").exists()
    result = run_command("run", "stack.npy", "-k", "2", "--out", "out", "--channel-axis", "0", "--mode", "per-channel")
    assert result.code == 0
    assert result.err == "stack.npy: written as .tif: a PNG cannot hold 3 dimensions\n"
    expected = quantize(stack, 2, mode="per_channel", channel_axis=0)
    np.testing.assert_array_equal(load("out/stack_k2.tif").raster.image, expected)
    assert run_command("run", "stack.npy", "-k", "2", "--out", "planes", "--channel-axis", "none").code == 0
    np.testing.assert_array_equal(load("planes/stack_k2.tif").raster.image, quantize(stack, 2))


@pytest.mark.parametrize(("axis", "is_channel"), [("frame", False), ("Plane", False), ("channel", True)])
def test_an_axis_is_what_its_name_says(axis: str, is_channel: bool, run_command: RunCommand, photo: Path) -> None:
    stack = np.random.default_rng(0).integers(0, 4_000, (3, 20, 30), dtype=np.uint16)
    save_raster("stack.tif", Raster(stack, False, Calibration.of_pixels(axis, "y", "x")))
    assert run_command("run", "stack.tif", "-k", "2", "--mode", "per-channel", "--out", "out").code == 0
    expected = quantize(stack, 2, mode="per_channel", channel_axis=0 if is_channel else None)
    np.testing.assert_array_equal(load("out/stack_k2.tif").raster.image, expected)


def test_more_than_256_colours_become_a_truecolour_png(run_command: RunCommand, photo: Path) -> None:
    result = run_command("run", photo, "-k", "20", "--mode", "global", "--out", "out")
    assert result.code == 0
    assert written() == ["photo_k20.json", "photo_k20.png", "table.csv"]
    assert "written as .png: too many colours for a palette" in result.err
    save_raster("deep.png", Raster(np.zeros((5, 7, 3), np.uint16), True, Calibration.of_pixels("y", "x")))
    result = run_command("run", "deep.png", "-k", "2", "--out", "deep")
    assert result.err == "deep.png: written as .png: too many bits for a palette\n"


def test_mask_ignore_and_size_are_those_of_the_library(run_command: RunCommand, photo: Path) -> None:
    image = np.asarray(Image.open(photo))
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    mask[:, :10] = 255
    Image.fromarray(mask).save("mask.png")
    assert run_command("run", photo, "-k", "3", "--mask", "mask.png", "--out", "masked").code == 0
    expected = fit(image, 3, mode="color", channel_axis=-1, mask=mask > 0)
    assert Codebook.load("masked/photo_k3.json") == expected
    command = ("run", photo, "-k", "3", "--mode", "global", "--ignore", "zeros", "--ignore", "saturated")
    result = run_command(*command, "--out", "ignored")
    assert (result.code, result.err) == (0, "photo.png: No value is saturated: none is ignored.\n")
    expected = fit(image, 3, channel_axis=-1, ignore=[0, (255, None)])
    assert Codebook.load("ignored/photo_k3.json") == expected
    assert run_command("run", photo, "-k", "3", "--size", "10x7", "--out", "small").code == 0
    assert load("small/photo_k3.indexed.png").raster.image.shape == (7, 10, 3)


def test_saturated_values_of_a_camera_are_ignored_and_counted(run_command: RunCommand, photo: Path) -> None:
    camera = np.minimum(np.random.default_rng(0).poisson(4000, (60, 80)), 4095).astype(np.uint16)
    Image.fromarray(camera).save("camera.png")
    Image.fromarray(camera - 100).save("dim.png")
    command = ("run", "dim.png", "camera.png", "-k", "3", "--ignore", "saturated")
    result = run_command(*command, "--out", "each", "--jobs", "1")
    count = np.count_nonzero(camera == 4095)
    assert [line for line in result.err.splitlines() if "saturated" in line] == [
        f"dim.png: {count} of 4,800 values are saturated (3,995) and are ignored.",
        f"camera.png: {count} of 4,800 values are saturated (4,095) and are ignored.",
    ]
    assert Codebook.load("each/camera_k3.json") == fit(camera, 3, ignore=[(4095, None)])
    Image.fromarray(np.minimum(camera - 100, 3800)[:, ::9]).save("dim.png")
    result = run_command(*command, "--one-palette", "--out", "one", "--jobs", "1")
    assert result.code == 0
    assert f"camera.png: {count} of 4,800 values are saturated (4,095) and are ignored." in result.err.splitlines()
    assert Codebook.load("one/palette_k3.json").request.ignore == ((4095, None),)


def test_colours_are_ignored_only_where_all_their_channels_are_saturated(run_command: RunCommand, photo: Path) -> None:
    image = np.minimum(np.asarray(Image.open(photo)), 254)
    image[0, 0], image[1, 1, 1] = 255, 255
    Image.fromarray(image).save("bright.png")
    note = "bright.png: 4 of 2,304 values are saturated (255); colours are ignored where all channels are saturated."
    for name, one in (("one", ["--one-palette"]), ("each", [])):
        result = run_command("run", "bright.png", "-k", "3", "--ignore", "saturated", "--out", name, *one)
        assert (result.code, result.err.splitlines()[0]) == (0, note)
    learnt_from = np.ones(image.shape[:2], dtype=bool)
    learnt_from[0, 0] = False
    centers = fit(image, 3, mode="color", channel_axis=-1, mask=learnt_from).levels
    np.testing.assert_array_equal(Codebook.load("each/bright_k3.json").levels, centers)


def test_the_results_are_printed_if_the_table_cannot_be_written(run_command: RunCommand, photo: Path) -> None:
    for name in ("table.csv", "report.html"):
        Path("out", name).mkdir(parents=True)
    result = run_command("run", photo, "-k", "3", "--out", "out", "--overwrite", "--csv")
    assert (result.code, len(result.out.splitlines())) == (1, 2)
    assert result.err.startswith(f"{Path('out/table.csv')} cannot be written: ")
    assert result.err.count("\n") == 1
    Path("out/table.csv").rmdir()
    result = run_command("run", photo, "-k", "3", "--out", "out", "--overwrite", "--csv", "--report")
    assert (result.code, len(result.out.splitlines())) == (1, 2)
    assert result.err.startswith(f"{Path('out/report.html')} cannot be written: ")
    assert len(Path("out/table.csv").read_text("utf-8-sig").splitlines()) == 2


def test_dithered_colours_are_those_of_the_palette(run_command: RunCommand, photo: Path) -> None:
    assert run_command("run", photo, "-k", "4", "--out", "plain").code == 0
    assert run_command("run", photo, "-k", "4", "--out", "dithered", "--dither").code == 0
    plain, dithered = (
        np.asarray(Image.open(f"{f}/photo_k4.indexed.png").convert("RGB")) for f in ("plain", "dithered")
    )
    assert (plain != dithered).any()
    assert {*map(tuple, dithered.reshape(-1, 3))} == {*map(tuple, plain.reshape(-1, 3))}


def test_json_and_csv_print_all_figures(run_command: RunCommand, photo: Path) -> None:
    result = run_command("run", photo, "-k", "1,300,2000", "--out", "out", "--json", "--all-figures")
    rows = json.loads(result.out)
    assert [row["k"] for row in rows] == [1, 300, 2000]
    assert rows[-1]["psnr"] is None  # infinite, since nothing is lost
    assert rows[-1]["mse"] == rows[-1]["delta_e"] == 0
    assert rows[-1]["ssim"] == 1
    result = run_command("run", photo, "-k", "1,2", "--out", "again", "--csv")
    assert result.out.encode() == Path("again/table.csv").read_bytes().removeprefix(b"\xef\xbb\xbf")


def test_a_report_holds_all_images(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("other <b>.png" if Path("/").anchor == "/" else "other.png"), 1)
    result = run_command("run", "*.png", "-k", "2,4", "--out", "out", "--report", "--jobs", "1")
    assert result.code == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "photo.png" in page
    assert "other" in page
    assert "<b>.png" not in page
    assert "photo_k4.indexed.png" in page
    assert "napari-quantize run" in page
    assert "dithered" not in page


def test_a_report_says_that_the_files_are_dithered(run_command: RunCommand, photo: Path) -> None:
    assert run_command("run", photo, "-k", "2,4", "--out", "out", "--report", "--dither").code == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert page.count("The files are dithered; the pictures here show each pixel in its nearest colour.") == 1


def test_what_takes_long_is_found_once(run_command: RunCommand, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    for module, name in ((options, "find_saturation"), (perception, "delta_e"), (report_table, "delta_e")):
        counted = partial(_call_counted, calls, getattr(module, name))
        monkeypatch.setattr(module, name, counted)
    result = run_command("run", photo, "-k", "2,4", "--ignore", "saturated", "--out", "out", "--report", "--jobs", "1")
    assert (result.code, calls) == (0, ["find_saturation", "delta_e", "delta_e"])
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert all(f"{float(row['delta_e']):.2f}" in page for row in table())


def _call_counted(calls: list[str], function: Callable[..., object], *arguments: object, **keywords: object) -> object:
    calls.append(function.__name__)
    return function(*arguments, **keywords)


def test_a_table_of_many_images_shows_their_means(run_command: RunCommand, photo: Path) -> None:
    for number in range(21):
        save_photo(Path(f"in/{number}.png"), number, shape=(6, 8, 3))
    result = run_command("run", "in", "-k", "2,3", "--out", "out", "--jobs", "1")
    assert result.code == 0
    assert result.out.count("mean of 21 images") == 1
    errors = [float(row["rmse"]) for row in table() if row["k"] == "2"]
    assert f"{np.mean(errors):.1f}" in result.out


@pytest.mark.parametrize(("axis", "channels"), [("-1", -1), ("none", None)])
def test_what_the_user_says_of_an_array_goes_before_the_guess(
    axis: str, channels: int | None, run_command: RunCommand, photo: Path
) -> None:
    array = np.random.default_rng(0).integers(0, 4000, (20, 30, 4), dtype=np.uint16)
    np.save("a.npy", array)
    result = run_command("run", "a.npy", "-k", "3", "--channel-axis", axis, "--out", "out", "--jobs", "1")
    assert (result.code, "taken for that of colours" in result.err) == (0, False)
    loaded = load("out/a_k3.tif").raster
    assert loaded.codebook == fit(array, 3, channel_axis=channels)
    np.testing.assert_array_equal(loaded.image, quantize(array, 3, channel_axis=channels))


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("mode", ["global", "per-channel"])
def test_a_palette_of_greys_gives_levels_to_the_channels_of_a_photo(
    mode: str, alpha: bool, run_command: RunCommand, photo: Path
) -> None:
    image = np.asarray(Image.open(photo))
    opaque = np.full((*image.shape[:2], 1), 255, np.uint8)
    Image.fromarray(np.concatenate([image, opaque], axis=-1) if alpha else image).save("photo.png")
    write_palette(Path("greys.gpl"), Palette(np.repeat(np.array([[0], [100], [255]], np.uint8), 3, axis=1)))
    command = ("run", "photo.png", "--palette", "greys.gpl", "--mode", mode, "--out", "out", "--jobs", "1")
    result = run_command(*command)
    assert (result.code, result.err) == (0, "")
    values = np.array([0, 100, 255])
    expected = values[abs(image[..., np.newaxis] - values).argmin(-1)]
    [saved] = Path("out").glob("photo_palette.*")
    np.testing.assert_array_equal(load(saved).raster.image[..., :3], expected)
    [row] = table()
    assert row["colours"] == str(len(np.unique(expected.reshape(-1, 3), axis=0)))
    write_palette(Path("red.gpl"), Palette(np.array([[0, 0, 0], [255, 0, 0]], np.uint8)))
    result = run_command("run", "photo.png", "--palette", "red.gpl", "--mode", mode, "--out", "red", "--jobs", "1")
    assert "the palette holds colours: without --mode color, it must hold greys" in result.err


def test_the_report_tells_images_of_one_name_apart(run_command: RunCommand, photo: Path) -> None:
    for n, folder in enumerate("ab"):
        save_photo(Path(f"in/{folder}/x.png"), n)
    assert run_command("run", "in", "-k", "3", "--out", "out", "--jobs", "1", "--report").code == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    for folder in "ab":
        assert f"{folder}/x.png" in page
        assert f"{folder}/x_k3.indexed.png" in page
        assert f"{folder}/x_k3.json" in page
