"""The provenance of a result is stored in plain values, and belongs to one layer alone."""

import copy
import json

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.request.request import Request
from napari_quantize.viewer.compare.controller import best_shape
from napari_quantize.viewer.layers.provenance import (
    METADATA_KEY,
    Provenance,
    provenance_of,
    settings_key_of,
)

GREY = np.random.default_rng(0).integers(0, 200, (12, 16), dtype=np.uint8)


def written(**options):
    [result] = sweep(GREY, (4,), **options)
    layer = Image(result.image, metadata={"mine": 1})
    provenance = Provenance.of(result, "source's id", "cells", layer)
    provenance.write(layer)
    return layer, provenance, result


def test_a_written_provenance_is_read_back():
    layer, provenance, result = written(random_state=3)
    assert provenance_of(layer) == provenance
    assert layer.metadata["mine"] == 1
    assert (provenance.k, provenance.n_used) == (4, 4)
    np.testing.assert_array_equal(provenance.codebook.centers, result.codebook.centers)
    assert provenance.quality.rmse == result.quality.rmse


def test_provenance_survives_json():
    layer, provenance, _ = written()
    layer.metadata = json.loads(json.dumps(layer.metadata))
    assert provenance_of(layer) == provenance


def test_a_copy_of_a_result_is_no_result():
    layer, _, _ = written()
    assert provenance_of(Image(layer.data, metadata=copy.deepcopy(layer.metadata))) is None
    assert provenance_of(Image(layer.data)) is None


@pytest.mark.parametrize("stored", [None, 7, "x", {}, {"layer_id": "other"}, []])
def test_invalid_metadata_are_no_result(stored):
    assert provenance_of(Image(GREY, metadata={METADATA_KEY: stored})) is None


def test_the_settings_key_differs_for_other_settings():
    _, provenance, _ = written(random_state=3)
    assert provenance.settings_key == settings_key_of("source's id", 4, Request(random_state=3))
    others = [
        settings_key_of("other", 4, Request(random_state=3)),
        settings_key_of("source's id", 5, Request(random_state=3)),
        settings_key_of("source's id", 4, Request()),
        settings_key_of("source's id", 4, Request("per_channel", 0, random_state=3)),
        settings_key_of("source's id", 4, Request(random_state=3), given=("edited",)),
    ]
    assert provenance.settings_key not in others


@pytest.mark.parametrize(
    ("cells", "image", "canvas", "shape"),
    [
        (1, 1, 1.5, (1, 1)),
        (7, 1, 1.5, (2, 4)),
        (4, 1, 1, (2, 2)),
        (3, 0.1, 1, (1, 3)),
        (3, 10, 1, (3, 1)),
        (7, 1, 100, (1, 7)),
        (7, 1, 0.01, (7, 1)),
    ],
)
def test_best_shape(cells, image, canvas, shape):
    assert best_shape(cells, image, canvas) == shape


@pytest.mark.parametrize("cells", range(1, 40))
def test_best_shape_has_room_and_no_empty_row(cells):
    for aspect in (0.2, 0.7, 1, 1.3, 4):
        rows, columns = best_shape(cells, aspect, 1.5)
        assert rows * columns >= cells > (rows - 1) * columns


@pytest.mark.parametrize(("cells", "multiple"), [(6, 2), (9, 3), (2, 2), (15, 3), (5, 5)])
def test_channels_of_one_result_lie_in_one_row(cells, multiple):
    for aspect in (0.2, 1, 4):
        rows, columns = best_shape(cells, aspect, 1.5, multiple=multiple)
        assert columns % multiple == 0
        assert rows * columns >= cells
