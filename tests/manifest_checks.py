"""What can be wrong in napari.yaml without npe2 or napari saying a word: found here, one sentence each."""

import copy
import os
import pkgutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from npe2 import PluginManifest
from pydantic import BaseModel, ValidationError

ROOT = Path(__file__).parents[1]
PACKAGED_MANIFEST = "src/napari_quantize/napari.yaml"

# Which menus take contributions, napari tells only in a private module (as of 0.9.2, MenuId.contributables()).
# It drops an item in any other menu silently.
OPEN_MENUS = {
    "napari/file/acquire",
    "napari/file/io_utilities",
    "napari/file/new_layer",
    "napari/layers/annotate",
    "napari/layers/classify",
    "napari/layers/data",
    "napari/layers/filter",
    "napari/layers/layer_type",
    "napari/layers/measure",
    "napari/layers/metadata",
    "napari/layers/project",
    "napari/layers/register",
    "napari/layers/segment",
    "napari/layers/track",
    "napari/layers/transform",
    "napari/layers/visualize",
}


def problems(manifest: dict[str, Any]) -> list[str]:
    """Return one sentence for each defect of a manifest as read from its file; none if it is good."""
    found = [*_rejected(manifest), *_unknown_keys(manifest, PluginManifest, "manifest")]
    if manifest.get("name") != distribution_name():
        found.append(f"name is {manifest.get('name')!r}, the distribution's is {distribution_name()!r}")
    contributions = manifest.get("contributions") or {}
    for check in (_command_problems, _import_problems, _menu_problems):
        found.extend(check(contributions))
    return found


def distribution_name() -> str:
    """Return the name under which the project is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["name"])


def root_manifest_problem(root_manifest: Path) -> str | None:
    """Tell what is wrong with the repository's own napari.yaml, which only points to the packaged file."""
    # Git writes the link's target into a plain file where the file system has no symbolic links.
    is_link = root_manifest.is_symlink()
    target = os.readlink(root_manifest) if is_link else root_manifest.read_text(encoding="utf-8")
    if target.strip() == PACKAGED_MANIFEST:
        return None
    return f"{root_manifest.name} is not a link to {PACKAGED_MANIFEST} but {target[:60]!r}"


def _rejected(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what npe2 itself finds."""
    try:
        PluginManifest.model_validate(copy.deepcopy(manifest))  # npe2 writes defaults into what it is given
    except ValidationError as error:
        for detail in error.errors():
            yield f"npe2 rejects {'.'.join(map(str, detail['loc']))}: {detail['msg']}"


def _unknown_keys(value: object, annotation: Any, where: str) -> Iterator[str]:
    """Yield the keys that no field of npe2's models has: npe2 drops most of them silently."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_keys(item, annotation, f"{where}[{index}]")
    elif isinstance(value, dict) and get_origin(annotation) is dict:
        for key, item in value.items():
            yield from _unknown_keys(item, get_args(annotation)[1], f"{where}.{key}")
    elif isinstance(value, dict) and (known := _fields(annotation)):
        for key, item in value.items():
            if key in known:
                yield from _unknown_keys(item, known[key], f"{where}.{key}")
            else:
                yield f"{where} has an unknown key {key!r}"


def _fields(annotation: Any) -> dict[str, Any]:
    """Return the names and annotations of all fields of the models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        aliases = {field.alias: field.annotation for field in fields.values() if field.alias}
        return {name: field.annotation for name, field in fields.items()} | aliases
    return {name: field for part in get_args(annotation) for name, field in _fields(part).items()}


def _command_problems(contributions: dict[str, Any]) -> Iterator[str]:
    """Compare the commands declared with those that widgets, readers, writers, sample data and menus name."""
    declared = contributions.get("commands") or []
    ids = Counter(command.get("id") for command in declared)
    used = set(_named_commands({key: value for key, value in contributions.items() if key != "commands"}))
    yield from (f"command {name} is declared {count} times" for name, count in ids.items() if count > 1)
    yield from (f"command {name} is used but not declared" for name in sorted(used - set(ids)))
    for command in declared:
        # One with an enablement is meant for the command palette, where every command appears.
        if command.get("id") not in used and "enablement" not in command:
            yield f"command {command.get('id')} is declared but not used"


def _named_commands(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named_commands(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"command", "alt"}:
                yield str(item)
            else:
                yield from _named_commands(item)


def _import_problems(contributions: dict[str, Any]) -> Iterator[str]:
    for command in contributions.get("commands") or []:
        python_name = command.get("python_name")
        if python_name is None:
            yield f"command {command.get('id')} has no python_name"
            continue
        try:
            target = pkgutil.resolve_name(python_name)
        except (ImportError, AttributeError, ValueError) as error:
            yield f"{python_name} cannot be imported: {error}"
        else:
            if not callable(target):
                yield f"{python_name} is not callable"


def _menu_problems(contributions: dict[str, Any]) -> Iterator[str]:
    submenus = {submenu.get("id") for submenu in contributions.get("submenus") or []}
    for menu, items in (contributions.get("menus") or {}).items():
        if menu not in OPEN_MENUS | submenus:
            yield f"napari has no menu {menu} for plugins"
        for item in items:
            if "submenu" in item and item["submenu"] not in submenus:
                yield f"{menu} shows the submenu {item['submenu']}, which is not declared"
