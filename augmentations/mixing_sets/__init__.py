"""Pictures to mix into training images: generators, and packed sets of them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augmentations.mixing_sets.packed import MixingSet

MIXING_SETS: dict[str, str] = {
    "orbit-traps": "augmentations.mixing_sets.orbit_traps:ORBIT_TRAPS",
}


def cached(  # noqa: PLR0913  the one public door
    name: str,
    n: int,
    side: int,
    cache: Path,
    *,
    seed: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> "MixingSet":
    """Open a generated set, after building it where it is absent, damaged or outdated.

    Processes that build the same set at once waste work but cannot harm each other: each writes a
    file of its own and renames it.

    Args:
        name: Key of ``MIXING_SETS``.
        n: Number of pictures.
        side: Side of the packed pictures in pixels; 36 for crops of 32.
        cache: Folder of packed sets, made when absent.
        seed: Seed of the set.
        jobs: Worker processes of a build.
        progress: Called with (pictures made, n) during a build.

    Raises:
        KeyError: Unknown name.
        ValueError: A number is out of range.
    """
    # Listing the names needs neither numpy nor torch.
    from augmentations.mixing_sets.build import build  # noqa: PLC0415
    from augmentations.mixing_sets.order import Order  # noqa: PLC0415
    from augmentations.mixing_sets.packed import MixingSet  # noqa: PLC0415

    order = Order(name, n, side, seed)
    path = cache / order.file_name
    try:
        found = MixingSet.open(path)
        if order.is_described_by(found.manifest):
            return found
    except (FileNotFoundError, ValueError):
        pass
    return MixingSet.open(build(name, n, side, seed=seed, jobs=jobs, out=cache, progress=progress))
