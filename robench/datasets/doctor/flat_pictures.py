"""Pictures that lie in a folder without class folders."""

import re
from pathlib import Path

from corruptions.textures import TEXTURES
from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.report import Finding, Looking, Section, count, quoted
from robench.datasets.doctor.tree import names_in
from robench.datasets.doctor.which import classes_of
from robench.datasets.pictures import is_picture

_VALIDATION = re.compile(r"ILSVRC2012_val_\d{8}\.JPEG", re.IGNORECASE)


def flat_section(folder: Path, look: Looking) -> Section | None:
    """The section on pictures directly in a folder; None where nothing is known of them."""
    pictures = [name for name in names_in(folder)[1] if is_picture(name)]
    if not pictures:
        return None
    if any(_VALIDATION.fullmatch(name) for name in pictures):
        return _validation(folder, pictures, look)
    if set(pictures) & set(TEXTURES):
        return _frost(folder, pictures, look)
    if folder.resolve().name in classes_of("imagenet"):
        return _single_class(folder, pictures)
    return _unknown(folder, pictures) if look.contained else None


def _validation(folder: Path, pictures: list[str], look: Looking) -> Section:
    """ImageNet's validation pictures as the archive unpacks: labels are missing."""
    known = [name for name in pictures if _VALIDATION.fullmatch(name)]
    target = look.data_dir.resolve() / (DATASETS["imagenet"].folder or "")
    said = "no class folders: file names do not say the class, so that the labels are missing"
    mends = (
        f"sort them into folders named by wnid, which needs the labels of ILSVRC-2012's "
        f"development kit (ILSVRC2012_validation_ground_truth.txt with meta.mat) or a list of "
        f"file and wnid; for one with lines 'NAME.JPEG WNID': cd {quoted(folder)} && "
        f'while read -r f w; do mkdir -p "$w" && mv "$f" "$w"/; done < LIST, then move the folder '
        f"to {target}"
    )
    findings = [Finding("missing", said, mends)]
    size = DATASETS["imagenet"].size
    if len(known) != size:
        short = f"{count(len(known), 'picture')}, expected {size:,}"
        findings.append(Finding("missing", short, "unpack ILSVRC2012_img_val.tar again"))
    return Section(
        folder=folder,
        layout="flat: ImageNet's validation pictures without class folders",
        sets=("imagenet",),
        facts=(("images", f"{len(known):,} of {size:,}"),),
        findings=tuple(findings),
        found=len(known),
        expected=size,
    )


def _frost(folder: Path, pictures: list[str], look: Looking) -> Section:
    """The textures of the corruption frost."""
    there = [name for name in TEXTURES if name in pictures]
    findings: tuple[Finding, ...] = ()
    if len(there) < len(TEXTURES):
        lacking = ", ".join(name for name in TEXTURES if name not in there)
        mends = f"robench data get frost --data-dir {quoted(look.data_dir)}"
        findings = (Finding("missing", lacking, mends),)
    above = folder.resolve()
    named = above.name == "frost"
    return Section(
        folder=folder,
        layout="the textures that the corruption frost needs",
        sets=("frost",),
        facts=(("files", f"{len(there)} of {len(TEXTURES)}"),),
        findings=findings,
        use=f"--data-dir {quoted(above.parent)}" if named else "call the folder frost",
        found=len(there),
        expected=len(TEXTURES),
    )


def _single_class(folder: Path, pictures: list[str]) -> Section:
    """One class folder of many."""
    above = folder.resolve().parent
    said = f"this is one class ({count(len(pictures), 'picture')}), and no set"
    mends = f"robench data check {quoted(above)}"
    return Section(
        folder=folder,
        layout="one class folder, named by wnid",
        findings=(Finding("missing", said, mends),),
        found=len(pictures),
    )


def _unknown(folder: Path, pictures: list[str]) -> Section:
    """Other pictures, beside sets that are known: nothing is wrong with them."""
    said = "no class folders: it is no set to measure on"
    mends = "for a set of one's own: a folder of pictures for each class"
    return Section(
        folder=folder,
        layout="flat: pictures without class folders",
        facts=(("images", f"{len(pictures):,}"),),
        findings=(Finding("note", said, mends),),
        found=len(pictures),
    )
