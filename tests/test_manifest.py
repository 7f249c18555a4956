"""The manifest is right in what `npe2 validate` does not look at, and each check can fail."""

import copy
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from manifest_checks import PACKAGED_MANIFEST, ROOT, distribution_name, problems, root_manifest_problem
from npe2 import PluginManifest

Manifest = dict[str, Any]

# A good manifest of its own, so that these tests do not move with the plugin's.
GOOD: Manifest = yaml.safe_load("""
name: napari-quantize
display_name: Sample plugin
schema_version: 0.2.1
contributions:
  commands:
    - {id: napari-quantize.widget, title: Widget, python_name: "collections:OrderedDict"}
    - {id: napari-quantize.read, title: Read, python_name: "json:loads"}
    - {id: napari-quantize.sample, title: Sample, python_name: "json:dumps"}
    - {id: napari-quantize.menu, title: In a menu, python_name: "json:dump"}
    - {id: napari-quantize.alone, title: Palette, python_name: "json:load", enablement: "num_layers > 0"}
  widgets:
    - {command: napari-quantize.widget, display_name: Widget}
  readers:
    - {command: napari-quantize.read, filename_patterns: ["*.some"], accepts_directories: false}
  sample_data:
    - {command: napari-quantize.sample, key: sample, display_name: Sample}
    - {uri: "file.some", key: file, display_name: A file}
  menus:
    napari/layers/filter:
      - {submenu: more}
    more:
      - {command: napari-quantize.menu}
  submenus:
    - {id: more, label: More}
  configurations:
    general:
      title: General
      properties:
        levels: {title: Levels, type: string, default: "2, 4", maxLength: 40}
""")


def _set(section: str, **values: object) -> Callable[[Manifest], None]:
    """Return a change that sets keys in the first entry of a section."""
    return lambda manifest: manifest["contributions"][section][0].update(values)


def _set_in_menu(menu: str, **values: object) -> Callable[[Manifest], None]:
    """Return a change that sets keys in the first item of a menu."""
    return lambda manifest: manifest["contributions"]["menus"][menu][0].update(values)


def _add_command(**values: object) -> Callable[[Manifest], None]:
    """Return a change that declares one more command."""
    command = {"title": "One more", "python_name": "json:loads", **values}
    return lambda manifest: manifest["contributions"]["commands"].append(command)


# What is wrong: (what is done to the good manifest, the sentence that it must cause).
DEFECTS: dict[str, tuple[Callable[[Manifest], Any], str]] = {
    "key of the manifest": (
        lambda manifest: manifest.update(contribution={}),
        "manifest has an unknown key 'contribution'",
    ),
    "section": (
        lambda manifest: manifest["contributions"].update(sample_datas=[]),
        "manifest.contributions has an unknown key 'sample_datas'",
    ),
    "key of a command": (
        _set("commands", python_callable="json:loads"),
        "manifest.contributions.commands[0] has an unknown key 'python_callable'",
    ),
    "key of a reader": (
        _set("readers", accept_directories=True),
        "manifest.contributions.readers[0] has an unknown key 'accept_directories'",
    ),
    "key of a sample": (
        _set("sample_data", reader="builtins"),
        "manifest.contributions.sample_data[0] has an unknown key 'reader'",
    ),
    "key of a menu item": (
        _set_in_menu("more", whenever="true"),
        "manifest.contributions.menus.more[0] has an unknown key 'whenever'",
    ),
    "key of a setting": (
        lambda manifest: manifest["contributions"]["configurations"]["general"].update(order=1),
        "manifest.contributions.configurations.general has an unknown key 'order'",
    ),
    "name": (
        lambda manifest: manifest.update(name="napari-quantise"),
        "name is 'napari-quantise', the distribution's is 'napari-quantize'",
    ),
    "display_name": (
        lambda manifest: manifest.update(display_name="(K-means)"),
        "npe2 rejects display_name",
    ),
    "required key": (
        lambda manifest: manifest["contributions"]["commands"][0].pop("title"),
        "npe2 rejects commands.0.title: Field required",
    ),
    "undeclared widget": (
        _set("widgets", command="napari-quantize.wigdet"),
        "command napari-quantize.wigdet is used but not declared",
    ),
    "undeclared reader": (
        _set("readers", command="napari-quantize.raed"),
        "command napari-quantize.raed is used but not declared",
    ),
    "undeclared sample": (
        _set("sample_data", command="napari-quantize.smaple"),
        "command napari-quantize.smaple is used but not declared",
    ),
    "undeclared menu item": (
        _set_in_menu("more", command="napari-quantize.mneu"),
        "command napari-quantize.mneu is used but not declared",
    ),
    "undeclared alternative": (
        _set_in_menu("more", alt="napari-quantize.other"),
        "command napari-quantize.other is used but not declared",
    ),
    "unused command": (
        _add_command(id="napari-quantize.idle"),
        "command napari-quantize.idle is declared but not used",
    ),
    "command declared twice": (
        _add_command(id="napari-quantize.read"),
        "command napari-quantize.read is declared 2 times",
    ),
    "no such module": (
        _set("commands", python_name="no_such_module:f"),
        "no_such_module:f cannot be imported",
    ),
    "no such attribute": (
        _set("commands", python_name="json:nothing"),
        "json:nothing cannot be imported",
    ),
    "not callable": (
        _set("commands", python_name="json:decoder"),
        "json:decoder is not callable",
    ),
    "no python_name": (
        _set("commands", python_name=None),
        "command napari-quantize.widget has no python_name",
    ),
    "unknown menu": (
        lambda manifest: manifest["contributions"]["menus"].update({"napari/layer/filter": []}),
        "napari has no menu napari/layer/filter for plugins",
    ),
    "undeclared submenu": (
        _set_in_menu("napari/layers/filter", submenu="moer"),
        "napari/layers/filter shows the submenu moer, which is not declared",
    ),
}


def test_the_manifest_has_no_problems() -> None:
    manifest = yaml.safe_load((ROOT / PACKAGED_MANIFEST).read_text(encoding="utf-8"))
    assert problems(manifest) == []


def test_a_good_manifest_has_no_problems() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(("change", "expected"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_found(change: Callable[[Manifest], Any], expected: str) -> None:
    broken = copy.deepcopy(GOOD)
    change(broken)
    assert any(expected in problem for problem in problems(broken)), problems(broken)


def test_npe2_finds_the_packaged_manifest() -> None:
    found = PluginManifest.from_distribution(distribution_name())
    assert found.contributions == PluginManifest.from_file(ROOT / PACKAGED_MANIFEST).contributions


def test_the_entry_point_names_the_distribution() -> None:
    (entry_point,) = metadata.distribution(distribution_name()).entry_points.select(group="napari.manifest")
    assert (entry_point.name, entry_point.value) == (distribution_name(), "napari_quantize:napari.yaml")


def test_the_root_manifest_is_a_link() -> None:
    root_manifest = ROOT / "napari.yaml"
    if (ROOT / "PKG-INFO").exists():  # an sdist has a copy in the link's place
        assert root_manifest.read_bytes() == (ROOT / PACKAGED_MANIFEST).read_bytes()
    else:
        assert root_manifest_problem(root_manifest) is None


def test_a_text_file_with_the_path_counts_as_a_link(tmp_path: Path) -> None:
    spelled_out = tmp_path / "napari.yaml"
    spelled_out.write_text(PACKAGED_MANIFEST)
    assert root_manifest_problem(spelled_out) is None


def test_a_copy_at_the_root_is_found(tmp_path: Path) -> None:
    copied = tmp_path / "napari.yaml"
    copied.write_text("name: napari-quantize")
    assert "is not a link" in str(root_manifest_problem(copied))


def test_an_absolute_link_at_the_root_is_found(tmp_path: Path) -> None:
    link = tmp_path / "napari.yaml"
    link.symlink_to(ROOT / PACKAGED_MANIFEST)
    assert "is not a link" in str(root_manifest_problem(link))
