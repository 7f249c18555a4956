"""The commands and their options, for typer. The code of a command is imported when the command runs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from napari_quantize._version import __version__
from napari_quantize.cli import NAME
from napari_quantize.cli.errors import InputError, UsageError
from napari_quantize.cli.help_text import ABOUT, COMPARE, DEMO, INFO, PALETTE, RUN
from napari_quantize.cli.output import tell

# The base class of all errors on the command line. It is found by its name, because newer versions of typer bring their
# own copy of click, and export neither.
_USAGE_ERROR: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    name=NAME,
    help=ABOUT,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_KS = "1,2,4,8,16,32"


class ModeName(StrEnum):
    """Values of ``--mode``."""

    levels = "global"
    own = "per-channel"
    colours = "color"


class MethodName(StrEnum):
    """Values of ``--method``."""

    minibatch = "minibatch"
    lloyd = "lloyd"
    exact = "exact"


class IgnoredName(StrEnum):
    """Values of ``--ignore``."""

    zeros = "zeros"
    saturated = "saturated"


class FormatName(StrEnum):
    """Values of ``--format``."""

    png = "png"
    tiff = "tiff"


_Mode = Annotated[ModeName | None, typer.Option(help="Default, as in the dock: color for photos, global for others.")]
_Method = Annotated[MethodName, typer.Option(help="How values are found; exact: optimal levels.")]
_Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same files.")]
_Channels = Annotated[
    str | None, typer.Option(metavar="N|none", help="Axis of the channels, if the file does not tell.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
_Json = Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")]


def run_app(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; print errors in one line."""
    try:
        # Not app(…), which would also replace Python's own handling of exceptions.
        command = typer.main.get_command(app)
        return int(command.main(list(arguments), prog_name=NAME, standalone_mode=False, obj=list(arguments)) or 0)
    except UsageError as problem:
        return _print_usage_error(str(problem))
    except InputError as problem:
        tell(f"{NAME}: {problem}")
        return 1
    except _USAGE_ERROR as error:
        return _print_usage_error(_describe(error))
    except typer.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        tell(f"{NAME}: {where}{error.strerror or error}")
        return 1


def _describe(error: Any) -> str:
    """Return an error of typer as one line."""
    # Newer versions of typer check values with pydantic, whose messages have this prefix.
    message = " ".join(error.format_message().replace("Value error, ", "").split())
    return f"{message.rstrip('.')}: see {error.ctx.command_path if error.ctx else NAME} --help"


def _print_usage_error(message: str) -> int:
    """Print a message, and return the exit code of usage errors."""
    tell(f"{NAME}: {message}")
    return 2


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command("run", help=RUN, short_help="Quantize images: files, folders, patterns.")
def _run(
    context: typer.Context,
    images: Annotated[list[str], typer.Argument(metavar="IMAGE...", help="Files, folders, and patterns in quotes.")],
    k: Annotated[
        str | None,
        typer.Option("-k", metavar="NUMBERS", show_default=_KS, help="Numbers of values to keep: 8, or 2-6,12."),
    ] = None,
    mode: _Mode = None,
    method: _Method = MethodName.minibatch,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = Path("quantized"),
    format_: Annotated[FormatName, typer.Option("--format", help="File format of the results.")] = FormatName.png,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Resize first, for example 512x512.")] = None,
    palette: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Apply this palette or codebook instead of learning.")
    ] = None,
    one_palette: Annotated[bool, typer.Option("--one-palette", help="Learn one codebook over all images.")] = False,
    mask: Annotated[Path | None, typer.Option(metavar="FILE", help="Learn only where this image is not 0.")] = None,
    ignore: Annotated[list[IgnoredName] | None, typer.Option(help="Values not to learn from; repeatable.")] = None,
    channel_axis: _Channels = None,
    seed: _Seed = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Images at a time; default: one for each processor.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write an HTML page with pictures of all images.")] = False,
    dither: Annotated[
        bool, typer.Option("--dither", help="Dither colours (Floyd-Steinberg); figures are of undithered results.")
    ] = False,
    figures: Annotated[bool, typer.Option("--all-figures", help="Also measure colour difference and SSIM.")] = False,
    overwrite: _Overwrite = False,
    json: _Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print all figures as CSV.")] = False,
) -> None:
    from napari_quantize.cli.batch.batch import RunOptions
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.cli.commands.run import finish, run
    from napari_quantize.cli.parsing import (
        channel_axis_of,
        check_together,
        given_palette,
        ks_of,
        mask_of,
        mode_of,
        size_of,
    )

    learnt = {"-k": k is not None, "--one-palette": one_palette, "--mask": mask is not None, "--ignore": bool(ignore)}
    check_together(learnt=learnt, palette=palette is not None)
    if dither and (format_ is FormatName.tiff or mode not in (None, ModeName.colours)):
        raise UsageError("--dither is for colours in PNG files: it cannot be used with --format tiff or with levels")
    if json and csv:
        raise UsageError("--json and --csv cannot be used together: standard output takes one of them")
    order = ImageOptions(
        ks=ks_of(k or _KS),
        mode=mode_of(mode.value if mode else None),
        method=method.value,
        seed=seed,
        ignore=tuple(dict.fromkeys(one.value for one in ignore or ())),
        channel_axis=channel_axis_of(channel_axis),
        size=size_of(size),
        mask=mask_of(mask),
        given=given_palette(palette),
        given_from=palette.name if palette else "",
        given_files=(str(palette),) if palette and palette.suffix.lower() == ".json" else (),
        tiff=format_ is FormatName.tiff,
        dither=dither,
        overwrite=overwrite,
        thorough=figures or report,
    )
    printed: Literal["table", "csv", "json"] = "json" if json else "csv" if csv else "table"
    asked = RunOptions(tuple(images), out, order, one_palette, report, jobs, printed, shlex.join([NAME, *context.obj]))
    raise typer.Exit(finish(run(asked), asked))


@app.command("compare", help=COMPARE, short_help="Measure the difference of two images.")
def _compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="The original.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The image to compare with it.")],
    json: _Json = False,
) -> None:
    from napari_quantize.cli.commands.compare import compare

    compare(first, second, as_json=json)


@app.command("palette", help=PALETTE, short_help="Find colours or levels of an image.")
def _palette(
    image: Annotated[Path, typer.Argument(metavar="IMAGE")],
    k: Annotated[int, typer.Option("-k", help="Number of colours or levels.")] = 8,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="File to write; its ending selects the format.")
    ] = None,
    mode: _Mode = None,
    method: _Method = MethodName.minibatch,
    channel_axis: _Channels = None,
    seed: _Seed = 0,
    overwrite: _Overwrite = False,
    json: _Json = False,
) -> None:
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.cli.commands.palette import palette
    from napari_quantize.cli.parsing import channel_axis_of, ks_of, mode_of

    order = ImageOptions(
        ks=ks_of(str(k)),
        mode=mode_of(mode.value if mode else None),
        method=method.value,
        seed=seed,
        channel_axis=channel_axis_of(channel_axis),
        overwrite=overwrite,
    )
    palette(image, out, order, as_json=json)


@app.command("info", help=INFO, short_help="Show the contents of a file.")
def _info(file: Annotated[Path, typer.Argument(metavar="FILE")], json: _Json = False) -> None:
    from napari_quantize.cli.commands.info import info

    info(file, as_json=json)


@app.command("demo", help=DEMO, short_help="Show a sample photo with six results.")
def _demo() -> None:
    from napari_quantize.cli.commands.demo import demo

    raise typer.Exit(demo())
