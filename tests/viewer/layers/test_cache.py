"""Cached values of a layer are valid for its data, and are freed with the layer; without a window."""

import gc
import weakref

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import fit
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.viewer.layers.cache import (
    LayerCache,
    cache_facts,
    cache_mask,
    cache_samples,
    cached_facts,
    cached_mask,
    cached_samples,
    data_version,
    invalidate,
)

GREY = np.random.default_rng(0).integers(0, 200, (12, 16), dtype=np.uint8)


class Value:
    """Something that can be weakly referenced."""


@pytest.fixture
def layer():
    return Image(GREY.copy())


@pytest.fixture
def cache():
    return LayerCache()


def test_values_are_found_by_layer_key_and_basis(layer, cache):
    other = Image(GREY)
    cache.put(layer, "a", 1, (data_version(layer),))
    cache.put(layer, "b", 2, (data_version(layer),))
    assert [cache.get(layer, key, (data_version(layer),)) for key in "abc"] == [1, 2, None]
    assert cache.get(layer, "a", (data_version(layer), data_version(other))) is None
    assert cache.get(other, "a", (data_version(other),)) is None
    assert layer in cache
    assert other not in cache


@pytest.mark.parametrize("how", ["other array", "same array"])
def test_invalidating_a_layer_frees_its_values(how, layer, cache):
    value = Value()
    freed = weakref.ref(value)
    before = (data_version(layer),)
    cache.put(layer, "a", value, before)
    del value
    if how == "other array":
        layer.data = GREY[::-1].copy()
    invalidate(layer)
    assert data_version(layer) != before[0]
    assert cache.get(layer, "a", (data_version(layer),)) is None
    assert freed() is None


def test_data_replaced_without_invalidation_have_another_version(layer, cache):
    cache.put(layer, "a", 1, (data_version(layer),))
    cache.put(layer, "b", 2, (data_version(layer),))
    layer.data = GREY[::-1].copy()
    assert cache.get(layer, "a", (data_version(layer),)) is None
    cache.put(layer, "b", 3, (data_version(layer),))
    assert [cache.get(layer, key, (data_version(layer),)) for key in "ab"] == [None, 3]


def test_a_value_computed_from_another_layer_outlasts_changes_of_its_own_layer(layer, cache):
    result = Image(GREY)
    cache.put(result, None, False, (data_version(layer),))
    invalidate(result)
    assert cache.get(result, None, (data_version(layer),)) is False
    invalidate(layer)
    assert cache.get(result, None, (data_version(layer),)) is None
    assert result in cache


def test_values_are_freed_with_the_layer(cache):
    layer, value = Image(GREY), Value()
    freed = weakref.ref(value), weakref.ref(layer)
    cache.put(layer, "a", value, (data_version(layer),))
    del value, layer
    gc.collect()
    assert [each() for each in freed] == [None, None]


def test_cached_facts_and_samples_belong_to_the_present_data(layer):
    facts, codebook = image_facts(GREY), fit(GREY, 4)
    assert cached_facts(layer) is cached_facts(None) is None
    cache_facts(layer, facts)
    assert cached_facts(layer) is cached_facts(layer, None) is facts
    assert cached_facts(layer, 0) is None
    samples = ()
    cache_samples(layer, codebook.request, samples)
    assert cached_samples(layer, fit(GREY, 8, random_state=3).request) is samples
    invalidate(layer)
    assert cached_facts(layer) is cached_samples(layer, codebook.request) is None


def test_a_mask_is_kept_as_long_as_its_result(layer):
    assert cached_mask(layer) is None
    result, mask = Image(GREY), np.ones(GREY.shape, bool)
    freed = weakref.ref(mask)
    cache_mask(result, mask)
    cache_mask(layer, mask)
    assert np.shares_memory(cached_mask(result), mask)
    invalidate(layer)
    assert cached_mask(layer) is None
    del result, mask
    gc.collect()
    assert freed() is None
