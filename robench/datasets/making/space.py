"""How much room a set of picture files takes."""

from collections.abc import Sequence

from robench.datasets.making.ledger import check_space, free_space
from robench.datasets.making.pictures import SIDES
from robench.datasets.making.recipes import Item
from robench.datasets.making.sources import Picture
from robench.datasets.making.writing import FolderWork

MOST_FRAMES = 41  # of a published sequence
DISK_BLOCK = 4096  # a file takes a multiple of it
SAMPLES = 3

Missing = list[tuple[int, int]]  # indices of pictures, and at how many levels each is not there


def check_room(work: FolderWork, items: Sequence[Item]) -> None:
    """Compare the room with a bound, and only if that does not fit with samples.

    Raises:
        RunError: Names the bytes needed and those free.
    """
    bound = sum(_bound(work, _missing(work, item)) for item in items)
    if bound > free_space(work.folder):
        check_space(work.folder, sum(_sampled(work, item, _missing(work, item)) for item in items))


def _missing(work: FolderWork, item: Item) -> Missing:
    """What is not there yet."""
    cells = [work.folder / work.cell(item, level) for level in item.levels]
    begun = [cell for cell in cells if cell.is_dir()]
    counts = [
        len(cells) - sum((cell / work.output(picture)).exists() for cell in begun)
        for picture in work.pictures
    ]
    return [(index, count) for index, count in enumerate(counts) if count]


def _bound(work: FolderWork, missing: Missing) -> int:
    """Bytes that are certainly enough: hardly any coding is longer than the pixels."""
    frames = MOST_FRAMES if work.drawing.kind == "p" else 1
    pixels = sum(_pixels(work, work.pictures[index]) * count for index, count in missing)
    files = sum(count for _, count in missing)
    return frames * (round(1.2 * 3 * pixels) + 2 * DISK_BLOCK * files)


def _pixels(work: FolderWork, picture: Picture) -> int:
    """Of one stored picture or frame."""
    side = SIDES.get(work.prepare)
    return side * side if side else picture.width * picture.height


def _sampled(work: FolderWork, item: Item, missing: Missing) -> int:
    """Bytes by a few pictures at the middle level."""
    if not missing:
        return 0
    level = item.levels[len(item.levels) // 2]
    places = sorted({len(missing) * part // SAMPLES for part in range(SAMPLES)})
    sizes = [_size(work, item, level, missing[place][0]) for place in places]
    return sum(count for _, count in missing) * sum(sizes) // len(sizes)


def _size(work: FolderWork, item: Item, level: int, index: int) -> int:
    """What one picture or sequence takes on disk."""
    files = work.contents(item, level, index, work.clean(index))
    return sum(-(-len(content) // DISK_BLOCK) * DISK_BLOCK for content in files.values())
