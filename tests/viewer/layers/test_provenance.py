"""The provenance of a result is stored in plain values, and belongs to one layer alone."""

import copy
import json

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.request.request import Request
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
