"""Contact sheets show the right pixels, and no writing is cut or covered."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corruptions import CORRUPTIONS, PERTURBATIONS, Images, corrupt, perturb
from robench.datasets import load_test
from robench.datasets.contact_sheets.drawing import draw, scaled
from robench.datasets.contact_sheets.layout import Layout
from robench.datasets.contact_sheets.marks import Mark
from robench.datasets.contact_sheets.picture import find
from robench.datasets.contact_sheets.rows import set_sheet
from robench.datasets.contact_sheets.sheet import Sheet, Strip
from robench.datasets.making.recipes import RECIPES, items
from robench.datasets.making.sources import scan
from robench.errors import InputError, UnknownNameError
from robench.progress import Silent

NOWHERE = Path("nowhere")
PICTURES: Images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
LONG = "a_long_name_of_a_file_" * 6


def sheet(side: int = 96, pictures: Images = PICTURES, subtitle: str = LONG) -> Sheet:
    strips = (
        Strip("gaussian_noise", pictures, "31 frames", "noise"),
        Strip("an_exceptionally_long_name_of_a_corruption", pictures, group="noise"),
        Strip("frost", None, "Not drawn: its textures are not there. " * 2, "weather"),
    )
    return Sheet("a set", subtitle, ("first frame", "", "last frame"), strips, side)


def overlap(one: Mark, other: Mark) -> bool:
    a, b = one.box, other.box
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def is_ground(mark: Mark) -> bool:
    """Whether writing may stand on it."""
    return mark.picture is None and not mark.text


@pytest.mark.parametrize("side", [48, 96, 150, 217])
@pytest.mark.parametrize("shape", [(3, 32, 32, 3), (3, 60, 20, 3), (3, 20, 50, 3)])
def test_nothing_is_cut_or_covered(side: int, shape: tuple[int, ...]) -> None:
    layout = Layout(sheet(side, np.zeros(shape, np.uint8)))

    for mark in layout.marks:
        left, top, right, bottom = mark.box
        assert 0 < left < right < layout.width, mark
        assert 0 < top < bottom < layout.height, mark
    marks = [mark for mark in layout.marks if not is_ground(mark)]
    for one, other in combinations(marks, 2):
        assert not overlap(one, other), (one.text, one.box, other.text, other.box)


@pytest.mark.parametrize("side", [48, 96, 217])
def test_writing_stays_inside_its_box(side: int) -> None:
    """Drawn in ink on paper: outside the boxes of marks there is nothing but paper."""
    plain = sheet(side, np.full((3, 32, 32, 3), 255, np.uint8))
    layout, page = Layout(plain), np.array(draw(plain))

    for mark in layout.marks:
        left, top, right, bottom = mark.box
        assert mark.picture is not None or (page[top:bottom, left:right] < 255).any()
    for left, top, right, bottom in (mark.box for mark in layout.marks):
        page[top:bottom, left - 1 : right + 1] = 255  # antialiasing may touch the next pixel
    assert (page == 255).all()


def test_small_pictures_are_enlarged_by_squares() -> None:
    page = np.array(draw(sheet(96)))
    layout = Layout(sheet(96))
    first = next(mark for mark in layout.marks if mark.picture is not None)
    left, top, right, bottom = first.box

    expected = PICTURES[0].repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(page[top:bottom, left:right], expected)


def test_large_pictures_are_averaged() -> None:
    chequered = np.indices((224, 224)).sum(axis=0) % 2 * 255
    picture = np.repeat(chequered[..., None], 3, axis=2).astype(np.uint8)

    small = np.asarray(scaled(picture, (100, 100)))

    assert abs(small.mean() - 127.5) < 2
    assert small.std() < 40  # 127.5 if pixels were picked


def test_a_sheet_of_corruptions_has_the_pixels_of_the_set() -> None:
    made = set_sheet("digits-c", NOWHERE, index=7)
    image = load_test("digits", NOWHERE).images[7]

    assert made.columns == ("clean", "severity 1", "2", "3", "4", "5")
    rows = {strip.label: strip for strip in made.strips}
    assert list(rows) == [name for name in CORRUPTIONS if name in rows]
    assert len(rows) >= 15
    pictures = rows["shot_noise"].pictures
    assert pictures is not None
    np.testing.assert_array_equal(pictures[0], image)
    expected = corrupt(image[None], "shot_noise", 4, family="cifar", indices=[7])[0]
    np.testing.assert_array_equal(pictures[4], expected)
    assert rows["shot_noise"].group == "noise"
    assert "test image 7 of digits" in made.subtitle
    assert "seed 0, generator version" in made.subtitle


def test_frost_without_its_textures_is_a_row_that_says_how_to_get_them() -> None:
    frost = next(s for s in set_sheet("digits-c", NOWHERE).strips if s.label == "frost")

    assert frost.pictures is None
    assert "robench data get frost" in frost.remark


def test_a_sheet_of_perturbations_shows_first_and_last_frame() -> None:
    made = set_sheet("digits-p", NOWHERE)

    image = load_test("digits", NOWHERE).images[:1]
    assert [strip.label for strip in made.strips] == list(PERTURBATIONS)
    translate = next(strip for strip in made.strips if strip.label == "translate")
    sequence = perturb(image, "translate", family="cifar")[0]
    assert translate.pictures is not None
    assert translate.pictures.shape == (8, 32, 32, 3)
    np.testing.assert_array_equal(translate.pictures[0], sequence[0])
    np.testing.assert_array_equal(translate.pictures[-1], sequence[-1])
    assert translate.remark == f"{len(sequence)} frames"


def test_the_ten_corruptions_of_c_bar_are_shown() -> None:
    made = set_sheet("digits-c-bar", NOWHERE)

    assert len(made.strips) == 10
    assert all(strip.pictures is not None for strip in made.strips)


@pytest.mark.parametrize(("family", "side"), [("cifar", 32), ("tiny", 64), ("imagenet", 224)])
def test_any_picture_is_shown_in_the_size_of_a_family(
    family: str, side: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = next(item for item in items("c", family) if item.name == "gaussian_noise")
    monkeypatch.setattr("robench.datasets.contact_sheets.rows.items", lambda *_: (noise,))
    Image.fromarray(np.tile(PICTURES[0], (9, 12, 1))).save(tmp_path / "mine.png")

    for source, said in (
        (tmp_path / "mine.png", "mine.png"),
        (tmp_path, "mine.png"),
        (None, "china"),
    ):
        made = set_sheet("c", NOWHERE, source=source, family=family)

        pictures = made.strips[0].pictures
        assert pictures is not None
        assert pictures.shape == (6, side, side, 3)
        assert said in made.subtitle
        assert Layout(made).width <= 1600


def test_the_index_counts_the_pictures_that_sets_are_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = next(item for item in items("c", "cifar") if item.name == "gaussian_noise")
    monkeypatch.setattr("robench.datasets.contact_sheets.rows.items", lambda *_: (noise,))
    for number, name in enumerate(("n01/a.png", "n01/b.png", "n02/a.png")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(PICTURES[number]).save(tmp_path / name)
        (tmp_path / name).with_name(f"._{Path(name).name}").write_bytes(b"resource fork")
    hidden = tmp_path / ".trash" / "z.png"
    hidden.parent.mkdir()
    hidden.touch()
    listed = [picture.path for picture in scan(tmp_path, True, None, 1, Silent())]

    for index, path in enumerate(listed):
        subject = find(RECIPES["c"], "cifar", tmp_path, NOWHERE, index)
        np.testing.assert_array_equal(subject.image, np.asarray(Image.open(tmp_path / path)))
        assert Path(path).name in set_sheet("c", NOWHERE, source=tmp_path, index=index).subtitle


def test_a_sheet_is_of_a_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that cannot be made cannot be shown."""
    assert set_sheet("tiny-imagenet-c", NOWHERE, side=48).title == "tiny-imagenet-c"
    monkeypatch.delitem(RECIPES, "tiny-imagenet-c")
    with pytest.raises(UnknownNameError, match="Unknown set to show 'tiny-imagenet-c'"):
        set_sheet("tiny-imagenet-c", NOWHERE)


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'cifar10-c'"):
        set_sheet("cifar-c", NOWHERE)
    with pytest.raises(InputError, match="digits-c has the families cifar, got 'tiny'"):
        set_sheet("digits-c", NOWHERE, family="tiny")
    with pytest.raises(InputError, match="test images 0 to 499, got --index 500"):
        set_sheet("digits-c", NOWHERE, index=500)
    with pytest.raises(InputError, match="photographs 0 and 1"):
        set_sheet("imagenet-c", NOWHERE, index=2)
    with pytest.raises(InputError, match="found 0"):
        set_sheet("imagenet-c", NOWHERE, source=tmp_path)
    with pytest.raises(InputError, match="CIFAR-10 is not in"):
        set_sheet("cifar10-c", NOWHERE)
