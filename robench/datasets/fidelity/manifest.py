"""What a corrupted folder made by robench says of itself."""

from pathlib import Path

from corruptions import GENERATOR_VERSION
from robench.datasets.fidelity.cell import Maker
from robench.datasets.making.recipes import RECIPES
from robench.datasets.manifest import Manifest, versions

JPEG_LIBRARIES = ("Pillow", "libjpeg-turbo")


def maker_of(manifest: Manifest | None, data_dir: Path) -> Maker:
    """Where the pictures of a folder come from: robench with a seed, or the publisher."""
    if manifest is None:
        return Maker(data_dir)
    here = versions()
    return Maker(
        data_dir,
        seed=manifest.seed,
        own=manifest.generator_version == GENERATOR_VERSION,
        other_jpeg=any(manifest.versions.get(name) != here[name] for name in JPEG_LIBRARIES),
    )


def is_perturbed(manifest: Manifest) -> bool:
    """Whether the set holds perturbation sequences."""
    recipe = RECIPES.get(manifest.set)
    return recipe is not None and recipe.kind == "p"


def remarks(manifest: Manifest) -> tuple[str, ...]:
    """What a reader must know of a folder that robench made."""
    made = f"Made by robench, generator version {manifest.generator_version}, seed {manifest.seed}"
    if manifest.generator_version != GENERATOR_VERSION:
        made += f"; this is version {GENERATOR_VERSION}, so that only the strength can agree"
    if not manifest.complete:
        made += "; not complete"
    return (f"{made}.",)
