"""Texts, provenance and scripts of results of a given palette never say that it was learnt."""

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize.core.api import transfer
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.results import format_k, layer_name
from napari_quantize.viewer import messages
from napari_quantize.viewer.export.script import Origin, ScriptInputs, write_script
from napari_quantize.viewer.layers.provenance import Provenance, provenance_of

RGB = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
COLORS = np.array([[0, 0, 0], [255, 0, 0], [255, 255, 255]], np.uint8)
GREYS = COLORS[[0, 2]]


def make_result(image=RGB, colors=COLORS, name="web safe", learnt_from=(), **options):
    result = transfer(image, codebook_from(Palette(colors, name), image.dtype, **options))
    layer = Image(result.image)
    provenance = Provenance.of(result, "source", "photo", layer, learnt_from=learnt_from)
    provenance.write(layer)
    return layer, provenance, result


def test_provenance_of_a_given_palette_is_read_back():
    layer, provenance, result = make_result(channel_axis=-1)
    assert provenance_of(layer) == provenance
    assert provenance.request == result.codebook.request
    assert provenance.codebook == result.codebook
    _, other, _ = make_result(name="other", channel_axis=-1)
    assert other.settings_key != provenance.settings_key


@pytest.mark.parametrize("learnt_from", [(), ("2", "another layer")])
def test_sentences_name_the_given_palette(learnt_from):
    _, provenance, _ = make_result(channel_axis=-1, learnt_from=learnt_from)
    assert format_k(provenance) == "3 of web safe"
    assert "colours, of the palette “web safe”" in messages.figures(provenance)
    assert (
        messages.apply_question(provenance) == "Apply the colours of the palette “web safe” with K=3 to these layers:"
    )
    assert messages.applied(provenance, ["b"]) == "The colours of the palette “web safe” were applied to “b”."
    assert layer_name(provenance) == "K=3 of web safe · photo"
    sentence = methods_sentence(provenance)
    assert sentence.startswith(
        "Colours were mapped to the nearest of the 3 colours of the palette “web safe” with napari-quantize "
    )
    assert "colours: (0, 0, 0), (255, 0, 0), (255, 255, 255); root mean squared error" in sentence
    assert "learnt" not in sentence
    assert "means" not in sentence


def test_sentences_without_a_palette_name():
    _, provenance, _ = make_result(RGB[..., 0], GREYS, "")
    assert format_k(provenance) == "2 palette"
    assert messages.apply_question(provenance) == "Apply the levels of a palette with K=2 to these layers:"
    assert layer_name(provenance) == "K=2 palette · photo"
    assert methods_sentence(provenance).startswith(
        "Intensities were mapped to the nearest of the 2 levels of a palette with"
    )


def test_the_methods_sentence_names_the_colour_space():
    _, provenance, _ = make_result(channel_axis=-1, color_space="lab")
    assert "mapped by their distance in CIELAB to the nearest of the 3 colours" in methods_sentence(provenance)


def test_the_script_makes_the_result_again():
    layer, provenance, result = make_result(channel_axis=-1)
    script = write_script(ScriptInputs("it", provenance, (Origin.of(Image(RGB, name="photo")),), layer.data))
    assert script.exact
    assert script.text.endswith("\n\n# The colours are those of the palette “web safe”: nothing was learnt.\n")
    assert "fit(" not in script.text
    names = {"viewer": type("Viewer", (), {"layers": {"photo": Image(RGB)}})}
    exec(script.text, names)  # noqa: S102
    assert np.array_equal(names["result"], result.image)


def test_a_request_to_learn_has_no_palette():
    _, provenance, _ = make_result(channel_axis=-1)
    request = provenance.request.learning(keep=[(0, 0, 0)])
    assert (request.method, request.palette, request.keep) == ("minibatch", "", ((0.0, 0.0, 0.0),))
    assert provenance.request.learning(method="lloyd").method == "lloyd"
