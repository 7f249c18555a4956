"""How tests find the panel *Show the steps* in a dock."""

from napari_quantize.viewer.panels.lloyd_steps.panel import StepsPanel


def panel_of(widget) -> StepsPanel:
    [panel] = [panel for panel in widget._results_view.panels.panels if isinstance(panel, StepsPanel)]
    return panel
