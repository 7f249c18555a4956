"""The commands about one or two files: compare, palette, info, demo."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from commands import RunCommand, save_photo
from PIL import Image

from napari_quantize import Codebook, fit, sweep
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.core.record import Record
from napari_quantize.core.request.request import Method
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.save import save_raster
from napari_quantize.palettes.io import read_palette
from napari_quantize.text.methods import methods_sentence


def test_compare_prints_the_figures_of_loss(run_command: RunCommand, photo: Path) -> None:
    one = np.asarray(Image.open(photo))
    other = (one // 16 * 16).astype(np.uint8)
    Image.fromarray(other).save("other.png")
    figures = json.loads(run_command("compare", photo, "other.png", "--json").out)
    errors = one.astype(float) - other
    assert figures["mse"] == pytest.approx(np.mean(errors**2))
    assert figures["psnr"] == pytest.approx(10 * np.log10(255**2 / np.mean(errors**2)))
    assert figures["max_error"] == np.abs(errors).max()
    assert figures["changed"] == pytest.approx(np.mean(errors != 0))
    assert figures["delta_e"] == pytest.approx(delta_e(one, other).mean)
    assert figures["ssim"] == pytest.approx(ssim(one, other, channel_axis=-1))
    result = run_command("compare", photo, "other.png")
    assert result.code == 0
    assert f"PSNR           {figures['psnr']:.1f} dB" in result.out


def test_equal_images_have_no_loss(run_command: RunCommand, photo: Path) -> None:
    figures = json.loads(run_command("compare", photo, photo, "--json").out)
    assert figures == {"rmse": 0, "mse": 0, "psnr": None, "max_error": 0, "changed": 0, "delta_e": 0, "ssim": 1}
    assert "PSNR           ∞" in run_command("compare", photo, photo).out


def test_images_of_any_dtype_and_shape_are_compared(run_command: RunCommand, photo: Path) -> None:
    one = np.linspace(-5, 5, 4 * 30 * 20).reshape(4, 30, 20)
    one[0, 0, 0] = np.nan
    np.save("one.npy", one)
    np.save("other.npy", one + 0.5)
    figures = json.loads(run_command("compare", "one.npy", "other.npy", "--json").out)
    assert figures["rmse"] == pytest.approx(0.5)
    assert figures["psnr"] == pytest.approx(20 * np.log10((5 - one[0, 0, 1]) / 0.5))
    assert figures["delta_e"] is figures["ssim"] is None


def test_compare_leaves_out_invisible_pixels(run_command: RunCommand, photo: Path) -> None:
    one = save_photo(Path("one.png"), shape=(20, 20, 4))
    other = one.copy()
    other[one[..., 3] == 0] = 7
    other[10, 10, 0] ^= 1
    Image.fromarray(other).save("other.png")
    figures = json.loads(run_command("compare", "one.png", "other.png", "--json").out)
    assert figures["max_error"] == 1
    assert figures["mse"] == pytest.approx(1 / (3 * 16 * 20))


def test_compare_names_both_images_of_different_kinds(run_command: RunCommand, photo: Path) -> None:
    save_photo(Path("grey.png"), shape=(24, 32))
    result = run_command("compare", photo, "grey.png")
    assert result.code == 2
    assert "photo.png is 8 bit RGB · 32×24, but grey.png is 8 bit · 32×24" in result.err


def test_palette_is_printed_and_written(run_command: RunCommand, photo: Path) -> None:
    codebook = fit(np.asarray(Image.open(photo)), 5, mode="color", channel_axis=-1)
    expected = [f"#{bytes(color).hex()}" for color in codebook.outputs[0]]
    assert run_command("palette", photo, "-k", "5").out.split() == expected
    result = run_command("palette", photo, "-k", "5", "-o", "five.gpl")
    assert result.code == 0
    assert result.out.startswith("five.gpl: 5 colours, error ± ")
    np.testing.assert_array_equal(read_palette("five.gpl").colors, codebook.outputs[0])
    assert "five.gpl exists already: use --overwrite" in run_command("palette", photo, "-k", "5", "-o", "five.gpl").err
    assert run_command("palette", photo, "-k", "5", "-o", "five.json").code == 0
    assert Codebook.load("five.json") == codebook
    assert Codebook.from_dict(json.loads(run_command("palette", photo, "-k", "5", "--json").out)) == codebook


def test_a_palette_of_12_bits_is_as_bright_as_its_image(run_command: RunCommand, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 4096, (30, 40, 3)).astype(np.uint16)
    deep, five, out = tmp_path / "deep.tif", tmp_path / "five.gpl", tmp_path / "out"
    save_raster(deep, Raster(image, True, Calibration.of_pixels("y", "x")))
    assert run_command("palette", deep, "-k", "5", "-o", five).code == 0
    colors = fit(image, 5, mode="color", channel_axis=-1).outputs[0]
    np.testing.assert_allclose(read_palette(five).colors / 255, colors / 4095, atol=0.5 / 255)
    assert run_command("run", deep, "--palette", five, "--out", out).code == 0
    found = np.unique(load(next(out.glob("deep_palette*"))).raster.image.reshape(-1, 3), axis=0)
    np.testing.assert_allclose(found, np.unique(colors, axis=0), atol=0.51 * 4095 / 255)


def test_levels_are_printed_with_all_digits(run_command: RunCommand, photo: Path) -> None:
    np.save("a.npy", np.array([[0.25, 0.5], [1e-7, 3]]))
    assert run_command("palette", "a.npy", "-k", "4").out.split() == ["1e-07", "0.25", "0.5", "3"]
    np.save("b.npy", np.array([[4_000_000_001, 4_000_000_008]], np.uint32))
    assert run_command("palette", "b.npy", "-k", "2").out.split() == ["4000000001", "4000000008"]
    result = run_command("palette", photo, "-k", "2", "--mode", "per-channel")
    assert result.out.count("channel") == 3


def test_info_of_images_and_results(run_command: RunCommand, photo: Path) -> None:
    result = run_command("info", photo)
    assert result.code == 0
    assert "8 bit RGB · 32×24" in result.out
    assert "\nfile bits per pixel " in result.out  # not the entropy, which tables call bits/px
    contents = json.loads(run_command("info", photo, "--json").out)
    size = photo.stat().st_size
    assert contents["compression_ratio"] == pytest.approx(24 * 32 * 3 / size, abs=0.006)
    assert contents["file_bits_per_pixel"] == pytest.approx(8 * size / (24 * 32), abs=0.006)
    assert run_command("run", photo, "-k", "3", "--out", "out").code == 0
    result = run_command("info", "out/photo_k3.indexed.png")
    assert "made from" in result.out
    assert "MiniBatchKMeans" in result.out
    contents = json.loads(run_command("info", "out/photo_k3.indexed.png", "--json").out)
    outputs = Codebook.load("out/photo_k3.json").outputs[0].tolist()
    assert (contents["k"], contents["made_from"], contents["outputs"]) == (3, "photo.png", [outputs])


def test_info_says_that_a_file_is_dithered(run_command: RunCommand, photo: Path) -> None:
    for name, options in (("plain", []), ("mixed", ["--dither"])):
        assert run_command("run", photo, "-k", "3", "--out", name, *options).code == 0
        shown = run_command("info", f"{name}/photo_k3.indexed.png")
        contents = json.loads(run_command("info", f"{name}/photo_k3.indexed.png", "--json").out)
        methods = [line.split()[1] for line in shown.out.splitlines() if "dither" in line]
        assert methods == ["Floyd-Steinberg"] * len(options)
        assert contents.get("dithering") == ("Floyd-Steinberg" if options else None)


@pytest.mark.parametrize(
    ("image", "values", "outputs"),
    [
        (np.array([[16_000_009, 16_000_046]], np.uint32), "16000009 to 16000046", "16000009, 16000046"),
        (np.array([[1e5, 100_000.5]]), "100000 to 100000.5", "100000, 100000.5"),
        (np.array([[[1e5, 0.5, 1], [1e5, 0.75, 1e6]]]), "0.5 to 1000000", "(100000, 0.5, 1), (100000, 0.75, 1000000)"),
    ],
)
def test_info_tells_values_apart(
    run_command: RunCommand, photo: Path, image: np.ndarray, values: str, outputs: str
) -> None:
    options = {"mode": "color", "channel_axis": -1} if image.ndim == 3 else {}
    np.save("a.npy", image)
    fit(image, 2, **options).save("a.json")
    assert json.loads(run_command("info", "a.npy", "--json").out)["values"] == values
    shown = run_command("info", "a.json").out
    assert f" {outputs}\n" in shown


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (np.nan, "the image has no finite, visible value to learn from."),
        (2**60, "the image holds 1152921504606846976: integers beyond 2**53 cannot be told apart in float64."),
    ],
)
def test_info_of_values_that_cannot_be_described(run_command: RunCommand, photo: Path, value: float, note: str) -> None:
    np.save("a.npy", np.full((5, 7), value))
    result = run_command("info", "a.npy", "--json")
    assert (result.code, result.err) == (0, "")
    contents = json.loads(result.out)
    assert (contents["values"], contents["notes"]) == (None, [note])
    assert run_command("info", "a.npy").code == 0


def test_info_of_palettes_and_codebooks(run_command: RunCommand, photo: Path) -> None:
    Path("two.gpl").write_text("GIMP Palette\nName: pair\n255 0 0 red\n0 0 1\n")
    result = run_command("info", "two.gpl")
    assert "pair" in result.out
    assert "#ff0000, #000001" in result.out
    assert run_command("palette", photo, "-k", "40", "-o", "forty.json").code == 0
    assert "(40 in all)" in run_command("info", "forty.json").out
    assert json.loads(run_command("info", "forty.json", "--json").out)["used"] == 40


@pytest.mark.parametrize(("method", "seed"), [("minibatch", 7), ("lloyd", 7), ("exact", None)])
def test_info_tells_the_seed_of_methods_that_start_at_random(
    run_command: RunCommand, photo: Path, method: Method, seed: int | None
) -> None:
    image = np.arange(60, dtype=np.uint8)
    fit(image, 4, method=method, random_state=7).save("a.json")
    assert json.loads(run_command("info", "a.json", "--json").out)["seed"] == seed
    [result] = sweep(image, (4,), method=method, random_state=7)
    record = Record(codebook=result.codebook, quality=result.quality)
    assert ("seed 7" in methods_sentence(record)) == (seed is not None)


def test_demo_prints_the_table_without_a_display(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_quantize.cli.commands.demo.has_display", lambda: False)
    result = run_command("demo")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()[2:7]] == ["2", "4", "8", "16", "32"]
    assert "There is no display" in result.out


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("source", [{"a": [1, {"b": 2}]}, [["a", [1, [2]]]], 3, None, True])
def test_info_of_a_record_that_somebody_else_wrote(
    run_command: RunCommand, photo: Path, ending: str, source: object
) -> None:
    image = Raster(np.zeros((9, 7), np.uint8), False, Calibration.of_pixels("y", "x"), None, {"source": source})
    save_raster(f"a{ending}", image)
    for arguments in ([], ["--json"]):
        result = run_command("info", f"a{ending}", *arguments)
        assert (result.code, result.err) == (0, "")
        assert "made from" not in result.out.replace("_", " ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has pipes with names")
def test_a_palette_that_is_a_pipe_is_refused(run_command: RunCommand, photo: Path) -> None:
    os.mkfifo("pipe.gpl")
    result = run_command("run", photo, "--palette", "pipe.gpl", "--out", "out")
    assert result.code == 2
    assert "pipe.gpl is a pipe or a device, not a file" in result.err
    assert "is a pipe or a device" in run_command("info", "pipe.gpl").err


def test_errors_beyond_all_numbers_have_no_ratio(run_command: RunCommand, photo: Path) -> None:
    np.save("a.npy", np.array([[0.0, 1.0], [2.0, 3.0]]))
    np.save("b.npy", np.full((2, 2), 1e200))
    result = run_command("compare", "a.npy", "b.npy", "--json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["psnr"] is None
