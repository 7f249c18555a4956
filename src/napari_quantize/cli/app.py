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
from napari_quantize.cli.output import print_message

# The base class of all errors on the command line. It is found by its name, because newer versions of typer contain
# their own copy of click, and export neither.
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

    GLOBAL = "global"
    PER_CHANNEL = "per-channel"
    COLOR = "color"


class MethodName(StrEnum):
    """Values of ``--method``."""

    MINIBATCH = "minibatch"
    LLOYD = "lloyd"
    EXACT = "exact"


class IgnoreName(StrEnum):
    """Values of ``--ignore``."""

    ZEROS = "zeros"
    SATURATED = "saturated"


class FormatName(StrEnum):
    """Values of ``--format``."""

    PNG = "png"
    TIFF = "tiff"


_Mode = Annotated[
    ModeName | None,
    typer.Option(help="Default: color for colour photos, else global."),
]
_Method = Annotated[MethodName, typer.Option(help="How values are learnt; exact: optimal levels.")]
_Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same files.")]
_Channels = Annotated[
    str | None, typer.Option(metavar="N|none", help="Axis of the channels, if the file does not name it.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def run_app(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; print errors in one line."""
    try:
        # Not app(…), which would also replace Python's own handling of exceptions.
        command = typer.main.get_command(app)
        return int(command.main(list(arguments), prog_name=NAME, standalone_mode=False, obj=list(arguments)) or 0)
    except UsageError as error:
        return _print_usage_error(str(error))
    except InputError as error:
        print_message(f"{NAME}: {error}")
        return 1
    except _USAGE_ERROR as error:
        return _print_usage_error(_describe(error))
    except typer.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print_message(f"{NAME}: {where}{error.strerror or error}")
        return 1


def _describe(error: Any) -> str:
    """Return an error of typer as one line."""
    # Newer versions of typer check values with pydantic, whose messages have this prefix.
    message = " ".join(error.format_message().replace("Value error, ", "").split())
    return f"{message.rstrip('.')}: see {error.ctx.command_path if error.ctx else NAME} --help"


def _print_usage_error(message: str) -> int:
    """Print a message, and return the exit code of usage errors."""
    print_message(f"{NAME}: {message}")
    return 2


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


def _is_given(context: typer.Context, name: str) -> bool:
    """Return whether the user gave a parameter, even with its default value."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


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
        typer.Option("-k", metavar="NUMBERS", help=f"Numbers of values to keep: 8, or 2-6,12; default: {_KS}."),
    ] = None,
    mode: _Mode = None,
    method: _Method = MethodName.MINIBATCH,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = Path("quantized"),
    format_: Annotated[FormatName, typer.Option("--format", help="File format of the results.")] = FormatName.PNG,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Resize first, for example 512x512.")] = None,
    palette: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Apply this palette or codebook instead of learning.")
    ] = None,
    one_palette: Annotated[bool, typer.Option("--one-palette", help="Learn one codebook from all images.")] = False,
    mask: Annotated[Path | None, typer.Option(metavar="FILE", help="Learn only where this image is not 0.")] = None,
    ignore: Annotated[list[IgnoreName] | None, typer.Option(help="Values not to learn from; repeatable.")] = None,
    channel_axis: _Channels = None,
    seed: _Seed = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Images at a time; default: one for each processor.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Write an HTML page with pictures of all images.")] = False,
    dither: Annotated[
        bool, typer.Option("--dither", help="Dither colours (Floyd-Steinberg); figures are of undithered results.")
    ] = False,
    figures: Annotated[bool, typer.Option("--all-figures", help="Also measure ΔE and SSIM.")] = False,
    overwrite: _Overwrite = False,
    json: _Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for other programs.")] = False,
) -> None:
    from napari_quantize.cli.batch.batch import RunOptions
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.cli.commands.run import print_outcome, run
    from napari_quantize.cli.parsing import (
        check_mask_file,
        check_mode_of_codebooks,
        check_palette_alone,
        parse_channel_axis,
        parse_k_option,
        parse_mode,
        parse_size,
        read_palettes,
    )

    learning_options = {
        "-k": k is not None,
        "--one-palette": one_palette,
        "--mask": mask is not None,
        "--ignore": bool(ignore),
        "--method": _is_given(context, "method"),
        "--seed": _is_given(context, "seed"),
    }
    check_palette_alone(learning_options, has_palette=palette is not None)
    if dither and (format_ is FormatName.TIFF or mode not in (None, ModeName.COLOR)):
        raise UsageError("--dither is for colours in PNG files: it cannot be used with --format tiff or with levels")
    if json and csv:
        raise UsageError("--json and --csv cannot be used together: standard output takes one of them")
    image_options = ImageOptions(
        ks=parse_k_option(_KS if k is None else k),
        mode=parse_mode(mode.value if mode else None),
        method=method.value,
        seed=seed,
        ignore=tuple(dict.fromkeys(name.value for name in ignore or ())),
        channel_axis=parse_channel_axis(channel_axis),
        size=parse_size(size),
        mask=check_mask_file(mask),
        palettes=read_palettes(palette),
        palette_source=palette.name if palette else "",
        palette_files=(str(palette),) if palette and palette.suffix.lower() == ".json" else (),
        tiff=format_ is FormatName.TIFF,
        dither=dither,
        overwrite=overwrite,
        slow_figures=figures or report,
    )
    check_mode_of_codebooks(image_options.mode, image_options.palettes, image_options.palette_source)
    output_format: Literal["table", "csv", "json"] = "json" if json else "csv" if csv else "table"
    command = shlex.join([NAME, *context.obj])
    options = RunOptions(tuple(images), out, image_options, one_palette, report, jobs, output_format, command)
    raise typer.Exit(print_outcome(run(options), options))


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
    method: _Method = MethodName.MINIBATCH,
    channel_axis: _Channels = None,
    seed: _Seed = 0,
    overwrite: _Overwrite = False,
    json: _Json = False,
) -> None:
    from napari_quantize.cli.batch.options import ImageOptions
    from napari_quantize.cli.commands.palette import palette
    from napari_quantize.cli.parsing import parse_channel_axis, parse_k_option, parse_mode

    image_options = ImageOptions(
        ks=parse_k_option(str(k)),
        mode=parse_mode(mode.value if mode else None),
        method=method.value,
        seed=seed,
        channel_axis=parse_channel_axis(channel_axis),
        overwrite=overwrite,
    )
    palette(image, out, image_options, as_json=json)


@app.command("info", help=INFO, short_help="Show the contents of a file.")
def _info(file: Annotated[Path, typer.Argument(metavar="FILE")], json: _Json = False) -> None:
    from napari_quantize.cli.commands.info import info

    info(file, as_json=json)


@app.command("demo", help=DEMO, short_help="Show a sample photo with six results.")
def _demo() -> None:
    from napari_quantize.cli.commands.demo import demo

    raise typer.Exit(demo())
