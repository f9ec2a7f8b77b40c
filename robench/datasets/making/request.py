"""What is asked for, and what that means: checked before anything is made."""

from dataclasses import dataclass
from pathlib import Path

from corruptions import GENERATOR_VERSION
from robench.datasets.catalogue import DATASETS
from robench.datasets.layouts import find_root
from robench.datasets.making.clean import home
from robench.datasets.making.drawing import Drawing
from robench.datasets.making.pictures import ENCODINGS, UNSCALED, Encoding, preparation
from robench.datasets.making.recipes import (
    FAMILIES,
    RECIPES,
    SEVERITIES,
    Item,
    Recipe,
    items,
)
from robench.datasets.manifest import Manifest, Origin, versions
from robench.errors import InputError
from robench.registry import lookup


@dataclass(frozen=True)
class Request:
    """One set, as on the command line.

    Attributes:
        name: Key of ``RECIPES``.
        data_dir: The folder of data sets and textures.
        source: The clean images; None: the data folder, or those that are bundled.
        out: The folder of the set; None: the recipe's, below the data folder.
        only: Members to make and no others.
        skip: Members to leave out.
        severities: For picture files.
        family: Whose severities and size, for one's own pictures.
        keep_size: Leave one's own pictures at their size.
        file_format: ``jpeg`` or ``png``, for picture files.
        seed: Of the whole set.
        limit: Take the first so many images.
    """

    name: str
    data_dir: Path
    source: Path | None = None
    out: Path | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    severities: tuple[int, ...] = SEVERITIES
    family: str | None = None
    keep_size: bool = False
    file_format: str | None = None
    seed: int = 0
    limit: int | None = None


@dataclass(frozen=True)
class Plan:
    """A request that makes sense.

    Attributes:
        recipe: The set.
        out: Its folder.
        items: Its members.
        drawing: How pixels are drawn.
        prepare: What happens to pictures before.
        encoding: Of picture files; None for arrays.
    """

    recipe: Recipe
    out: Path
    items: tuple[Item, ...]
    drawing: Drawing
    prepare: str
    encoding: Encoding | None

    def manifest(self, name: str, images: int, sha256: str) -> Manifest:
        """What the set says of itself, with nothing made yet.

        Args:
            name: Of the clean images.
            images: How many.
            sha256: Their fingerprint.
        """
        coding = self.encoding
        form = {"kind": coding.kind, **coding.settings} if coding else {"kind": "npy"}
        plain = {
            "set": self.recipe.name,
            "generator_version": GENERATOR_VERSION,
            "seed": self.drawing.seed,
            "family": self.drawing.family,
            "benchmark_size": self.prepare != "as stored",
            "preparation": self.prepare,
            "from": Origin(name=name, images=images, sha256=sha256),
            "format": form,
            "versions": versions(),
        }
        return Manifest.model_validate(plain)


def resolve(request: Request) -> Plan:
    """Check a request as far as is possible without reading images.

    Raises:
        UnknownNameError: No such set or member.
        InputError: Options that do not go together, a folder inside the other, textures absent.
    """
    recipe = lookup(RECIPES, request.name, "set")
    if request.limit is not None and request.limit < 1:
        raise InputError(f"--limit must be at least 1, got {request.limit}.")
    unknown = [level for level in request.severities if level not in SEVERITIES]
    if unknown or not request.severities:
        raise InputError(f"--severities are 1 to 5, got {unknown or 'none'}.")
    _refuse_what_arrays_lack(recipe, request)
    _refuse_what_pictures_lack(recipe, request)
    family = _family(recipe, request)
    drawing = Drawing(recipe.kind, family, request.seed, request.keep_size, request.data_dir)
    members = items(recipe.kind, family, request.only, request.skip, request.severities)
    drawing.check_assets(members)
    return Plan(
        recipe, _out(recipe, request), members, drawing, *_preparation(recipe, request, family)
    )


def _refuse_what_arrays_lack(recipe: Recipe, request: Request) -> None:
    """Options that the layout of labelled sets has no place for."""
    if recipe.clean and sorted(set(request.severities)) != list(SEVERITIES):
        raise InputError(
            f"--severities: a file of {recipe.name} holds all five, one block after the other; "
            f"make it whole, or choose corruptions with --only."
        )
    if recipe.clean and request.file_format is not None:
        raise InputError(f"--format: {recipe.name} is stored as .npy; leave it out.")


def _refuse_what_pictures_lack(recipe: Recipe, request: Request) -> None:
    """Options that do not fit folders of pictures."""
    if recipe.clean is None and request.source is None:
        known = find_root(DATASETS["imagenet"], request.data_dir)
        example = f", such as --from {known}" if known else ""
        raise InputError(
            f"{recipe.name} is made from a folder of pictures: name it with --from{example}."
        )
    if request.file_format not in {None, *ENCODINGS}:
        raise InputError(f"--format is jpeg or png, got {request.file_format!r}.")
    if recipe.kind == "p" and request.file_format == "jpeg":
        raise InputError("--format jpeg: frames of perturbations are stored as PNG; leave it out.")
    if recipe.kind == "p" and sorted(set(request.severities)) != list(SEVERITIES):
        raise InputError("--severities: perturbations have none; choose members with --only.")


def _family(recipe: Recipe, request: Request) -> str:
    """Whose severities are used."""
    offered = FAMILIES[recipe.kind]
    if recipe.family is not None:
        if request.keep_size or request.family not in {None, recipe.family}:
            raise InputError(
                f"{recipe.name} is the published size and severities of {recipe.family}. For "
                f"others make the set {recipe.kind}, which takes --family and --keep-size."
            )
        return recipe.family
    if request.family is None and request.keep_size:
        raise InputError(
            f"--keep-size needs --family: whose severities are meant, {', '.join(offered)}?"
        )
    family = request.family or "imagenet"
    if family not in offered:
        raise InputError(
            f"--family {family}: {recipe.name} is published for {', '.join(offered)} only."
        )
    return family


def _preparation(recipe: Recipe, request: Request, family: str) -> tuple[str, Encoding | None]:
    """What happens to pictures before and after."""
    if recipe.clean:
        return UNSCALED, None
    usual = "png" if recipe.kind == "p" else "jpeg"
    encoding = ENCODINGS[request.file_format or usual]
    return "as stored" if request.keep_size else preparation(recipe.kind, family), encoding


def _out(recipe: Recipe, request: Request) -> Path:
    """The folder of the set, which is neither the clean images' nor inside it."""
    if request.out is None and recipe.folder is None:
        raise InputError(f"{recipe.name} needs --out, the folder that the set goes to.")
    out = request.out or request.data_dir / (recipe.folder or "")
    clean = _clean_folder(recipe, request)
    if clean is not None and out.resolve().is_relative_to(clean.resolve()):
        raise InputError(f"--out {out} is inside the clean images {clean}. Choose another --out.")
    return out


def _clean_folder(recipe: Recipe, request: Request) -> Path | None:
    """Where nothing may be written."""
    if recipe.clean is None:
        return request.source
    own = DATASETS[recipe.clean].folder
    return home(recipe.clean, request.source, request.data_dir) / own if own else None
