"""napari's *Save* and *Open* with the formats of this plugin."""

import json

import napari
import numpy as np
import pytest
import tifffile
from driving import GREY, RGB, PatientBot, open_dock, press
from PIL import Image

from napari_quantize import fit, sweep
from napari_quantize.palettes.io import read_palette, write_palette
from napari_quantize.palettes.palette import Palette
from napari_quantize.viewer.contributions.commands import _read
from napari_quantize.viewer.contributions.palette_reader import (
    get_indexed_reader,
    get_palette_reader,
    read_palette_layer,
)
from napari_quantize.viewer.layers.palettes import swatch_layer
from napari_quantize.viewer.layers.provenance import (
    METADATA_KEY,
    Provenance,
    codebook_in,
    provenance_in,
    provenance_metadata,
    provenance_of,
    record_without_codebook,
)

OURS = "napari-quantize"


@pytest.fixture(scope="module")
def result(request, shared_viewers):
    """The layer of a result, which is saved and never changed."""
    viewer = shared_viewers.open(show=False)
    viewer.add_image(RGB, name="photo", rgb=True, scale=(0.5, 0.25), units=("um", "um"))
    [layer] = press(PatientBot(request), open_dock(viewer, "4"))
    shared_viewers.clear()
    return layer


def test_an_indexed_png_is_written_and_read_back(result, tmp_path):
    path = tmp_path / "a.indexed.png"
    assert result.save(str(path)) == [str(path)]
    with Image.open(path) as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(image.convert("RGB"), result.data)
    [layer] = napari.components.ViewerModel().open(path, plugin=OURS)
    assert (layer.name, layer.rgb, layer.axis_labels) == ("a", True, ("y", "x"))
    np.testing.assert_array_equal(layer.data, result.data)
    np.testing.assert_array_equal(layer.scale, result.scale)
    assert list(map(str, layer.units)) == ["micrometer", "micrometer"]
    assert provenance_of(layer) is None
    assert provenance_in(layer.metadata) == provenance_of(result)
    assert layer.metadata["file"]["format"] == "PNG"


def test_the_open_command_reads_the_provenance(result, tmp_path):
    result.save(str(tmp_path / "a.indexed.png"))
    [(data, attributes, _)] = _read([str(tmp_path / "a.indexed.png")])
    np.testing.assert_array_equal(data, result.data)
    assert codebook_in(attributes["metadata"]) == provenance_of(result).codebook
    assert _read([str(tmp_path / "none.png")]).endswith("none.png'")


def test_saving_a_read_file_gives_the_same_bytes(result, tmp_path):
    result.save(str(tmp_path / "a.indexed.png"))
    [layer] = napari.components.ViewerModel().open(tmp_path / "a.indexed.png", plugin=OURS)
    layer.save(str(tmp_path / "b.indexed.png"))
    assert (tmp_path / "a.indexed.png").read_bytes() == (tmp_path / "b.indexed.png").read_bytes()


def test_ome_tiff_holds_the_pixel_size(result, tmp_path):
    path = tmp_path / "a.ome.tif"
    assert result.save(str(path)) == [str(path)]
    with tifffile.TiffFile(path) as tiff:
        assert 'PhysicalSizeX="0.25"' in tiff.ome_metadata
        np.testing.assert_array_equal(tiff.asarray(), result.data)


def test_another_suffix_never_replaces_an_existing_file(tmp_path):
    film = napari.layers.Image(np.stack([GREY] * 3), name="film")
    path = tmp_path / "film.indexed.png"
    assert film.save(str(path)) == [str(tmp_path / "film.tif")]
    before = (tmp_path / "film.tif").read_bytes()
    with pytest.raises(FileExistsError, match=r"“film\.indexed\.png” would become “film\.tif”, which exists already"):
        film.save(str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.tif"]
    assert (tmp_path / "film.tif").read_bytes() == before


@pytest.mark.parametrize("ending", [".gpl", ".pal", ".act", ".aco", ".hex"])
def test_the_palette_of_a_result_is_written(result, tmp_path, ending):
    path = tmp_path / f"a{ending}"
    assert result.save(str(path)) == [str(path)]
    expected = provenance_of(result).codebook.outputs[0]
    found = read_palette(path)
    shift = 257 if found.colors.dtype == np.uint16 else 1
    np.testing.assert_array_equal(found.colors, expected * np.uint16(shift))


def test_the_palette_of_12_bits_is_as_bright_as_the_result(tmp_path):
    image = RGB * np.uint16(16)
    [quantized] = sweep(image, [4], mode="color", channel_axis=-1)
    layer = napari.layers.Image(quantized.image, rgb=True)
    record = Provenance.of(quantized, "1", "photo", layer).to_dict()
    layer.metadata = provenance_metadata(quantized.codebook, record)
    layer.save(str(tmp_path / "a.gpl"))
    colors = read_palette(tmp_path / "a.gpl").colors
    np.testing.assert_allclose(colors / 255, quantized.codebook.outputs[0] / 4095, atol=0.5 / 255)


@pytest.mark.parametrize(("factor", "white"), [(4, 1023), (16, 4095), (64, 16383), (257, 65535)])
def test_an_opened_codebook_is_as_bright_as_its_image(factor, white, tmp_path):
    codebook = fit(RGB * np.uint16(factor), 8, mode="color", channel_axis=-1)
    assert codebook.outputs[0].max() > white / 2
    codebook.save(tmp_path / "a.json")
    [(image, attributes, _)] = read_palette_layer(str(tmp_path / "a.json"))
    expected = codebook.outputs[0] / white
    np.testing.assert_allclose(image[image[..., 3] > 0][:, :3] / 65535, expected, atol=1e-4)
    napari.layers.Image(image, **attributes).save(str(tmp_path / "a.aco"))
    np.testing.assert_allclose(read_palette(tmp_path / "a.aco").colors / 65535, expected, atol=1e-4)


def test_layers_without_a_palette_are_an_error(tmp_path):
    with pytest.raises(OSError, match=r"a.gpl cannot be written: “plain” has no palette"):
        napari.layers.Image(RGB, name="plain", rgb=True).save(str(tmp_path / "a.gpl"))
    own = fit(RGB, 2, mode="per_channel", channel_axis=-1)
    layer = napari.layers.Image(RGB, rgb=True, metadata=provenance_metadata(own, None))
    with pytest.raises(OSError, match="each of the 3 channels has levels of its own"):
        layer.save(str(tmp_path / "a.gpl"))
    assert list(tmp_path.iterdir()) == []


def test_swatches_are_saved_as_the_palette_that_they_show(tmp_path):
    palette = Palette(RGB.reshape(-1, 3)[:5], "five", tuple("abcde"))
    image, attributes = swatch_layer(palette, "")
    layer = napari.layers.Image(image, **attributes)
    layer.save(str(tmp_path / "a.gpl"))
    assert read_palette(tmp_path / "a.gpl") == palette


def test_palettes_are_opened_as_swatches(tmp_path):
    viewer = napari.components.ViewerModel()
    write_palette(tmp_path / "a.gpl", Palette(RGB.reshape(-1, 3)[:5], "five"))
    fit(GREY, 3).save(tmp_path / "b.json")
    for name, n, title in (("a.gpl", 5, "five"), ("b.json", 3, "b")):
        [layer] = viewer.open(tmp_path / name, plugin=OURS)
        assert layer.name == title
        assert layer.data.shape == (1, n, 4)


def test_readers_decline_other_files(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "b.gpl").mkdir()
    for path in ("a.json", "b.gpl", "none.json", "a.png", "a.txt"):
        assert get_palette_reader(str(tmp_path / path)) is None
    assert get_palette_reader([str(tmp_path / "c.gpl")]) is None
    assert get_indexed_reader(str(tmp_path / "a.png")) is None
    assert get_indexed_reader(str(tmp_path / "A.Indexed.PNG")) is not None


@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored.pop("quality"),
        lambda stored: stored["quality"].pop("rmse"),
        lambda stored: stored["quality"].update(rmse="much"),
        lambda stored: stored.update(samples=[1]),
        lambda stored: stored.update(together=[["a"]]),
        lambda stored: stored.update(learnt_from=["a"]),
        lambda stored: stored.update(version=1),
        lambda stored: stored.update(each_slice="no"),
        lambda stored: stored["codebook"].update(levels=[["a"]]),
    ],
)
def test_incomplete_records_in_metadata_are_ignored(result, damage):
    provenance = provenance_of(result)
    metadata = json.loads(json.dumps(provenance_metadata(provenance.codebook, record_without_codebook(provenance))))
    assert provenance_in(metadata) == provenance
    damage(metadata[METADATA_KEY])
    assert provenance_in(metadata) is None
    assert codebook_in({METADATA_KEY: "nothing"}) is None
