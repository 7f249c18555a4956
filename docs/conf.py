"""How Sphinx makes the pages of the documentation: ``make docs``.

Sphinx, because numpydoc reads the docstrings as they are, and `nitpicky` finds names in them that do not exist. MyST
reads the Markdown that code hosts show as well. Furo is light and dark, and loads nothing from elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

import napari_quantize

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

project = "napari-quantize"
author = "The napari-quantize developers"
project_copyright = author
release = version = napari_quantize.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
exclude_patterns = ["images"]
nitpicky = True
# Names of other libraries: their pages are not asked for, so that the documentation is made without a network.
nitpick_ignore_regex = [("py:.*", r"(numpy|np|os|matplotlib)\..*|Path|ndarray")]

# In docstrings `x` is a link where x can be imported, else a name in italics.
default_role = "autolink"
autosummary_generate = False  # every object stands on a page that is written by hand
autodoc_typehints = "none"  # numpydoc's parameters say them in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#a35200", "color-brand-content": "#a35200"},
    "dark_css_variables": {"color-brand-primary": "#ffab5c", "color-brand-content": "#ffab5c"},
}
pygments_style = "tango"
pygments_dark_style = "github-dark"


def point_to_pages(_app: Sphinx, _name: str, content: list[str]) -> None:
    """Let links to the README, which is no page of its own here, lead to the first page."""
    content[0] = content[0].replace("](../README.md", "](index.md")


def find_public(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.Element) -> nodes.Element | None:
    """Let `fit` lead to `napari_quantize.fit`, from the docstrings of all modules."""
    target = node["reftarget"]
    if node["refdomain"] != "py" or target.partition(".")[0] not in napari_quantize.__all__:
        return None
    domain = env.domains.python_domain
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", f"napari_quantize.{target}", node, text)


def show_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula as MathML, which browsers draw without a script from elsewhere."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def show_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Tell Sphinx of the above."""
    app.connect("source-read", point_to_pages)
    app.connect("missing-reference", find_public)
    app.add_html_math_renderer("mathml", (show_inline, None), (show_block, None))


html_math_renderer = "mathml"
