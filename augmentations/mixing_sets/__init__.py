"""Pictures to mix into training images: generators, and packed sets of them.

``MIXING_SETS`` is the one list of names: kinds of pictures (a ``base.Generator``), and mixtures of
kinds (a ``mixtures.Mixture``).
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from augmentations.mixing_sets.packed import MixingSet

MIXING_SETS: dict[str, str] = {
    "orbit-traps": "augmentations.mixing_sets.kinds.orbit_traps:ORBIT_TRAPS",
    "ifs": "augmentations.mixing_sets.kinds.ifs:IFS",
    "fractaldb": "augmentations.mixing_sets.kinds.fractaldb:FRACTALDB",
    "rcdb": "augmentations.mixing_sets.kinds.rcdb:RCDB",
    "dead-leaves": "augmentations.mixing_sets.kinds.dead_leaves:DEAD_LEAVES",
    "spectrum": "augmentations.mixing_sets.kinds.spectrum:SPECTRUM",
    "plasma": "augmentations.mixing_sets.kinds.plasma:PLASMA",
    "feature-vis": "augmentations.mixing_sets.kinds.feature_vis:FEATURE_VIS",
    "ipmix13k": "augmentations.mixing_sets.mixtures:IPMIX13K",
    "ipmix13k-nofv": "augmentations.mixing_sets.mixtures:IPMIX13K_NOFV",
}

DEFAULT_N = 1_000  # pictures of a set that nobody made or gave a number for


def cached(  # noqa: PLR0913  the one public door
    name: str,
    n: int | None,
    side: int,
    cache: Path,
    *,
    seed: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> "MixingSet":
    """Open the first ``n`` pictures of a set, after making those that are not there yet.

    Equal calls with a number give equal pictures: what else lies in the cache, such as a longer set
    or one of larger pictures, makes no difference. Without a number it is what was made before (see
    ``find``), or 1,000 pictures. Of processes that make one set at once, one works and the others
    wait.

    Args:
        name: Key of ``MIXING_SETS``.
        n: Number of pictures, or None for the longest set that is there.
        side: Side of the pictures in pixels; 36 for crops of 32.
        cache: Folder of the sets, made when absent.
        seed: Seed of the set.
        jobs: Worker processes, where pictures are made.
        progress: Called with (pictures made, n) while pictures are made.

    Raises:
        KeyError: Unknown name.
        ValueError: A number is out of range.
        OSError: The disk is full or the folder not writable.
    """
    # Listing the names needs neither numpy nor torch.
    from augmentations.mixing_sets.build import build  # noqa: PLC0415
    from augmentations.mixing_sets.order import Order  # noqa: PLC0415
    from augmentations.mixing_sets.packed import MixingSet  # noqa: PLC0415

    made = find(name, side, cache, seed=seed) if n is None else None
    if made:
        return MixingSet.open(made, side)
    order, n = Order.for_side(name, side, seed), n or DEFAULT_N
    folder = cache / order.title
    try:
        return MixingSet.open(folder, side, n, order)
    except (FileNotFoundError, ValueError):
        build(order, n, folder, jobs=jobs, wait=True, progress=progress)
    return MixingSet.open(folder, side, n, order)


def find(name: str, side: int, cache: Path, *, seed: int = 0) -> Path | None:
    """The longest set of a name in the cache whose pictures are large enough, or None.

    Of sets of one length, that of the largest pictures. Sets of older generators do not count.

    Args:
        name: Key of ``MIXING_SETS``.
        side: Side in pixels that will be asked for; 36 pixels can be had of every set.
        cache: Folder of the sets.
        seed: Seed of the set.

    Returns:
        Its folder, for ``MixingSet.open``.
    """
    from augmentations.mixing_sets.folder import read_manifest  # noqa: PLC0415
    from augmentations.mixing_sets.order import Order  # noqa: PLC0415

    found = []
    for folder in sorted(cache.glob(f"{name}-*px-seed{seed}*")):
        try:
            manifest = read_manifest(folder)
        except (OSError, ValueError):
            continue  # being made, damaged, or something else
        if (manifest["name"], manifest.get("seed")) != (name, seed) or manifest["size"] < side:
            continue
        identity = Order(name, manifest["size"], seed, manifest["networks"]).identity()
        if identity.items() <= manifest.items():
            found.append((manifest["n"], manifest["size"], folder))
    return max(found)[-1] if found else None
