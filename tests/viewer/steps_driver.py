"""How tests find the panel *Show the steps* in a dock."""

from driving import find_panel

from napari_quantize.viewer.panels.lloyd_steps.panel import StepsPanel


def panel_of(widget) -> StepsPanel:
    return find_panel(widget, StepsPanel.name)
