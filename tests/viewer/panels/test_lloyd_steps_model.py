"""*Show the steps* without a window: playback, requests and sentences."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.lloyd_trace import Trace
from napari_quantize.core.api import transfer
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.core.request.request import no_tick
from napari_quantize.viewer.layers.cache import SliceFactsCache
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.panels.lloyd_steps import messages as steps_messages
from napari_quantize.viewer.panels.lloyd_steps.model import LloydRunner, Playback, StepsRequest


@given(st.integers(0, 30), st.lists(st.one_of(st.integers(-5, 40), st.booleans(), st.none()), max_size=60))
def test_playback_stays_within_the_run_and_plays_to_its_end(n_steps, acts):
    playback = Playback(n_steps)
    for act in acts:
        before = playback.step
        if act is None:
            playback.advance()
            assert playback.step - before in (0, 1)
        elif isinstance(act, bool):
            playback.play(act)
        else:
            playback.go_to(act)
        assert 0 <= playback.step <= n_steps
    playback.play(True)
    n_steps_played = 0
    while playback.playing:
        playback.advance()
        n_steps_played += 1
    assert playback.step == n_steps
    assert n_steps_played <= n_steps


def test_play_starts_again_from_the_end():
    playback = Playback(3)
    playback.go_to(3)
    playback.play(True)
    assert (playback.step, playback.playing) == (0, True)
    playback.go_to(2)
    playback.play(False)
    playback.advance()
    assert (playback.step, playback.playing) == (2, False)


@pytest.mark.parametrize("version", ["now", "earlier"])
def test_colours_are_as_bright_as_the_swatches_of_the_result(version):
    image = np.random.default_rng(2).integers(0, 4000, (9, 8, 3)).astype(np.uint16)
    [result] = sweep(image, [3], mode="color", channel_axis=-1)
    provenance = Provenance.of(result, "1", "photo", Image(result.image, rgb=True))
    if version == "earlier":
        provenance = replace(provenance, quality=replace(provenance.quality, white=None))
    facts = image_facts(image, channel_axis=-1)
    request = StepsRequest.of(provenance, result.samples, facts, k=3, seed=0, channel=0, rgb=True)
    assert LloydRunner(no_tick).run(request).white == provenance.white


def test_levels_with_borders_set_by_hand_have_no_error_to_compare_with():
    image = np.random.default_rng(2).integers(0, 200, (9, 8), dtype=np.uint8)
    [result] = sweep(image, [3])
    edited = transfer(image, move_border(result.codebook, result.samples[0], 0, 1, 180))
    means = result.codebook.levels[0][result.codebook.encode(image)]
    own = []
    for shown in (result, edited):
        provenance = Provenance.of(shown, "1", "cells", Image(shown.image))
        request = StepsRequest.of(provenance, result.samples, image_facts(image), k=3, seed=0, channel=0, rgb=False)
        own.append(LloydRunner(no_tick).run(request).own)
    assert own[0] == pytest.approx(np.sqrt(np.mean((image - means) ** 2)))
    assert own[1] is None


def test_another_displayed_slice_does_not_change_the_run():
    stack = np.random.default_rng(2).integers(0, 4000, (3, 9, 8), dtype=np.uint16)
    [result] = sweep(stack, [3], mode="per_channel", channel_axis=0)
    provenance = Provenance.of(result, "1", "stack", Image(result.image), each_slice=True)
    slices, whole = SliceFactsCache(), image_facts(stack)
    requests = [
        StepsRequest.of(provenance, result.samples, facts, k=3, seed=0, channel=1, rgb=False)
        for facts in [slices.get(whole, samples) for samples in result.samples]
    ]
    assert requests[0] == requests[1] == requests[2]
    other = StepsRequest.of(provenance, result.samples, image_facts(stack), k=3, seed=0, channel=1, rgb=False)
    assert requests[0] != other


def trace(errors, *, settled=True, shares=None, colours=False):
    n = len(errors)
    centers = np.zeros((n, 2, 3) if colours else (n, 2))
    return Trace(centers, np.array(errors), np.full((n, 2), 0.5) if shares is None else np.array(shares), settled)


@pytest.mark.parametrize(
    ("step", "best", "own", "expected"),
    [
        (0, 13.2, 13.25, "Random start: ± 40.1 (best possible: ± 13.2)."),
        (1, 13.2, None, "Step 1 of 3: ± 13.9 (best possible: ± 13.2)."),
        (2, 13.2, None, "Step 2 of 3: ± 13.2 (0.6 % above best)."),
        (3, 13.2, None, "Step 3 of 3: ± 13.2 (the best possible). Nothing moves any more."),
        (1, None, 13.2, "Step 1 of 3: ± 13.9 (this result: ± 13.2)."),
        (2, None, 13.2, "Step 2 of 3: ± 13.2 (as this result)."),
        (1, None, None, "Step 1 of 3: ± 13.9."),
    ],
)
def test_the_line_compares_the_error_with_the_best_or_the_result(step, best, own, expected):
    text = steps_messages.line(trace([40.1, 13.9, 13.24, 13.2]), step, best, own)
    assert text.replace("\N{NO-BREAK SPACE}", " ") == expected


def test_the_line_of_stopped_empty_and_lossless_runs():
    def line(run, step, best=None):
        return steps_messages.line(run, step, best, None).replace("\N{NO-BREAK SPACE}", " ")

    assert line(trace([9, 8, 7], settled=False), 2) == "Step 2, stopped before the end: ± 7.00."
    assert line(trace([9, 8, 8], shares=[[1, 0]] * 3), 1) == "Step 1 of 2: ± 8.00. 1 level is unused."
    assert line(trace([9, 8], colours=True), 0) == "Random start: ± 9.00."
    assert line(trace([0, 0]), 1, 0.0) == "Step 1 of 1: ± 0 (the best possible). Nothing moves any more."


def test_the_frame_title_names_k_seed_and_step():
    run = trace([40.1, 13.9])
    assert steps_messages.frame_title(run, 1, k=8, seed=3) == "K=8, seed 3 · Step 1 of 1: ± 13.9"


def test_channels_are_named_by_their_levels():
    assert steps_messages.channel_names(1, rgb=False) == []
    assert steps_messages.channel_names(3, rgb=True)[2] == "levels of blue"
    assert steps_messages.channel_names(5, rgb=False)[4] == "levels of channel 4"
    assert steps_messages.channel_names(5, rgb=False, slice_axis="t")[4] == "levels of t 4"
