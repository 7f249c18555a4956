"""The upper half of the dock: the image, what to reduce, the options, and the button *Quantize*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import psutil
from magicgui.widgets import CheckBox, ComboBox, Label, LineEdit, ProgressBar, PushButton, SpinBox, Widget
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.text.photo import file_tooltip, short_file_line
from napari_quantize.viewer import messages
from napari_quantize.viewer.family.find_layers import list_alike, list_sources
from napari_quantize.viewer.fields.axis_question import AxisBox, ChannelQuestion
from napari_quantize.viewer.fields.channel_list import ChannelList
from napari_quantize.viewer.fields.message_row import MessageRow
from napari_quantize.viewer.fields.saturation import SaturationCounter
from napari_quantize.viewer.layers.sources import Source, display_limits
from napari_quantize.viewer.plan.field_choices import (
    IGNORED,
    METHODS,
    MODES,
    TOGETHER,
    UNANSWERED,
    axis_choices,
    image_kind,
    options_title,
)
from napari_quantize.viewer.plan.regions import each_slice_axis, region_choices, region_title
from napari_quantize.viewer.plan.resolve import FieldValues
from napari_quantize.viewer.widgets.fold import Fold
from napari_quantize.viewer.widgets.forms import ElidedText, FieldWithUnit, ShortenedText, form
from napari_quantize.viewer.widgets.notices import ReservedLines

if TYPE_CHECKING:
    from napari.layers import Image
    from napari.viewer import Viewer

    from napari_quantize.core.analysis.image_facts import ImageFacts
    from napari_quantize.viewer.plan.resolve import ResolvedRun


DEFAULT_KS = "1, 2, 4, 8, 16, 32"

_FACT_LINES = 2

_PALETTE_TIP = (
    "Use the colours of a palette, or saved levels, instead of learning new ones: each pixel gets the nearest one.\n"
    "Palettes of GIMP, Photoshop and others, lists of colours, codebooks, and palettes open in napari"
)


class InputFields(QWidget):
    """The upper half of the dock: the fields, the button *Quantize*, and the message under it.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Viewer with the image layers.

    Attributes
    ----------
    fields : list of magicgui widgets
        All fields and buttons, named as in `QuantizeWidget`.
    palette : PaletteButton
        Button with a menu of palettes.
    channels : ChannelList
        The layers that are quantized together.
    message_row : MessageRow
        The message, and *Undo*.
    """

    changed = Signal()
    """Emitted when the user has changed a field that affects results; not while `show_source` fills the fields."""

    axis_changed = Signal()
    """Emitted when the user has chosen the channel axis."""

    message_shown = Signal()
    """Emitted when another message is shown."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._answers: dict[str, int | None] = {}
        # Choices are functions, because napari resets the choices of a docked widget's fields whenever layers change:
        # choices that were set once would be lost.
        self._kind = "one channel"
        self._preferred_modes: dict[str, str] = {}
        self._axes: list[tuple[str, Any]] = []
        self.image = ComboBox(
            name="image",
            choices=lambda _: [(layer.name, layer) for layer in list_sources(viewer)],
            tooltip="The image layer to quantize; it is never changed",
        )
        self.mode = ComboBox(
            name="mode",
            choices=lambda _: MODES[self._kind],
            tooltip="Colours: the pixels get a palette of so many colours.\n"
            "Classes of several channels: layers are the channels of one image; pixels of a class are alike in all.\n"
            "Levels, same for all channels: one set of levels for all values together.\n"
            "Levels, own for each channel: each channel gets a set of levels of its own.",
        )
        self.k_values = LineEdit(
            name="k_values",
            value=DEFAULT_KS,
            tooltip="How many values to keep: one result for each number. Ranges like 2-6 work, too.",
        )
        self.channel_axis = AxisBox(
            name="channel_axis",
            choices=lambda _: self._axes,
            tooltip="Which axis holds the channels, in images that are not RGB",
        )
        self.method = ComboBox(
            name="method",
            choices=METHODS,
            tooltip="MiniBatchKMeans: the default, taken on until no move of the borders helps.\n"
            "K-means (Lloyd): the textbook's algorithm, which can end far above the least error.\n"
            "Best possible (exact): levels with provably the least error; for levels only.",
        )
        self.learn_from = ComboBox(
            name="learn_from",
            choices=lambda _: region_choices(viewer, self.image.value, self.channel_axis.value),
            tooltip="Where to learn: levels and colours fit this part best, and apply to the whole image.\n"
            "Each slice on its own: each slice of the stack gets levels of its own.",
        )
        self.ignore = ComboBox(
            name="ignore", choices=IGNORED, tooltip="Values not to learn from; they are quantized like all others"
        )
        self.random_state = SpinBox(
            name="random_state",
            max=2**31 - 1,
            tooltip="Where MiniBatchKMeans starts: the same seed gives the same result",
        )
        self.tile = CheckBox(
            name="tile",
            text="Tile results",
            value=True,
            tooltip="Show the image and the results side by side after each run",
        )
        self.keep_earlier = CheckBox(
            name="keep_earlier",
            text="Never replace results",
            tooltip="Add new layers even where a result made in the same way exists; else that one is replaced",
        )
        self.run = PushButton(name="run", text="Quantize", tooltip="Make one new layer for each number of values")
        self.cancel = PushButton(name="cancel", text="Cancel", tooltip="Stop; results that are ready stay")
        self.message = Label(name="message")
        self._progress = ProgressBar()
        self.fields: list[Widget] = [
            self.image, self.mode, self.k_values, self.method, self.channel_axis, self.learn_from, self.ignore,
            self.random_state, self.tile, self.keep_earlier, self.run, self.cancel, self.message,
        ]  # fmt: skip
        self._facts = QLabel()
        self._question = ChannelQuestion()
        self._question.answered.connect(self._on_answered)
        self._saturation = SaturationCounter(self)
        self._saturation.counted.connect(self.changed)
        self.channels = ChannelList()
        self._running = QWidget()
        self._button_or_progress = QStackedWidget()  # one room for both, so that a run moves nothing below
        self.palette = PaletteButton()

    def lay_out(self) -> None:
        """Lay out the fields. Call this after the magicgui container, which lays them out, too, was built."""
        for box in (self.image, self.mode, self.method, self.channel_axis, self.learn_from, self.ignore):
            # By default a combo box is as wide as its longest entry, so that a long layer name would widen the dock.
            box.native.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.native.setMinimumContentsLength(3)
            ElidedText(box.native)
        ReservedLines(self._facts, _FACT_LINES)
        self.message_row = MessageRow(self.message.native)
        # The button's text holds numbers of any length and must not widen the dock.
        self.run.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        ShortenedText(self.run.native)
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.addWidget(self._progress.native, 1)
        running.addWidget(self.cancel.native)
        for part in (self.run.native, self._running):
            self._button_or_progress.addWidget(part)
        self._button_or_progress.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        options = QWidget()
        form(
            [
                ("Method", self.method.native),
                ("Channels", self.channel_axis.native),
                ("Learn from", self.learn_from.native),
                ("Ignore", self.ignore.native),
                ("Seed", self.random_state.native),
            ],
            [self.tile.native, self.keep_earlier.native, self.palette],
            options,
        )
        self._options = Fold("Options", options)
        self._options.set_tooltip(
            "Method, channels, where to learn, what to ignore, what happens to earlier results, and palettes to use"
        )
        # Here: the container has put the field into a layout of its own before.
        self._numbers = FieldWithUnit(self.k_values.native)
        fields = QWidget()
        self._numbers.setToolTip(self.k_values.tooltip)
        rows = [("Image", self.image.native), ("Reduce", self.mode.native), ("Keep", self._numbers)]
        form(rows, [], fields).insertRow(1, self._facts)  # over the whole width: all facts fit at a large font, too
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (
            fields,
            self._question,
            self.channels,
            self._button_or_progress,
            self.message_row,
            self._options,
        ):
            layout.addWidget(part)
        self.show_running(False)
        self.show_message("")
        self._show_options_title()
        self._connect()

    def _connect(self) -> None:
        self.axis_changed.connect(self._on_axis_changed)
        self.channel_axis.changed.connect(lambda _: self.axis_changed.emit())
        self.channels.changed.connect(self.changed)
        for field in (
            self.image, self.mode, self.k_values, self.method, self.channel_axis, self.learn_from, self.ignore,
            self.random_state,
        ):  # fmt: skip
            field.changed.connect(lambda _: self.changed.emit())
        for field in (self.method, self.learn_from, self.ignore, self.random_state):
            field.changed.connect(lambda _: self._show_options_title())

    def values(self) -> FieldValues:
        """Return the values of the fields."""
        source = self.source()
        parts = self.parts() if source is not None else []
        if source is not None and self.mode.value == TOGETHER:
            source = source.joined([part for part, _ in parts])
        can_be_counted = source is not None and bool(parts) and source.dtype.kind in "iu" and not source.is_too_large
        is_counted = can_be_counted and self.ignore.value == "saturated"
        return FieldValues(
            source,
            self.mode.value,
            self.k_values.value,
            self.channel_axis.value,
            self.random_state.value,
            self.method.value,
            self.ignore.value,
            (0.0, 0.0) if self.mode.value == TOGETHER else display_limits(self.image.value),
            each_slice_axis(self.learn_from.value, self._viewer, self.image.value, self.channel_axis.value),
            self._saturation.find([layer for _, layer in parts]) if is_counted else None,
            self.channels.balance.isChecked(),
        )

    def close_down(self) -> None:
        """End all background work."""
        self._saturation.close()

    def parts(self) -> list[tuple[Source, Image]]:
        """Return the layers to quantize: the chosen one, or several as channels of one image."""
        if self.mode.value != TOGETHER:
            return [(Source.of(self.image.value), self.image.value)]
        ticked = self.channels.ticked
        sources = [(Source.of(layer), layer) for layer in list_alike(self._viewer, self.image.value)]
        return [(source, layer) for source, layer in sources if source.layer_id in ticked]

    def source(self) -> Source | None:
        """Return the chosen image."""
        return None if self.image.value is None else Source.of(self.image.value)

    def show_source(self, source: Source | None, facts: ImageFacts | None) -> None:
        """Describe the chosen image, and update the choices for it."""
        # Filling a field emits its `changed`, which would call this again through `self.changed`.
        with signals_blocked(self):
            self._show_source(source, facts)

    def _show_source(self, source: Source | None, facts: ImageFacts | None) -> None:
        file = self.image.value.metadata.get("file") if source else None
        lines = [messages.describe(source, facts) if source else "", short_file_line(file)]
        self._facts.setText(messages.unbroken(" · ".join(filter(None, lines))))
        self._facts.setToolTip(file_tooltip(file))
        self._offer_axes(source)
        unanswered = source is not None and not source.rgb and self.channel_axis.value == UNANSWERED
        self._question.ask(messages.channel_question(source) if source and unanswered else "")
        self.learn_from.reset_choices()
        self._offer_modes(source)

    def _offer_modes(self, source: Source | None) -> None:
        alike = list_alike(self._viewer, self.image.value)
        kind = image_kind(source, self.channel_axis.value, together=bool(alike))
        if kind != self._kind:
            # Keep one choice for each kind of image: colours for photos go with levels for micrographs.
            self._preferred_modes[self._kind] = self.mode.value
            self._kind = kind
            self.mode.reset_choices()
            self.mode.value = self._preferred_modes.get(kind, MODES[kind][0][1])
        selected = [str(layer.unique_id) for layer in self._viewer.layers.selection]
        layers = [(str(layer.unique_id), layer.name) for layer in alike]
        self.channels.show_layers(layers, source.layer_id if source is not None else "", selected)
        self.channels.setVisible(self.mode.value == TOGETHER)
        self._enable_methods()

    def _enable_methods(self) -> None:
        """Enable the exact method for levels only; its tooltip gives the reason."""
        colours = self.mode.value in ("color", TOGETHER)
        self._numbers.set_unit({"color": "colours", TOGETHER: "classes"}.get(self.mode.value, "values"))
        exact = self.method.native.model().item(len(METHODS) - 1)
        exact.setEnabled(not colours)
        exact.setToolTip("For levels only: nobody can compute the best colours" if colours else "")
        if colours and self.method.value == "exact":
            self.method.value = "minibatch"

    def choose_exact_method(self) -> None:
        """Choose the exact method, unless it is disabled, as for colours."""
        if self.method.native.model().item(len(METHODS) - 1).isEnabled():
            self.method.value = "exact"

    @property
    def modes(self) -> dict[str, str]:
        """The last choice of *Reduce* for each kind of image."""
        return self._preferred_modes | {self._kind: self.mode.value}

    def set_preferred_modes(self, modes: Mapping[str, str]) -> None:
        """Set the choice of *Reduce* for kinds of image; it applies when an image of that kind is chosen."""
        self._preferred_modes.update(modes)

    def _on_axis_changed(self) -> None:
        """Store the channel axis of the chosen image until the image is chosen again."""
        source = self.source()
        if source is not None and self.channel_axis.value != UNANSWERED:
            self._answers[source.layer_id] = self.channel_axis.value

    def show_resolved_run(self, resolved: ResolvedRun) -> None:
        """Show the run that the button would start, or the problem."""
        self.run.native.setEnabled(not resolved.problem)
        self.run.text = messages.quantize_button(resolved.n_layers, resolved.n_bytes) if resolved.ks else "Quantize"
        scarce = resolved.n_bytes > psutil.virtual_memory().available
        self.run.native.setStyleSheet("color: #ff6b6b;" if scarce else "")
        self.show_message(
            self.message_of(resolved.problem) or (messages.NOT_ENOUGH_MEMORY if scarce else resolved.notice)
        )

    def message_of(self, problem: str) -> str:
        """Return the message that shows a problem; empty while the question asks the same."""
        return "" if self._question.isVisibleTo(self) else problem

    def show_message(self, text: str) -> None:
        """Show a message under the button, where its room is reserved."""
        self.message_row.show_message(text)
        self.message_shown.emit()

    def show_running(self, running: bool) -> None:
        """Show the progress bar and *Cancel* instead of the button, or the button again."""
        self._button_or_progress.setCurrentWidget(self._running if running else self.run.native)
        self.cancel.native.setEnabled(running)

    def show_progress(self, k: int, done: int, total: int) -> None:
        """Show the K in progress."""
        self._progress.max = total
        self._progress.value = done
        self._progress.native.setFormat(messages.progress(k, done + 1, total))
        self._progress.native.setTextVisible(True)

    def _offer_axes(self, source: Source | None) -> None:
        choices, choice = axis_choices(source, self._answers) if source else ([], None)
        if choices != self._axes:
            self._axes = choices
            self.channel_axis.reset_choices()
        if self.channel_axis.value != choice:
            self.channel_axis.value = choice
        self.channel_axis.native.setEnabled(source is not None and bool(source.possible_channel_axes()))

    def _on_answered(self, is_channels: bool) -> None:
        self.channel_axis.value = 0 if is_channels else None

    def _show_options_title(self) -> None:
        learn_from = region_title(self.learn_from.value)
        title = options_title(self.method.value, self.random_state.value, learn_from, self.ignore.value)
        self._options.set_title(title)


class PaletteButton(QPushButton):
    """Button with a menu of palettes, which is filled when it opens."""

    def __init__(self) -> None:
        super().__init__("Use a palette")
        self.setToolTip(_PALETTE_TIP)
        self.setMenu(QMenu(self))
