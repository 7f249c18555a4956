"""Names of exported files, predictions and options, without a window."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_quantize import Codebook, sweep
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.palettes.io import read_palette
from napari_quantize.viewer.export.messages import exist_already, listed, saved
from napari_quantize.viewer.export.model import Candidate, OutputFile, existing, file_stems, legal_file_name
from napari_quantize.viewer.export.options import OPTIONS, ROWS, Choice, left_out_notice
from napari_quantize.viewer.export.predict import predict_result_file
from napari_quantize.viewer.export.report import reported
from napari_quantize.viewer.export.write_files import ExportProgress, list_result_files, write_files
from napari_quantize.viewer.layers.provenance import Provenance, record_without_codebook

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 200, (20, 30, 3), dtype=np.uint8)
CELLS = RNG.integers(0, 4000, (20, 30), dtype=np.uint16)
FILM = RNG.integers(0, 200, (3, 8, 9), dtype=np.uint8)


class Layer:
    """A stand-in for a layer, with the attribute that a provenance reads."""

    def __init__(self, layer_id):
        self.unique_id = layer_id


def candidates(image, ks, source="photo", **options):
    """Return the candidates of a sweep, as the dock creates them."""
    rgb = options.get("channel_axis") == -1
    axes = ("t", "z", "y", "x")[-(image.ndim - rgb) :]
    found = []
    for number, result in enumerate(sweep(image, ks, **options)):
        provenance = Provenance.of(result, "source", source, Layer(f"id{number}"))
        raster = Raster(
            result.image, rgb, Calibration.of_pixels(*axes), result.codebook, record_without_codebook(provenance)
        )
        found.append(Candidate(provenance.layer_id, f"K={provenance.k} · {source}", provenance, raster, image))
    return found


def photos(*ks):
    return candidates(PHOTO, ks, mode="color", channel_axis=-1)


def choice(folder, results, **options):
    return Choice(folder, "photo", tuple(each.layer_id for each in results), **options)


def write(chosen, results, *, replace=False, stop=None):
    predicted = {each.layer_id: predict_result_file(each, chosen.for_image(each)) for each in results}
    files = list_result_files(chosen, results, predicted)
    return files, write_files(files, ExportProgress(), stop or Event(), replace=replace)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("astronaut", "astronaut"),
        ("plate/well: 3", "plate_well_ 3"),
        ('a\\b*c?"<>|\n', "a_b_c______"),
        ("CON", "_CON"),
        ("com1.tif", "_com1.tif"),
        ("ends. . ", "ends"),
        ("Größe 漢字", "Größe 漢字"),
        ("caf\udce9", "caf"),
    ],
)
def test_illegal_names_are_changed(name, expected):
    assert legal_file_name(name) == expected


@given(st.text(st.characters(), max_size=400))
def test_every_name_becomes_legal(name):
    found = legal_file_name(name)
    assert legal_file_name(found) == found
    assert len(found.encode()) <= 150
    assert not set(found) & set('/\\:*?"<>|\0\n')


def test_file_stems_are_distinct():
    one, two = photos(8, 16)
    assert file_stems("a", [one, two]) == {"id0": "a_k8", "id1": "a_k16"}
    [other] = candidates(PHOTO, [8], mode="per_channel", channel_axis=-1)
    other = Candidate("id7", "K=8 mine · photo", other.provenance, other.raster)
    again = Candidate("id8", "K=8 mine · photo", other.provenance, other.raster)
    assert file_stems("a", [one, other]) == {"id0": "a_k8", "id7": "a_k8_own"}
    assert file_stems("a", [one, other, again]) == {"id0": "a_k8", "id7": "a_k8_mine", "id8": "a_k8_mine_2"}


def test_long_names_leave_room_for_suffixes():
    [one] = photos(8)
    renamed = [Candidate(layer_id, "ä" * 200, one.provenance, one.raster) for layer_id in ("a", "b")]
    found = file_stems(legal_file_name("ö" * 200), renamed)
    assert len(set(found.values())) == 2
    assert all(len(f"{stem}.indexed.png".encode()) <= 255 for stem in found.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, ""),
        ({"image": ""}, "Choose what to export"),
        ({"layer_ids": ()}, "Tick at least one result."),
        ({"stem": " . "}, "Type the beginning of the file names."),
        ({"stem": "a/b"}, "Files cannot be called “a/b…”: try “a_b”."),
        ({"folder": Path("")}, "Choose the folder where the files go."),
        ({"folder": Path("no such folder")}, "There is no folder “no such folder”: choose another one."),
    ],
)
def test_the_problem_of_a_choice_is_one_sentence(tmp_path, change, message):
    good = {"folder": tmp_path, "stem": "a", "layer_ids": ("x",)}
    found = Choice(**{**good, **change}).problem
    assert found.startswith(message) if message else found == ""


def test_the_written_files_are_those_predicted(tmp_path):
    results = photos(2, 16, 300)
    predicted = [predict_result_file(each, Choice(tmp_path, "", ())) for each in results]
    files, outcome = write(choice(tmp_path, results), results)
    assert [file.path.name for file in files] == ["photo_k2.indexed.png", "photo_k16.indexed.png", "photo_k300.png"]
    assert outcome.saved == tuple(file.path for file in files)
    assert outcome.n_bytes == sum(file.path.stat().st_size for file in files)
    assert predicted[0].description.startswith("2 colours, 1 bit · ")
    assert predicted[1].description.startswith("16 colours, 4 bits · ")
    assert predicted[2].description.startswith("RGB, 8 bits · ")
    assert predicted[2].description.endswith(": more than 256 colours")
    for each, file, expected in zip(results, files, predicted, strict=True):
        assert f"{file.path.stat().st_size / 1024:.3g}"[:3] in expected.description
        with Image.open(file.path) as image:
            np.testing.assert_array_equal(image.convert("RGB"), each.raster.image)
        assert load(file.path).raster.codebook == each.provenance.codebook


def test_16_bit_images_become_grey_png_without_palette(tmp_path):
    [result] = candidates(CELLS, [4])
    file = predict_result_file(result, Choice(tmp_path, "", ()))
    assert file.suffix == ".png"
    assert file.description.startswith("grey, 16 bits · ")
    assert file.description.endswith(": palettes hold 8 bits")


@pytest.mark.parametrize(
    ("image", "why"),
    [(FILM, "a PNG cannot hold 3 dimensions"), (CELLS.astype(np.float32), "a PNG cannot hold 32 bit float values")],
)
def test_images_that_png_cannot_hold_become_tiffs(tmp_path, image, why):
    results = candidates(image, [4])
    file = predict_result_file(results[0], Choice(tmp_path, "", ()))
    assert file.suffix == ".tif"
    assert file.description.startswith("TIFF, ")
    assert file.description.endswith(f": {why}")
    [file], _ = write(choice(tmp_path, results), results)
    assert file.path.name == "photo_k4.tif"
    np.testing.assert_array_equal(load(file.path).raster.image, results[0].raster.image)


def test_palettes_of_12_bits_are_as_bright_as_the_image(tmp_path):
    results = candidates(PHOTO * np.uint16(16), [3], mode="color", channel_axis=-1)
    write(choice(tmp_path, results, image="", palette=".gpl"), results)
    colors = results[0].provenance.codebook.outputs[0]
    np.testing.assert_allclose(read_palette(tmp_path / "photo_k3.gpl").colors / 255, colors / 4095, atol=0.5 / 255)


def test_palettes_codebooks_and_separations_match_the_codebook(tmp_path):
    results = photos(3)
    for suffix in (".gpl", ".json"):
        chosen = choice(tmp_path, results, image="", palette=suffix, separations=suffix == ".gpl")
        _, outcome = write(chosen, results)
        assert outcome.n_files == (4 if suffix == ".gpl" else 1)  # each of a folder's files counts
    codebook = results[0].provenance.codebook
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo_k3.gpl", "photo_k3.json", "photo_k3_separations"]
    assert Codebook.load(tmp_path / "photo_k3.json") == codebook
    np.testing.assert_array_equal(read_palette(tmp_path / "photo_k3.gpl").colors, codebook.outputs[0])
    whites = [np.asarray(Image.open(path)) > 0 for path in sorted((tmp_path / "photo_k3_separations").iterdir())]
    np.testing.assert_array_equal(np.argmax(whites, axis=0), codebook.encode(PHOTO))


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (PHOTO, {"mode": "color", "channel_axis": -1}),
        (PHOTO, {"mode": "per_channel", "channel_axis": -1}),
        (PHOTO, {"mode": "global", "channel_axis": -1}),
        (np.dstack([PHOTO, PHOTO[..., :1] + 1]), {"mode": "global", "channel_axis": -1, "alpha": True}),
        (CELLS, {}),
        (CELLS // 1000, {}),  # four values only
    ],
)
def test_separations_are_counted_before_they_are_written(tmp_path, image, options):
    results = candidates(image, [5], **options)
    files, outcome = write(choice(tmp_path, results, image="", separations=True), results)
    assert [file.n_files for file in files] == [outcome.n_files] == [len(list(files[0].path.iterdir()))]
    progress = ExportProgress()
    write_files([files[0], files[0]], progress, Event(), replace=True)
    assert (progress.done, progress.total) == (outcome.n_files, 2 * outcome.n_files)


def test_the_notice_names_results_without_palette_or_separations(tmp_path):
    chosen = {"palette": ".act", "separations": True}
    many = photos(2, 300)
    assert left_out_notice(choice(tmp_path, many, **chosen), many) == (
        "No palette of K=300: more than 256 colours. No separations of K=300: more than 256 files."
    )
    own = candidates(PHOTO, [4], mode="per_channel", channel_axis=-1)
    assert left_out_notice(choice(tmp_path, own, palette=".gpl"), own) == (
        "No palette of K=4 own: each channel has levels of its own."
    )
    assert left_out_notice(choice(tmp_path, own, palette=".json"), own) == ""
    levels = candidates(PHOTO, [4, 86], mode="global", channel_axis=-1)
    assert left_out_notice(choice(tmp_path, levels, separations=True), levels) == (
        "No separations of K=86 levels: more than 256 files."
    )
    _, outcome = write(choice(tmp_path, levels, image="", separations=True), levels)
    assert (len(outcome.saved), outcome.failures) == (1, ())
    deep = candidates(PHOTO.astype(np.uint32), [4], mode="color", channel_axis=-1)
    notice = left_out_notice(choice(tmp_path, deep, palette=".gpl"), deep)
    assert notice.startswith("No palette of K=4: the colours are uint32 from ")
    film = candidates(FILM, [4])
    assert left_out_notice(choice(tmp_path, film, separations=True), film) == (
        "No separations of K=4: separations need an image of one plane."
    )
    files = list_result_files(choice(tmp_path, many, image="", **chosen), many, {})
    assert [file.path.name for file in files] == ["photo_k2.act", "photo_k2_separations"]


def test_dithering_uses_only_palette_colours_and_follows_a_gradient(tmp_path):
    fade = np.repeat(np.linspace(0, 255, 64).astype(np.uint8), 96).reshape(64, 32, 3)
    [result] = candidates(fade, [2], mode="color", channel_axis=-1)
    assert result.can_be_dithered
    [file], _ = write(choice(tmp_path, [result], dither=True), [result])
    loaded = load(file.path).raster
    assert loaded.record["dithered"] is True
    palette = result.provenance.codebook.outputs[0]
    assert {tuple(color) for color in loaded.image.reshape(-1, 3)} <= {tuple(color) for color in palette}
    # Means over a few rows follow the gradient, where the nearest colours make a step.
    means = [image.reshape(8, 8, -1).mean((1, 2)) for image in (fade, result.raster.image, loaded.image)]
    step, dithered = (np.abs(mean - means[0])[2:-2].max() for mean in means[1:])
    assert dithered < step / 2
    assert not candidates(CELLS, [4])[0].can_be_dithered


def test_existing_files_are_kept_or_replaced(tmp_path):
    results = photos(2, 3)
    precious = tmp_path / "photo_k2.indexed.png"
    precious.write_text("precious")
    files, outcome = write(choice(tmp_path, results), results)
    assert existing(files) == [file.path for file in files]
    assert outcome.kept == (precious,)
    assert precious.read_text() == "precious"
    _, outcome = write(choice(tmp_path, results), results, replace=True)
    assert (len(outcome.saved), outcome.kept) == (2, ())
    assert precious.read_bytes().startswith(b"\x89PNG")


def test_existing_folders_are_counted_as_such(tmp_path):
    results = photos(2, 3)
    files, _ = write(choice(tmp_path, results, separations=True), results)
    assert exist_already(existing(files)).startswith(f"2 files and 2 folders are there already in {tmp_path}:")
    folder = [file.path for file in files if file.n_in_folder][:1]
    assert saved(0, 0, tmp_path, folder, stopped=False) == "Nothing was saved. 1 folder was left as before."


def test_a_failure_does_not_stop_the_other_files(tmp_path):
    def fail(path, overwrite):
        raise OSError(28, "No space left on device")

    def succeed(path, overwrite):
        path.write_text("1234")

    files = [OutputFile(tmp_path / "a.png", fail), OutputFile(tmp_path / "b.png", succeed)]
    outcome = write_files(files, ExportProgress(), Event(), replace=False)
    assert outcome.saved == (tmp_path / "b.png",)
    assert outcome.n_bytes == 4
    assert outcome.failures == ("“a.png” could not be written: No space left on device.",)


def test_stop_takes_effect_between_two_files(tmp_path):
    stop = Event()

    def write_and_stop(path, overwrite):
        path.write_text("")
        stop.set()

    files = [OutputFile(tmp_path / name, write_and_stop) for name in "ab"]
    outcome = write_files(files, ExportProgress(), stop, replace=False)
    assert outcome.saved == (tmp_path / "a",)
    assert outcome.stopped
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_record_is_plain_json(tmp_path):
    [result] = photos(2)
    assert "codebook" not in record_without_codebook(result.provenance)
    assert json.loads(json.dumps(record_without_codebook(result.provenance))) == record_without_codebook(
        result.provenance
    )


def test_results_without_source_are_left_out_of_the_report(tmp_path):
    two, four = photos(2, 4)
    gone = replace(two, source=None)
    chosen = choice(tmp_path, [gone, four], report=True, image="")
    assert chosen.problem == ""
    assert (
        left_out_notice(chosen, [gone, four]) == "No report of K=2: the image that it was made from has been removed."
    )
    assert reported(chosen, [gone, four]) == [four]
    assert left_out_notice(choice(tmp_path, [four], report=True), [gone, four]) == ""
    assert reported(choice(tmp_path, [four]), [gone, four]) == []


@pytest.mark.parametrize(("n_files", "last"), [(1, "0.png"), (20, "19.png"), (21, "… and 1 more")])
def test_the_tooltip_of_the_button_lists_up_to_20_files(n_files, last):
    lines = listed([f"{number}.png" for number in range(n_files)]).removesuffix("</p>").splitlines()
    assert len(lines) == 1 + min(n_files, 21)
    assert lines[-1] == last


def test_every_option_has_a_tooltip_and_an_effect():
    for option in OPTIONS.values():
        assert option.row in ROWS
        assert len(option.tip) > 30
        assert bool(option.title) != bool(option.formats)
        assert option.default in (option.formats.values() if option.formats else (False, True))
        assert bool(option.files) != (option.changes_image is not None)
        assert bool(option.tip_if_idle) == (option.changes_image is not None)


def test_for_image_keeps_only_what_changes_the_image(tmp_path):
    [photo], [cells] = photos(4), candidates(CELLS, [4])
    chosen = choice(tmp_path, [photo, cells], dither=True, palette=".gpl", table=True)
    assert chosen.for_image(photo) == choice(Path(), [photo], dither=True).for_image(photo)
    assert (chosen.for_image(photo).dither, chosen.for_image(cells).dither) == (True, False)
    assert (chosen.for_image(photo).palette, chosen.for_image(photo).table) == ("", False)
    assert not replace(chosen, image=".tif").for_image(photo).dither
    assert chosen.idle([photo, cells]) == frozenset()
    assert chosen.idle([cells]) == {"dither"}
    assert replace(chosen, image=".tif").idle([photo, cells]) == {"dither"}
