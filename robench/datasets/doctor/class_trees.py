"""Sections on folders of class folders, by what these are called."""

from collections import Counter
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.class_lists import (
    OUTPUTS,
    class_mask,
    objectnet_name,
    objectnet_names,
    unmapped,
    wnids,
)
from robench.datasets.doctor.expectation import Expectation, again, held_against
from robench.datasets.doctor.placing import how_to_use
from robench.datasets.doctor.report import Finding, Looking, Section, count, quoted, some
from robench.datasets.doctor.tree import Tree, scan_tree
from robench.datasets.doctor.which import PER_CLASS, TRAINING, V2, Guess, classes_of, guess
from robench.datasets.layouts import Naming

AS_NUMBERS = (
    "its folders are numbers, which sort as words (0, 1, 10, 100, ...): robench reads them as "
    "numbers, torchvision's ImageFolder gives other labels"
)


def class_section(folder: Path, look: Looking) -> Section:
    """The section on a folder that holds folders of pictures."""
    tree = scan_tree(folder)
    kind = naming_of(tuple(tree.counts))
    if kind == "wnid":
        return _by_wnid(tree, look)
    if kind == "integer":
        return _by_number(tree, look)
    return _objectnet(tree, look) if kind == "objectnet" else _own(tree)


def naming_of(names: tuple[str, ...]) -> Naming:
    """What most class folders are called; a few odd ones do not change what a set is."""
    kinds = Counter(_kind(name) for name in names)
    kind, most = kinds.most_common(1)[0]
    if 2 * most <= len(names):
        return "own"
    if kind == "integer" and _counts_up(names):
        return "own"  # 0, 1, ... 9: ten classes of somebody's, not a part of ImageNet-V2
    return kind


def _kind(name: str) -> Naming:
    if name in classes_of("imagenet"):
        return "wnid"
    if name.isdecimal() and int(name) < OUTPUTS:
        return "integer"
    return "objectnet" if objectnet_name(name) in objectnet_names() else "own"


def _counts_up(names: tuple[str, ...]) -> bool:
    numbers = sorted(int(name) for name in names if name.isdecimal())
    return len(numbers) <= OUTPUTS // 2 and numbers == list(range(len(numbers)))


def _by_wnid(tree: Tree, look: Looking) -> Section:
    """Val, R, A, O, Sketch or Stylized."""
    sample = tuple(one.files[0][0] for one in tree.folders if one.files)
    known = frozenset(tree.counts) & classes_of("imagenet")
    told = guess(tree.root, known, sample, max(tree.counts.values()))
    layout = "class folders named by wnid"
    if told.sets == (TRAINING,):
        return _training(tree, layout, told)
    if len(told.sets) > 1:
        return _ambiguous(tree, layout, told)
    (name,) = told.sets
    wanted = Expectation(
        layout=layout,
        sets=told.sets,
        classes=classes_of(name),
        images=DATASETS[name].size,
        per_class=PER_CLASS.get(name),
        remedy=again(name, tree.root),
        use=how_to_use(name, tree.root, look.data_dir),
        why=told.why,
    )
    return held_against(tree, wanted, _misnamed(tree, told))


def _misnamed(tree: Tree, told: Guess) -> tuple[Finding, ...]:
    """A folder that is called as another set."""
    if not told.called:
        return ()
    said = f"the folder is called as {told.called} and holds the classes of {told.sets[0]}"
    target = tree.root.parent / Path(DATASETS[told.sets[0]].folder or "").name
    mends = f"mv {quoted(tree.root)} {quoted(target)}"
    taken = f"call it {target.name}, where there is no such folder yet"
    return (Finding("damaged", said, taken if target.exists() else mends),)


def _training(tree: Tree, layout: str, told: Guess) -> Section:
    """ImageNet's training pictures, which no suite measures."""
    wanted = Expectation(
        layout=layout,
        sets=told.sets,
        classes=frozenset(wnids()),
        remedy="unpack the archives of the missing classes, n01440764.tar and so on",
        use="robench measures on the validation pictures, not on these",
        why=told.why,
    )
    return held_against(tree, wanted)


def _ambiguous(tree: Tree, layout: str, told: Guess) -> Section:
    """Several sets have these classes."""
    names = f"{', '.join(told.sets[:-1])} or {told.sets[-1]}"
    folders = ", ".join(f"{DATASETS[name].folder}/" for name in told.sets)
    said = f"it may be {names}: neither classes nor file names tell which"
    remedy = f"call the folder as what it is: {folders}"
    use = f"as it is: robench eval CKPT --suite {quoted(f'folder:{tree.root.resolve()}')}"
    wanted = Expectation(layout=layout, sets=told.sets, remedy=remedy, use=use)
    return held_against(tree, wanted, (Finding("missing", said, remedy),))


def _by_number(tree: Tree, look: Looking) -> Section:
    """ImageNet-V2."""
    path = str(tree.root).lower()
    variants = {"threshold": V2[1], "top-images": V2[2], "matched-frequency": V2[0]}
    named = [name for word, name in variants.items() if word in path]
    sets = (named[0],) if named else V2
    also = [Finding("note", AS_NUMBERS)]
    if not named:
        said = f"which of the variants it is ({', '.join(variants)}) cannot be told by its files"
        folder = DATASETS[V2[0]].folder
        also.append(Finding("note", said, f"call the folder as its archive: {folder}, ..."))
    wanted = Expectation(
        layout="class folders named by number, 0 to 999",
        sets=sets,
        classes=frozenset(map(str, range(OUTPUTS))),
        images=DATASETS[V2[0]].size,
        per_class=PER_CLASS[V2[0]],
        remedy=again(sets[0], tree.root),
        use=how_to_use(sets[0], tree.root, look.data_dir) if named else "",
        why="by the name of its folder" if named else "",
    )
    return held_against(tree, wanted, tuple(also))


def _objectnet(tree: Tree, look: Looking) -> Section:
    """ObjectNet: only the classes that ImageNet has are counted."""
    spelled = {name: objectnet_name(name) for name in tree.counts}
    mapped = [name for name in spelled if spelled[name] in class_mask("objectnet").names]
    others = [name for name in spelled if spelled[name] in unmapped()]
    odd = [name for name in spelled if spelled[name] not in objectnet_names()]
    lacking = [n for n in class_mask("objectnet").names if n not in spelled.values()]
    said = f"{len(others)} of 200 classes that ImageNet does not have: they are not measured"
    also = [Finding("note", said)]
    other = [name for name in (*mapped, *others) if name != spelled[name]]
    if other:
        said = f"{count(len(other), 'folder')} with capitals or blanks: {some(other)}"
        also.append(Finding("note", f"{said}; robench takes them as they are"))
    wanted = Expectation(
        layout="class folders of ObjectNet, of which 113 stand for classes of ImageNet",
        sets=("objectnet",),
        classes=frozenset((*mapped, *lacking)),
        images=DATASETS["objectnet"].size,
        remedy=again("objectnet", tree.root),
        use=how_to_use("objectnet", tree.root, look.data_dir),
        why="by the names of its classes",
    )
    return held_against(tree.only((*mapped, *odd)), wanted, tuple(also))


def _own(tree: Tree) -> Section:
    """Classes of the user's own."""
    command = f"robench eval CKPT --suite {quoted(f'folder:{tree.root.resolve()}')}"
    names = tuple(tree.counts)
    also: tuple[Finding, ...] = ()
    if len(names) > 10 and all(name.isdecimal() for name in names):
        said = "classes named by number come in the order of words: 0, 1, 10, 11, ..., 2"
        also = (Finding("note", said, "name them 00, 01, ... where the order must be theirs"),)
    wanted = Expectation(
        layout="own set: class folders with names of its own",
        remedy="replace the file, or take it out",
        use=command,
    )
    return held_against(tree, wanted, also)
