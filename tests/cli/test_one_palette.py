"""One codebook over many images: that of all their pixels together."""

from __future__ import annotations

import csv
import html
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import RunCommand, save_photo
from PIL import Image
from slow_cases import slow_except

from napari_quantize import Codebook, fit
from napari_quantize.core.api import transfer
from napari_quantize.formats.load import load


@pytest.mark.parametrize("jobs", slow_except(["1", "2"], "2"))
def test_a_shared_palette_is_learnt_from_all_pixels(run_command: RunCommand, photo: Path, jobs: str) -> None:
    images = [save_photo(Path(f"in/{n}.png"), n, shape=(20 + n, 30, 3)) for n in range(4)]
    result = run_command("run", "in", "-k", "3,7", "--one-palette", "--out", "out", "--jobs", jobs)
    assert (result.code, result.err) == (0, "")
    together = np.concatenate(images)
    for k in (3, 7):
        codebook = fit(together, k, mode="color", channel_axis=-1)
        assert Codebook.load(f"out/palette_k{k}.json") == codebook
        for n, image in enumerate(images):
            saved = np.asarray(Image.open(f"out/{n}_k{k}.indexed.png").convert("RGB"))
            np.testing.assert_array_equal(saved, codebook.apply(image))
    assert sorted(path.name for path in Path("out").glob("*.json")) == ["palette_k3.json", "palette_k7.json"]
    assert "applied" in result.out
    Path("out/table.csv").unlink()
    for name in Path("out").glob("?_k*"):
        name.unlink()
    result = run_command("run", "in", "-k", "3,7", "--one-palette", "--out", "out", "--jobs", jobs)
    assert f"{Path('out/palette_k3.json')} and 1 more would be replaced" in result.err


def test_the_report_says_from_what_a_shared_palette_was_learnt(run_command: RunCommand, photo: Path) -> None:
    for n in range(2):
        save_photo(Path(f"in/{n}.png"), n)
    result = run_command("run", "in", "-k", "4", "--one-palette", "--out", "out", "--jobs", "1", "--report")
    assert (result.code, result.err) == (0, "")
    page = html.unescape(Path("out/report.html").read_text(encoding="utf-8"))
    assert "learnt from 2 images together, by k-means clustering of the counted values" in page
    assert "palette_k4.json" in page


@pytest.mark.parametrize("mode", ["global", "per-channel"])
def test_shared_levels_are_learnt_from_all_pixels(run_command: RunCommand, photo: Path, mode: str) -> None:
    images = [save_photo(Path(f"in/{n}.png"), n, shape=(20, 30, 3)) for n in range(3)]
    assert run_command("run", "in", "-k", "4", "--mode", mode, "--one-palette", "--out", "out", "--jobs", "1").code == 0
    expected = fit(np.concatenate(images), 4, mode=mode.replace("-", "_"), channel_axis=-1)
    assert Codebook.load("out/palette_k4.json") == expected


def test_images_with_and_without_alpha_share_a_palette(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("in/a.png"), shape=(20, 30, 3))
    rgba = save_photo(Path("in/b.png"), 1, shape=(20, 30, 4))
    assert run_command("run", "in", "-k", "4", "--one-palette", "--out", "out", "--jobs", "1").code == 0
    saved = np.asarray(Image.open("out/b_k4.indexed.png").convert("RGBA"))
    np.testing.assert_array_equal(saved[..., 3], rgba[..., 3])


def test_images_of_different_kinds_are_named_in_the_error(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("in/a.png"))
    save_photo(Path("in/b.png"), shape=(20, 30))
    result = run_command("run", "in", "-k", "4", "--one-palette", "--out", "out", "--jobs", "1")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"napari-quantize: one palette is for images of one kind: {Path('in/a.png')} is uint8 with 3 channels "
        f"(colours), but {Path('in/b.png')} is uint8 with 1 channel (levels)\n"
    )
    assert not Path("out").exists()


def test_grey_and_colour_images_share_levels(run_command: RunCommand, photo: Path) -> None:
    images = save_photo(Path("in/a.png")), save_photo(Path("in/b.png"), 1, shape=(20, 30))
    assert (
        run_command("run", "in", "-k", "4", "--mode", "global", "--one-palette", "--out", "out", "--jobs", "1").code
        == 0
    )
    codebook = fit(np.concatenate([image.ravel() for image in images]), 4)
    bits = []
    for image, axis in zip(images, (-1, None), strict=True):
        alone = replace(codebook, request=replace(codebook.request, channel_axis=axis))
        bits.append(transfer(image, alone).quality.bits_per_pixel)
    with Path("out/table.csv").open(encoding="utf-8-sig") as file:
        assert [float(row["bits"]) for row in csv.DictReader(file)] == pytest.approx(bits)


def test_images_that_fail_are_left_out(run_command: RunCommand, photo: Path) -> None:
    image = save_photo(Path("in/a.png"))
    Path("in/bad.png").write_bytes(b"no picture")
    result = run_command("run", "in", "-k", "4", "--one-palette", "--out", "out", "--jobs", "1")
    assert (result.code, result.err) == (1, f"{Path('in/bad.png')} is not an image that can be read\n")
    assert Codebook.load("out/palette_k4.json") == fit(image, 4, mode="color", channel_axis=-1)


def save_saturated(path: str, mean: float, top: int) -> np.ndarray:
    """Save the counts of a camera that ends at `top`, and return them."""
    counts = np.minimum(np.random.default_rng(0).poisson(mean, (60, 80)), top).astype(np.uint16)
    Image.fromarray(counts).save(path)
    return counts


def table_of(out: str) -> dict[str, dict[str, str]]:
    """Return the rows of a run with one K by the names of their images."""
    with Path(out, "table.csv").open(encoding="utf-8-sig") as file:
        return {Path(row["source"]).name: row for row in csv.DictReader(file)}


def test_each_image_is_learnt_from_and_measured_without_its_own_saturated_values(
    run_command: RunCommand, photo: Path
) -> None:
    camera, dim = save_saturated("camera.png", 4000, 4095), save_saturated("dim.png", 3750, 3800)
    command = ("run", "camera.png", "dim.png", "-k", "3", "--ignore", "zeros", "--ignore", "saturated")
    assert run_command(*command, "--one-palette", "--out", "out", "--report", "--jobs", "1").code == 0
    together = np.concatenate([camera[camera < 4095], dim[dim < 3800]])
    codebook = Codebook.load("out/palette_k3.json")
    np.testing.assert_array_equal(codebook.centers, fit(together, 3).centers)
    assert codebook.request.ignore == ((0, 0), (4095, None))  # what no image was learnt from
    rows = table_of("out")
    for name, image, top in (("camera.png", camera, 4095), ("dim.png", dim, 3800)):
        loss = image.astype(float) - codebook.apply(image)
        assert float(rows[name]["rmse"]) == pytest.approx(np.sqrt(np.mean(loss[image < top] ** 2)))
        assert load(rows[name]["saved"]).raster.codebook == codebook
    page = html.unescape(Path("out/report.html").read_text(encoding="utf-8"))
    origin = "learnt from 2 images together, each without its own saturated values, without the values 0, from 4095, by"
    assert page.count(origin) == 2


def test_images_that_are_saturated_at_one_value_share_what_is_ignored(run_command: RunCommand, photo: Path) -> None:
    for name, mean in (("a.png", 4000), ("b.png", 4050)):
        save_saturated(name, mean, 4095)
    command = ("run", "a.png", "b.png", "-k", "3", "--ignore", "saturated", "--one-palette")
    assert run_command(*command, "--out", "out", "--report", "--jobs", "1").code == 0
    page = html.unescape(Path("out/report.html").read_text(encoding="utf-8"))
    assert page.count("learnt from 2 images together, without the values from 4095, by") == 2


def test_an_image_above_the_saturated_values_of_another_is_measured(run_command: RunCommand, photo: Path) -> None:
    save_saturated("dim.png", 3750, 3800)
    bright = np.linspace(3900, 3999, 400).astype(np.uint16).reshape(20, 20)
    Image.fromarray(bright).save("bright.png")
    command = ("run", "dim.png", "bright.png", "-k", "3", "--ignore", "saturated", "--one-palette")
    result = run_command(*command, "--out", "out", "--jobs", "1")
    assert result.code == 0
    loss = bright.astype(float) - Codebook.load("out/palette_k3.json").apply(bright)
    assert float(table_of("out")["bright.png"]["rmse"]) == pytest.approx(np.sqrt(np.mean(loss**2)))


def test_levels_that_take_too_long_are_declined_in_one_line(run_command: RunCommand, photo: Path) -> None:
    for n in range(2):
        values = np.random.default_rng(n).permutation(2**16)[: 200 * 200].reshape(200, 200).astype(np.uint16)
        Image.fromarray(values).save(f"{n}.png")
    command = ("run", "0.png", "1.png", "-k", "4096", "--method", "exact", "--out", "out", "--jobs", "1")
    result = run_command(*command, "--one-palette")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "one palette of 2 images: " in result.err
