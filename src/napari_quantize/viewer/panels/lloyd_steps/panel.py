"""The panel *Show the steps*: Lloyd's algorithm on the image's values or colours, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.compat import isalive
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_quantize.viewer import messages
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cached_samples
from napari_quantize.viewer.panels.lloyd_steps import messages as steps_messages
from napari_quantize.viewer.panels.lloyd_steps.gif_button import GifButton
from napari_quantize.viewer.panels.lloyd_steps.model import MAX_K, LloydRunner, Playback, StepsRequest
from napari_quantize.viewer.panels.panel import Panel, corner
from napari_quantize.viewer.widgets.background import Background
from napari_quantize.viewer.widgets.forms import SteadyButton, lay_out_in_row
from napari_quantize.viewer.widgets.notices import ReservedLines
from napari_quantize.viewer.widgets.plot import Plot
from napari_quantize.viewer.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_quantize.plots.lloyd_data import LloydData
    from napari_quantize.plots.lloyd_steps import StepsPlot
    from napari_quantize.plots.theme import PlotTheme
    from napari_quantize.viewer.layers.provenance import Provenance

_STEP_MS = 400  # more than three flashes a second can trigger seizures (WCAG 2.3.1)
_PLOT_HEIGHT = 124
_MAX_SEED = 9999


class StepsPanel(Panel):
    """Show the steps of a run of Lloyd's algorithm, which the user can play or go through."""

    name = "Show the steps"
    tip = steps_messages.TIP

    def __init__(self) -> None:
        super().__init__()
        self._shown = FamilySnapshot()
        self._fields_of: tuple[str, list[str]] = "", []  # the result, by its id, and the channels that the fields show
        self._request: StepsRequest | None = None
        self._data: LloydData | None = None
        self._playback = Playback()
        self._background = Background(self)
        self._runner = LloydRunner(self._background.tick)
        self._drawing: StepsPlot | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._make_parts()
        self._lay_out()
        self._connect()
        self._show_playback()

    def _make_parts(self) -> None:
        self.log = QCheckBox("log")
        self.log.setChecked(True)
        self.log.setToolTip(steps_messages.LOG_TIP)
        self.save_button = GifButton()
        self.k = _spin_box(1, MAX_K, steps_messages.K_TIP)
        self.seed = _spin_box(0, _MAX_SEED, steps_messages.SEED_TIP)
        self.channel = QComboBox()
        self.channel.setToolTip(steps_messages.CHANNEL_TIP)
        self.channel.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.channel.hide()
        self._plot = Plot(self._draw, steps_messages.PLOT_TIP, min_height=_PLOT_HEIGHT)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip(steps_messages.SLIDER_TIP)
        self.slider.setPageStep(5)
        self.back = self._arrow("◀", steps_messages.BACK_TIP)
        self.forward = self._arrow("▶", steps_messages.FORWARD_TIP)
        self.play = SteadyButton(steps_messages.PLAY, steps_messages.PAUSE)
        self.play.setCheckable(True)
        self.play.setToolTip(steps_messages.PLAY_TIP)
        self.line = QLabel()
        ReservedLines(self.line, 2)  # else the plot would jump when the sentence needs the second line

    def _arrow(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRepeat(True)
        button.setFocusProxy(self.slider)  # so that the arrow keys work after a click
        return button

    def _lay_out(self) -> None:
        self.controls = corner(self.log, self.save_button)
        fields = WrappingRow([_titled("K", self.k), _titled("Seed", self.seed)])
        buttons = QHBoxLayout()
        for part in (self.back, self.slider, self.forward, self.play):
            buttons.addWidget(part, int(part is self.slider))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(fields)
        layout.addWidget(self.channel)
        layout.addWidget(self._plot, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.line)

    def _connect(self) -> None:
        self.k.valueChanged.connect(self._update_request)
        self.seed.valueChanged.connect(self._update_request)
        self.channel.currentIndexChanged.connect(self._update_request)
        self.slider.valueChanged.connect(self._on_slider)
        self.back.clicked.connect(self._go_back)
        self.forward.clicked.connect(self._go_forward)
        self.play.toggled.connect(self._on_play)
        self.log.toggled.connect(self._plot.redraw)
        self.log.toggled.connect(self.save_button.set_log)
        self.save_button.failed.connect(self.line.setText)

    def fits(self, shown: FamilySnapshot) -> bool:
        """Return True if there is a result of one layer; samples of several layers are not cached."""
        return shown.provenance is not None and not shown.provenance.together

    def show_family(self, shown: FamilySnapshot) -> None:
        """Run the algorithm on the samples of the current result. Another result resets K and channel.

        So do other channels of the same result, which a longer or shorter stack gives it.
        """
        self._shown = shown
        provenance = shown.provenance
        if provenance is not None:
            names = steps_messages.channel_names(
                len(provenance.levels), rgb=shown.rgb, slice_axis=shown.slice_axis_name
            )
            if (provenance.layer_id, names) != self._fields_of:
                self._fields_of = provenance.layer_id, names
                self._show_fields(provenance, names)
        self._update_request()

    def release_layers(self) -> None:
        """Release the layers; keep the fields in case the same result is shown again."""
        self._shown = FamilySnapshot()

    def _show_fields(self, provenance: Provenance, names: list[str]) -> None:
        """Set K and the channels to those of another result."""
        with signals_blocked(self.k), signals_blocked(self.channel):
            self.k.setValue(provenance.k)
            if names != [self.channel.itemText(index) for index in range(self.channel.count())]:
                self.channel.clear()
                self.channel.addItems(names)
        self.channel.setVisible(bool(names))
        self.log.setVisible(provenance.palette is None)

    def _update_request(self, _value: int = 0) -> None:
        request = self._current_request()
        if request is None:
            self._background.cancel()
            self._request = None
            self._show_data(None, steps_messages.UNKNOWN)
        elif request != self._request:
            self._request = request
            self.line.setText(steps_messages.RUNNING)
            runner = self._runner
            self._background.submit(lambda: (request, runner.run(request)), self._on_data, self._on_failed)

    def _current_request(self) -> StepsRequest | None:
        provenance, facts = self._shown.provenance, self._shown.facts
        if provenance is None or facts is None:
            return None
        samples = cached_samples(self._shown.source, provenance.request)
        # A stack that has become shorter or longer has other slices than the result.
        if samples is None or len(samples) != max(1, len(provenance.levels)):
            return None
        k, seed, channel = self.k.value(), self.seed.value(), max(0, self.channel.currentIndex())
        return StepsRequest.of(provenance, samples, facts, k=k, seed=seed, channel=channel, rgb=self._shown.rgb)

    def _on_data(self, result: tuple[StepsRequest, LloydData]) -> None:
        if isalive(self) and result[0] == self._request:
            self._show_data(result[1])

    def _on_failed(self, text: str) -> None:
        if isalive(self):
            self._show_data(None, messages.sentence(text))

    def _show_data(self, data: LloydData | None, message: str = "") -> None:
        self._data = data
        self.save_button.set_run((self._request, data) if self._request is not None and data is not None else None)
        self._playback = Playback(data.trace.n_steps if data is not None else 0)
        with signals_blocked(self.slider):
            self.slider.setRange(0, self._playback.n_steps)
        self._show_playback()
        if message:
            self.line.setText(message)

    # Playing

    def _show_playback(self) -> None:
        """Show the present step, and enable what is possible from there."""
        playback, data = self._playback, self._data
        with signals_blocked(self.slider), signals_blocked(self.play):
            self.slider.setValue(playback.step)
            self.play.setChecked(playback.playing)
        self.play.setText(steps_messages.PAUSE if playback.playing else steps_messages.PLAY)
        if playback.playing != self._timer.isActive():
            (self._timer.start if playback.playing else self._timer.stop)()
        for part in (self.slider, self.play):
            part.setEnabled(data is not None)
        self.back.setEnabled(playback.step > 0)
        self.forward.setEnabled(playback.step < playback.n_steps)
        self._plot.setVisible(data is not None)
        if data is not None:
            self.line.setText(steps_messages.line(data.trace, playback.step, data.best, data.own))
            self._plot.draw_soon()

    def _go_to(self, step: int) -> None:
        self._playback.play(False)
        self._playback.go_to(step)
        self._show_playback()

    def _on_slider(self, step: int) -> None:
        self._go_to(step)

    def _go_back(self) -> None:
        self._go_to(self._playback.step - 1)

    def _go_forward(self) -> None:
        self._go_to(self._playback.step + 1)

    def _on_play(self, playing: bool) -> None:
        self._playback.play(playing)
        self._show_playback()

    def _on_timeout(self) -> None:
        self._playback.advance()
        self._show_playback()

    def showEvent(self, event: object) -> None:
        """Run again if hiding the panel has cancelled the run."""
        super().showEvent(event)
        if self._request is None and self._shown.provenance is not None:
            self._update_request()

    def hideEvent(self, event: object) -> None:
        """Stop playing and cancel the run while the panel is hidden."""
        super().hideEvent(event)
        self._pause()

    def _pause(self) -> None:
        self._playback.play(False)
        if self._background.busy:
            self._background.cancel()
            self._request = None
        self._show_playback()

    # Drawing

    def _draw(self, figure: Figure, theme: PlotTheme) -> None:
        if self._data is None:
            return
        if self._drawing is None:
            from napari_quantize.plots.lloyd_steps import StepsPlot

            self._drawing = StepsPlot(figure)
        self._drawing.show(self._data, self._playback.step, theme, log=self.log.isChecked())

    def set_theme(self, theme: PlotTheme) -> None:
        """Follow the theme."""
        self._plot.set_theme(theme)

    def close_down(self) -> None:
        """Stop all work; `showEvent` runs again when the dock is reopened."""
        self._pause()
        self._background.close()
        self.save_button.close_down()


def _titled(title: str, box: QSpinBox) -> QWidget:
    """Return a spin box behind its title."""
    holder = QWidget()
    lay_out_in_row((QLabel(title), box), holder)
    return holder


def _spin_box(low: int, high: int, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setKeyboardTracking(False)
    box.setToolTip(tip)
    box.setStyleSheet("min-width: 2em;")
    return box
