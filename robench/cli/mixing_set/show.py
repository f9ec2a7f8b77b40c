"""`robench mixing-set show`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robench.cli.console import verb

if TYPE_CHECKING:
    from augmentations.mixing_sets.packed import MixingSet

Opt = typer.Option
_FORMATS = {".png": "PNG", ".jpg": "JPEG"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("show")(show)


@verb(after_interrupt="Nothing was written.")
def show(
    source: Annotated[
        str, typer.Argument(metavar="DIR|NAME", help="A set's folder, or its name in the cache.")
    ],
    out: Annotated[Path | None, Opt(help="FILE.png or .jpg; default: named after the set.")] = None,
    columns: Annotated[int, Opt(min=1, max=50, help="Pictures in a row.")] = 12,
    rows: Annotated[int, Opt(min=1, max=50, help="Rows.")] = 8,
    side: Annotated[int, Opt(min=16, max=512, help="Of a picture on the sheet.")] = 96,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Draw a contact sheet of a set that was made, or of any folder of pictures.

    What is drawn lies at equal distances from the first picture to the last.
    """
    import io

    from augmentations.mixing_sets.sheet import contact_sheet, spread
    from robench.errors import InputError
    from robench.files import write_atomic

    found = _open(source, side)
    path = out or Path(f"{found.source}.png")
    if path.suffix.lower() not in _FORMATS:
        raise InputError(f"--out must end in {' or '.join(_FORMATS)}, got {path}.")
    places = spread(len(found), columns * rows)
    picture, buffer = contact_sheet(found.pictures[places].numpy(), columns, side), io.BytesIO()
    picture.save(buffer, _FORMATS[path.suffix.lower()], optimize=True, quality=80)
    write_atomic(path, buffer.getvalue())
    typer.echo(f"{path}: {len(places)} of {len(found)} pictures, {picture.width}x{picture.height}")


def _open(source: str, side: int) -> "MixingSet":
    """The longest set of a name in the cache, or a folder; a made set in its own size."""
    from augmentations.mixing_sets import MIXING_SETS, find
    from augmentations.mixing_sets.folder import is_made, read_manifest
    from augmentations.mixing_sets.packed import MixingSet
    from robench.config import CACHE
    from robench.errors import InputError, UnknownNameError
    from robench.registry import unknown

    folder: Path | None = Path(source)
    if source in MIXING_SETS:
        folder = find(source, 1, CACHE / "mixing-sets")
        if folder is None:
            command = f"robench mixing-set make {source} -n N"
            raise InputError(f"No {source} of seed 0 was made yet: {command}, or name a folder.")
    assert folder is not None
    if not folder.is_dir():
        message = unknown(MIXING_SETS, source, "mixing set")
        raise UnknownNameError(f"{message} A folder works too.")
    try:
        if is_made(folder):
            return MixingSet.open(folder, read_manifest(folder)["size"])
        return MixingSet.from_folder(folder, side)
    except (OSError, ValueError) as error:
        raise InputError(f"{error}.") from error
