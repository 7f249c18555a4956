"""Of colours that were given nobody says that they were learnt."""

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize.core.api import transfer
from napari_quantize.palettes.codebooks import codebook_from
from napari_quantize.palettes.palette import Palette
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.results import format_k
from napari_quantize.viewer import messages
from napari_quantize.viewer.export.script import Origin, Wanted, write_script
from napari_quantize.viewer.layers.provenance import Provenance, layer_name, provenance_of

RGB = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
COLORS = np.array([[0, 0, 0], [255, 0, 0], [255, 255, 255]], np.uint8)
GREYS = COLORS[[0, 2]]


def made_of(image=RGB, colors=COLORS, name="web safe", learnt_from=(), **options):
    result = transfer(image, codebook_from(Palette(colors, name), image.dtype, **options))
    layer = Image(result.image)
    made = Provenance.of(result, "source", "photo", layer, learnt_from=learnt_from)
    made.write(layer)
    return layer, made, result


def test_there_and_back():
    layer, made, result = made_of(channel_axis=-1)
    assert provenance_of(layer) == made
    assert made.request == result.codebook.request
    assert made.codebook == result.codebook
    _, other, _ = made_of(name="other", channel_axis=-1)
    assert other.way != made.way


@pytest.mark.parametrize("learnt_from", [(), ("2", "another layer")])
def test_words(learnt_from):
    _, made, result = made_of(channel_axis=-1, learnt_from=learnt_from)
    assert format_k(made) == "3 palette"
    assert "colours, of the palette “web safe”" in messages.figures(made)
    assert messages.apply_question(made) == "Apply the colours of the palette “web safe” with K=3 to these layers:"
    assert messages.applied(made, ["b"]) == "The colours of the palette “web safe” were applied to “b”."
    assert layer_name(result, "photo", learnt_from) == "K=3 colours of web safe · photo"
    said = methods_sentence(made)
    assert said.startswith(
        "Colours were mapped to the nearest of the 3 colours of the palette “web safe” with napari-quantize "
    )
    assert "colours: (0, 0, 0), (255, 0, 0), (255, 255, 255); root mean squared error" in said
    assert "learnt" not in said
    assert "means" not in said


def test_words_of_levels_and_without_a_name():
    _, made, result = made_of(RGB[..., 0], GREYS, "")
    assert format_k(made) == "2 palette"
    assert messages.apply_question(made) == "Apply the levels of a palette with K=2 to these layers:"
    assert layer_name(result, "photo") == "K=2 of a palette · photo"
    assert methods_sentence(made).startswith("Intensities were mapped to the nearest of the 2 levels of a palette with")


def test_distances_are_told():
    _, made, _ = made_of(channel_axis=-1, color_space="lab")
    assert "mapped by their distance in CIELAB to the nearest of the 3 colours" in methods_sentence(made)


def test_the_script_makes_the_result_again():
    layer, made, result = made_of(channel_axis=-1)
    script = write_script(Wanted("it", made, (Origin.of(Image(RGB, name="photo")),), layer.data))
    assert script.exact
    assert script.text.endswith("\n\n# The colours are those of the palette “web safe”: nothing was learnt.\n")
    assert "fit(" not in script.text
    names = {"viewer": type("Viewer", (), {"layers": {"photo": Image(RGB)}})}
    exec(script.text, names)  # noqa: S102
    assert np.array_equal(names["result"], result.image)


def test_what_is_learnt_in_its_place():
    _, made, _ = made_of(channel_axis=-1)
    request = made.request.learning(keep=[(0, 0, 0)])
    assert (request.method, request.palette, request.keep) == ("minibatch", "", ((0.0, 0.0, 0.0),))
    assert made.request.learning(method="lloyd").method == "lloyd"
