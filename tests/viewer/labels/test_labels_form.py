"""The form of *Make labels* alone: what it keeps from one image to the next."""

import pytest

from napari_quantize.viewer.labels.form import LabelsForm
from napari_quantize.viewer.labels.options import LabelChoices
from napari_quantize.viewer.layers.pixel_size import PixelSize

AREA, VOLUME = PixelSize("area", "µm²", 0.25), PixelSize("volume", "µm³", 0.5)


def choices(source_id, *, goes_through):
    return LabelChoices(source_id, has_planes=True, goes_through=goes_through, pixel_size=(AREA, VOLUME))


@pytest.mark.parametrize(("next_goes_through", "smallest"), [(True, 5.0), (False, 0.0)])
def test_a_smallest_volume_stays_for_volumes_only(next_goes_through, smallest, qtbot):
    form = LabelsForm()
    qtbot.addWidget(form)
    form.show_choices(choices("1", goes_through=False))
    form.reach.setCurrentIndex(1)
    form.reach.activated.emit(1)
    form.smallest.setValue(5)
    form.show_choices(choices("2", goes_through=next_goes_through))
    assert form.options.smallest == form.smallest.value() == smallest
    assert form.smallest.suffix() == (" µm³" if next_goes_through else " µm²")


def channels(shown):
    return LabelChoices("1", channels=("c0", "c1", "c2"), shown_channel=shown)


@pytest.mark.parametrize(
    ("chosen_while", "index", "then", "channel"),
    [
        (1, 1, None, None),  # each
        (None, 3, 1, None),  # each
        (1, 0, 2, 2),  # the shown one
        (None, 2, None, 2),
        (None, 1, 2, 2),  # one of all: now the shown one
    ],
)
def test_the_chosen_channel_means_the_same_however_many_are_shown(chosen_while, index, then, channel, qtbot):
    form = LabelsForm()
    qtbot.addWidget(form)
    form.show_choices(channels(chosen_while))
    form.channel.setCurrentIndex(index)
    form.channel.activated.emit(index)
    form.show_choices(channels(then))
    assert form.options.channel == channel
