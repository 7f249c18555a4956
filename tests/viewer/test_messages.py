"""Sentences and tooltips of the dock."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from napari_quantize import sweep
from napari_quantize.text.methods import methods_sentence
from napari_quantize.text.numbers import format_bytes, format_number
from napari_quantize.text.results import format_dtype, format_k, format_shape, result_caption
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.layers.sources import Source


class Layer:
    """A stand-in for a layer, with the attributes that a provenance reads."""

    def __init__(self, unique_id="1"):
        self.unique_id = unique_id
        self.metadata = {}


def make_provenance(image, k, **options):
    [result] = sweep(image, (k,), **options)
    return Provenance.of(result, "source", "it", Layer())


def source(shape, dtype=np.uint8, *, rgb=False):
    return Source("1", "it", np.zeros(shape, dtype), rgb, ())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (13.24, "13.2"),
        (1.3243, "1.32"),
        (0.013243, "0.0132"),
        (132.43, "132"),
        (1324.3, "1,324"),
        (132_430, "132,430"),
        (1e7, "1.00e7"),
        (1e-7, "1.00e-7"),
        (-2.5, "-2.50"),
        (math.inf, "∞"),
        (math.nan, "–"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("shape", "rgb", "text"),
    [((12, 16), False, "16×12"), ((5, 12, 16), False, "5 × 16×12"), ((12, 16, 3), True, "16×12")],
)
def test_shapes_are_written_width_first(shape, rgb, text):
    assert format_shape(shape, rgb=rgb).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (np.uint8, "8 bit"),
        (">u2", "16 bit"),
        (np.float32, "32 bit float"),
        (np.int16, "16 bit signed"),
        (bool, "binary"),
    ],
)
def test_dtypes_are_written_in_bits(dtype, text):
    assert format_dtype(np.dtype(dtype)).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (1024, "1 KB"),
        (10**6, "977 KB"),
        (1023**2, "1 MB"),
        (1024**2, "1 MB"),
        (10**9, "954 MB"),
        (2 * 1024**3, "2.0 GB"),
    ],
)
def test_memory_has_no_more_than_three_digits(n_bytes, text):
    assert format_bytes(n_bytes) == text


def test_k_is_written_with_what_is_not_the_default():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert format_k(make_provenance(image, 1)) == "1 (mean)"
    assert format_k(make_provenance(image, 4)) == "4"
    assert format_k(make_provenance(image, 32)) == "32 → 16"
    assert format_k(make_provenance(np.stack([image] * 3), 2, mode="per_channel", channel_axis=0)) == "2 own"
    photo = np.stack([image] * 3, axis=-1)
    fixed = make_provenance(photo, 2, mode="color", channel_axis=-1, keep=[(0, 0, 0)])
    assert format_k(fixed) == "2 with 1 locked"
    assert "2 colours, 1 of them given beforehand, by k-means" in methods_sentence(fixed)


def test_caption_and_tooltip_name_the_figures():
    provenance = make_provenance(np.array([[0, 1, 100, 101]], np.uint8), 2)
    assert result_caption(provenance).startswith("K=2 · ± 0.")
    tooltip = messages.figures(provenance)
    for part in ("K = 2", "PSNR", "for a range of 255", "2 distinct values", "largest error"):
        assert part in tooltip
    lossless = messages.figures(make_provenance(np.array([[0, 1]], np.uint8), 2))
    assert "∞" in lossless


def test_notices_on_new_results():
    image = np.arange(4, dtype=np.uint8).reshape(2, 2)
    assert messages.fewer_values([make_provenance(image, 2)]) is None
    assert "4" in messages.fewer_values([make_provenance(image, 2), make_provenance(image, 16)])
    assert messages.fewer_values([make_provenance(np.full((2, 2), 7), 4)])
    assert messages.fewer_values([]) is None
    colours = make_provenance(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), 16, mode="color", channel_axis=-1)
    assert messages.fewer_values([colours]).startswith("The image has 4 distinct colours, fewer than K=16")
    constant = make_provenance(np.full((2, 2, 3), 7, np.uint8), 4, mode="per_channel", channel_axis=-1)
    assert messages.combined_colours([constant]) is None
    assert messages.combined_colours([]) is None
    assert messages.combined_colours([make_provenance(image, 2)]) is None
    rgb = np.random.default_rng(0).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    assert "colours" in messages.combined_colours([make_provenance(rgb, 4, channel_axis=-1)])


def test_errors_and_stopped_runs_become_sentences():
    assert messages.sentence("k=0 must be at least 1") == "K=0 must be at least 1."
    assert messages.sentence("Ends.") == "Ends."
    assert messages.stopped(0, 6) == "Stopped: nothing was ready yet."
    assert messages.stopped(2, 6) == "Stopped: 2 of 6 results are ready."


def test_tooltips_escape_html():
    assert "&lt;b&gt;cells" in messages.plain_tooltip("<b>cells")


def test_the_methods_sentence_names_levels_seed_and_version():
    from napari_quantize import __version__

    provenance = make_provenance(np.array([[0, 2, 100, 104]], np.uint8), 2, random_state=5)
    sentence = methods_sentence(provenance)
    for part in ("2 levels", "seed 5", __version__, "levels: 1, 102;", "scikit-learn"):
        assert part in sentence
    assert "to 1 level, which is the only value" in methods_sentence(make_provenance(np.zeros((2, 2)), 1))
    own = make_provenance(np.stack([np.eye(3), np.eye(3) * 9]), 2, mode="per_channel", channel_axis=0)
    assert "each channel" in methods_sentence(own)


def test_no_module_assigns_a_name_twice():
    for path in sorted(Path(messages.__file__).parents[1].rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        assigned = [node.targets[0] for node in module.body if isinstance(node, ast.Assign)]
        names = [target.id for target in assigned if isinstance(target, ast.Name)]
        assert len(names) == len(set(names)), path.name


@pytest.mark.parametrize("part", [{"ignore": [0]}, {"mask": np.array([[False, True], [True, False]])}])
def test_nothing_is_said_to_be_kept_where_only_a_part_is(part):
    image = np.array([[0, 255], [255, 3]], np.uint8)
    assert messages.fewer_values([make_provenance(image, 4)])
    assert messages.fewer_values([make_provenance(image, 4, **part)]) is None
