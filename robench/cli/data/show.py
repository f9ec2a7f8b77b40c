"""`robench data show`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robench.cli.console import Console, verb

if TYPE_CHECKING:
    from robench.datasets.contact_sheets.sheet import Sheet

Opt = typer.Option
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("show")(show)


@verb(after_interrupt="Nothing was written.")
def show(
    name: Annotated[str, typer.Argument(metavar="SET", help="cifar10-c, imagenet-p, c-bar, ...")],
    source: Annotated[
        Path | None, Opt("--from", help="A picture, or a folder of pictures or class folders.")
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    family: Annotated[
        str | None, Opt(help="Whose severities, of c, c-bar and p: cifar, tiny, imagenet, ...")
    ] = None,
    index: Annotated[int, Opt(help="Which picture, from 0.")] = 0,
    out: Annotated[Path | None, Opt(help="FILE.png or .jpg; default: SET.png.")] = None,
    size: Annotated[
        int | None, Opt(min=48, max=1024, help="Height of the pictures on the sheet.")
    ] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Draw a contact sheet: one picture in every corruption or perturbation of a set."""
    from robench import config as settings
    from robench.datasets.contact_sheets.rows import set_sheet
    from robench.errors import InputError

    path = out or Path(f"{name}.png")
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"--out must end in {', '.join(FORMATS)}, got {path}.")
    with Console() as console:
        sheet = set_sheet(
            name,
            settings.data_dir(data_dir),
            source=source,
            family=family,
            index=index,
            side=size,
            progress=console,
        )
    typer.echo(f"{path}: {len(sheet.strips)} rows, {_save(sheet, path)}")


def _save(sheet: "Sheet", path: Path) -> str:
    """Draw a sheet into a file; its size in words."""
    import io

    from robench.datasets.contact_sheets.drawing import draw
    from robench.files import write_atomic

    picture, buffer = draw(sheet), io.BytesIO()
    picture.save(buffer, FORMATS[path.suffix.lower()], quality=90)
    write_atomic(path, buffer.getvalue())
    return f"{picture.width}x{picture.height}"
