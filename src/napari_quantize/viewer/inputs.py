"""The upper half of the dock: what shall be quantized, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psutil
from magicgui.widgets import CheckBox, ComboBox, Container, Label, LineEdit, ProgressBar, PushButton, SpinBox, Widget
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer import words
from napari_quantize.viewer.fold import Fold
from napari_quantize.viewer.layers import Source
from napari_quantize.viewer.model import UNANSWERED, Asked, Offer

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_quantize.core.facts import ImageFacts

DEFAULT_KS = "1, 2, 4, 8, 16, 32"
_MODES = {"global": "Levels, same for all", "per_channel": "Levels, own for each"}


class Inputs(Container[Widget]):
    """The fields, the button, and the inline notice.

    Parameters
    ----------
    list_images : callable
        Returns the image layers that can be chosen.
    """

    def __init__(self, list_images: Callable[[], list[Image]]) -> None:
        self._answers: dict[str, int | None] = {}
        self.image = ComboBox(
            label="Image", choices=lambda _: [(layer.name, layer) for layer in list_images()], nullable=False,
            tooltip="The image layer to quantize; it is never changed",
        )  # fmt: skip
        self.facts = Label(label="")
        self.mode = ComboBox(
            label="Reduce", choices=[(text, mode) for mode, text in _MODES.items()], value="global",
            tooltip="Same for all: one set of levels for the values of all channels together. "
            "Own for each: each channel gets levels of its own",
        )  # fmt: skip
        self.k_values = LineEdit(
            label="Keep", value=DEFAULT_KS,
            tooltip="How many values to keep: one result for each number. Ranges like 2-6 work, too",
        )  # fmt: skip
        self.channel_axis = ComboBox(
            label="Channels", choices=[("one channel", None)], nullable=False,
            tooltip="Which axis holds the channels, in images that are not RGB",
        )  # fmt: skip
        self.random_state = SpinBox(
            label="Seed", value=0, min=0, max=2**31 - 1,
            tooltip="Where MiniBatchKMeans starts: the same seed gives the same result",
        )  # fmt: skip
        self.tile = CheckBox(
            text="Tile results", value=True, tooltip="Show the image and all results side by side after each run"
        )
        self.keep_earlier = CheckBox(
            text="Keep earlier results", value=False,
            tooltip="Add new layers even where a result made in the same way exists; else that one is replaced",
        )  # fmt: skip
        self.run = PushButton(text="Quantize", tooltip="Make one new layer for each number of values")
        self.progress = ProgressBar(visible=False)
        self.cancel = PushButton(text="Cancel", visible=False, tooltip="Stop; results that are ready are kept")
        self.message = Label(visible=False)
        self._fields = Container(widgets=[self.image, self.facts, self.mode, self.k_values])
        self._options = Container(widgets=[self.channel_axis, self.random_state, self.tile, self.keep_earlier])
        super().__init__(labels=False)
        self._question = _Question(self._on_answered)
        self.options_fold = Fold("Options", self._options.native)
        self._lay_out()
        self.random_state.changed.connect(self._show_options_title)
        self._show_options_title()

    def _lay_out(self) -> None:
        for container in (self, self._fields, self._options):
            container.native.layout().setContentsMargins(0, 0, 0, 0)
            container.native.layout().setSpacing(4)
        for box in (self.image, self.mode, self.channel_axis):
            # A plain combo box is as wide as its longest entry, and layer names can be long.
            box.native.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.native.setMinimumContentsLength(8)
        for label in (self.facts, self.message):
            label.native.setWordWrap(True)
            label.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.run.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        running = QHBoxLayout()
        running.addWidget(self.progress.native, 1)
        running.addWidget(self.cancel.native)
        layout: QVBoxLayout = self.native.layout()
        for part in (self._fields.native, self._question, self.run.native):
            layout.addWidget(part)
        layout.addLayout(running)
        layout.addWidget(self.message.native)
        layout.addWidget(self.options_fold)

    def connect_changed(self, callback: Callable[[], None]) -> None:
        """Call back whenever a field that matters has changed."""
        for field in (self.image, self.mode, self.k_values, self.channel_axis, self.random_state):
            field.changed.connect(lambda _=None: callback())

    def asked(self) -> Asked:
        """Return what stands in the fields."""
        source = self.source()
        axis = self.channel_axis.value
        return Asked(source, self.mode.value, self.k_values.value, axis, self.random_state.value)

    def source(self) -> Source | None:
        """Return the chosen image."""
        return None if self.image.value is None else Source.of(self.image.value)

    def show_source(self, source: Source | None, facts: ImageFacts | None) -> None:
        """Show what the chosen image is, and offer what fits it."""
        self.facts.value = words.describe(source, facts) if source else ""
        self.facts.native.setVisible(source is not None)
        with self.channel_axis.changed.blocked():
            self._offer_axes(source)
        self.refresh_question(source)

    def refresh_question(self, source: Source | None) -> None:
        """Ask what the first axis holds, if only the user can tell; offer modes that make sense."""
        unanswered = self.channel_axis.value == UNANSWERED
        self._question.ask(words.channel_question(source) if source and unanswered else "")
        has_channels = source is not None and (source.rgb or isinstance(self.channel_axis.value, int))
        if source is not None and not source.rgb and not unanswered:
            self._answers[source.layer_id] = self.channel_axis.value
        self._offer_modes(has_channels)

    def show_offer(self, offer: Offer) -> None:
        """Show what the button would do, or why it cannot."""
        self.run.native.setEnabled(not offer.problem)
        n_layers = len(offer.ks)
        self.run.text = words.button(n_layers, offer.n_bytes) if n_layers else "Quantize"
        scarce = offer.n_bytes > psutil.virtual_memory().available
        self.run.native.setStyleSheet("color: #ff5f5f;" if scarce else "")
        self.say(offer.problem or ("The results need more memory than is free." if scarce else ""))

    def say(self, text: str) -> None:
        """Show a notice of one sentence or two under the button."""
        self.message.value = text
        self.message.native.setVisible(bool(text))

    def show_running(self, running: bool) -> None:
        """Put the progress bar and *Cancel* in the button's place, or back."""
        self.run.native.setVisible(not running)
        self.progress.native.setVisible(running)
        self.cancel.native.setVisible(running)

    def show_progress(self, k: int, done: int, total: int) -> None:
        """Show which K is being worked on."""
        self.progress.max = total
        self.progress.value = done
        self.progress.native.setFormat(words.progress(k, done + 1, total))
        self.progress.native.setTextVisible(True)

    def _offer_axes(self, source: Source | None) -> None:
        axes = source.possible_channel_axes() if source else []
        choices: list[tuple[str, Any]] = [("one channel", None)]
        choices += [(f"axis {axis} ({source.shape[axis]} entries)", axis) for axis in axes if source]
        answer = self._answers.get(source.layer_id, UNANSWERED) if source else None
        if source and answer == UNANSWERED:
            answer = UNANSWERED if source.is_doubtful() else source.known_channel_axis()
            if answer == UNANSWERED:
                choices.insert(0, ("not said yet", UNANSWERED))
        self.channel_axis.choices = choices
        self.channel_axis.value = answer if answer in [value for _, value in choices] else None
        self.channel_axis.native.setEnabled(bool(axes))

    def _offer_modes(self, has_channels: bool) -> None:
        texts = {"global": "Levels, same for all channels", "per_channel": "Levels, own for each channel"}
        wanted = [(text, mode) for mode, text in texts.items()] if has_channels else [("Levels", "global")]
        if list(self.mode.choices) == [mode for _, mode in wanted]:
            return
        self.mode.choices = wanted

    def _on_answered(self, is_channels: bool) -> None:
        self.channel_axis.value = 0 if is_channels else None

    def _show_options_title(self) -> None:
        self.options_fold.set_title(f"Options  MiniBatchKMeans · seed {self.random_state.value}")


class _Question(QWidget):
    """Asks whether the first axis holds channels."""

    def __init__(self, answered: Callable[[bool], None]) -> None:
        super().__init__()
        self._text = QLabel()
        self._text.setWordWrap(True)
        channels, planes = QPushButton("Channels"), QPushButton("Time or z")
        channels.setToolTip("Each entry is a channel: it may get levels of its own")
        planes.setToolTip("Each entry is a time point or a plane of one channel: all share the same levels")
        channels.clicked.connect(lambda: answered(True))
        planes.clicked.connect(lambda: answered(False))
        buttons = QHBoxLayout()
        buttons.addWidget(channels)
        buttons.addWidget(planes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._text)
        layout.addLayout(buttons)

    def ask(self, text: str) -> None:
        """Ask, or go away if there is nothing to ask."""
        self._text.setText(text)
        self.setVisible(bool(text))
