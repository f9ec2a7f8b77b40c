"""The nouns: what is measured, what a measurement leaves behind, and what a number carries."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Images = NDArray[np.uint8]
Role = Literal["clean", "corrupted", "perturbed", "shifted", "ood"]

Layout = Literal["arrays", "classes", "edits", "severities", "sequences"]
Interpolation = Literal["bilinear", "bicubic"]

SCHEMA = 1  # of a line of results.jsonl


@dataclass(frozen=True)
class EvalSet:
    """A set of images that can be evaluated on. Pure data: reading it is `robench.datasets`.

    Attributes:
        name: As on the command line, ``cifar10-c``.
        role: What its numbers mean.
        size: Images (of one cell) in the published set.
        classes: Number of classes of its labels; 0 for a set without labels (role ``ood``).
        preprocess: Identity of the pixels' way to the network, part of every passport.
        folder: Where the official files lie below the data folder; None if it is always made.
        aliases: Other names that this folder goes by.
        layout: How the files lie in it: ``arrays``; ``classes``, a folder of pictures per class;
            ``edits``, such class folders per kind of edit; ``severities``, such class folders per
            corruption and severity; ``sequences``, videos or folders of frames per perturbation
            and class.
        clean: The clean set that it is made from or compared with.
        groups: Groups of `corruptions` that a corrupted set consists of.
        family: Whose table of severities it has.
        published: Whether its files were released by somebody; files of other sets are read only
            with the manifest that says how robench made them.
        outputs: Logits that a network must have for it, before the mask; 0: as many as classes.
        names: Of the outputs, where class folders are told by them.
        mask: Name of the class subset applied to the logits, None for all classes.
        headline: Name of the `Aggregate` that a corrupted set is known by.
        flips: Whether a mirror image shows the same class.
        paper: Source.
        licence: As published.
        page: Web page of the publishers, for people.
        url: Address of an archive that can be downloaded; only where known for certain.
        sha256: Of that archive; likewise.
    """

    name: str
    role: Role
    size: int
    classes: int
    preprocess: str
    folder: str | None = None
    aliases: tuple[str, ...] = ()
    layout: Layout = "arrays"
    clean: str | None = None
    groups: tuple[str, ...] = ()
    family: str = ""
    published: bool = True
    outputs: int = 0
    names: tuple[str, ...] = ()
    mask: str | None = None
    headline: str = ""
    flips: bool = True
    paper: str = ""
    licence: str = ""
    page: str | None = None
    url: str | None = None
    sha256: str | None = None

    @property
    def logits(self) -> int:
        """How many logits a network must have for it."""
        return self.outputs or self.classes


@dataclass(frozen=True)
class Preprocess:
    """How a picture of any size becomes the pixels that a network sees.

    Attributes:
        resize: The shorter side is scaled to this (pixels), or (height, width) whatever the shape.
        crop: Side of the square that is cut out of the centre.
        interpolation: ``bilinear`` or ``bicubic``, with antialias as in Pillow.
        fixed: Whether the network takes no other size than ``crop``.
    """

    resize: int | tuple[int, int]
    crop: int
    interpolation: Interpolation = "bilinear"
    fixed: bool = False

    @property
    def id(self) -> str:
        """What a passport says: ``resize 256 bilinear, centre crop 224``."""
        size = self.resize if isinstance(self.resize, int) else "x".join(map(str, self.resize))
        return f"resize {size} {self.interpolation}, centre crop {self.crop}"


@dataclass(frozen=True, order=True)
class Cell:
    """The key of every number.

    Attributes:
        evalset: Name of the `EvalSet`.
        corruption: Name of the corruption or perturbation.
        severity: 1 to 5.
        difficulty: 1 to 3, of a perturbation sequence.
        attack: Canonical literal, ``pgd(eps=0.00784, steps=20)``.
        against: The in-distribution set of an anomaly cell.
    """

    evalset: str
    corruption: str = ""
    severity: int = 0
    difficulty: int = 0
    attack: str = ""
    against: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Only what is set, as stored in a record."""
        return {key: value for key, value in asdict(self).items() if value}

    @property
    def slug(self) -> str:
        """A file name for people; never parsed back."""
        raw = "-".join(str(value) for value in self.to_dict().values())
        return re.sub(r"[^A-Za-z0-9_.-]+", "_", raw).strip("_")


@dataclass(frozen=True)
class Outputs:
    """What metrics see of one cell, after the class mask. N images, K classes.

    Attributes:
        indices: (N,) int64, position of each image in its set.
        labels: (N,) int64; -1 for a set without labels.
        logits: (N, K) float32, or None for an attack cell and for a cell that keeps summaries.
        fooled: (N,) bool of an attack cell: the attack (or the clean image) was misclassified.
        steps: (N,) int16 of an attack cell: gradient steps until fooled (0: the clean image was
            wrong, -1: never fooled).
        sequences: (N,) int64 of a perturbation cell, whose rows are frames: the number of each
            row's sequence, from 0.
        references: (N,) int64 of a perturbation cell: the row that each is compared with, -1: none.
        top_logits: Summaries in place of logits: (N, T) float32, the largest, from the first down.
        top_classes: (N, T) int16, their classes; of equal logits the lower class comes first.
        logsumexp: (N,) float64, log of the sum of the exponentials of all K logits.
        label_logit: (N,) float32, logit of the label.
        label_rank: (N,) int16, how many classes come before the label, 0 where it is right.
        squares: (N,) float64, sum of the squares of all K probabilities.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    logits: NDArray[np.float32] | None = None
    fooled: NDArray[np.bool_] | None = None
    steps: NDArray[np.int16] | None = None
    sequences: NDArray[np.int64] | None = None
    references: NDArray[np.int64] | None = None
    top_logits: NDArray[np.float32] | None = None
    top_classes: NDArray[np.int16] | None = None
    logsumexp: NDArray[np.float64] | None = None
    label_logit: NDArray[np.float32] | None = None
    label_rank: NDArray[np.int16] | None = None
    squares: NDArray[np.float64] | None = None

    @property
    def size(self) -> int:
        """Images of the set: a sequence of frames counts as one."""
        return len(self.labels) if self.sequences is None else int(self.sequences[-1]) + 1

    @property
    def classes(self) -> int | None:
        """Logits per image; None where they are not stored, or more than are kept."""
        return None if self.logits is None else self.logits.shape[1]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The fields that are present, by name."""
        pairs = ((item.name, getattr(self, item.name)) for item in fields(self))
        return {name: value for name, value in pairs if value is not None}


@dataclass(frozen=True)
class Metric:
    """A registry entry; the function itself is pure numpy on plain arrays.

    Attributes:
        name: As in the records.
        function: ``"module:attribute"``.
        inputs: Names of the derived arrays it takes, in order (`robench.metrics.derive`).
        needs: What a cell must have stored for it.
        higher_is_better: Direction.
        per_image: The derived array whose mean over images the metric is (then its standard error
            is exact); None: bootstrap over images.
        conventions: Choices that change the value; part of the passport.
        minimum: Fewest images for which it is defined.
        classes: Fewest classes for which it is defined.
        version: Raised whenever a value changes.
        shown: ``percent`` or ``number``.
        paper: Source.
    """

    name: str
    function: str
    inputs: tuple[str, ...]
    needs: Literal["logits", "pair", "fooled", "sequences"]
    higher_is_better: bool
    per_image: str | None = None
    conventions: Mapping[str, Any] = field(default_factory=dict)
    minimum: int = 1
    classes: int = 1
    version: int = 1
    shown: Literal["percent", "number"] = "percent"
    paper: str = ""


@dataclass(frozen=True)
class Aggregate:
    """A mean over cells, computed on reading; incomplete ones are never printed under their name.

    Attributes:
        name: As in the tables, ``mean_ce``.
        metric: The record it averages.
        corruptions: The corruptions, or perturbations, that it is defined over.
        title: For people.
        severities: At which; without meaning where ``difficulty`` is set.
        error: Of a prediction: its standard error on networks that the fit has not seen.
        remark: What must be said of it wherever it is shown.
        paper: Source.
        constants: Name of the numbers of a reference network (`robench.metrics.constants`) that
            the sum over severities of each corruption is divided by; ``user``: there are no public
            ones, and without a file of them there is no value; empty: a plain mean.
        relative: Whether the clean error, of the model and of the reference network, is
            subtracted first.
        difficulty: Set: a mean over perturbations at that difficulty, one cell each.
        version: Raised whenever a value changes.
        higher_is_better: Direction.
    """

    name: str
    metric: str
    corruptions: tuple[str, ...]
    title: str
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    error: float | None = None
    remark: str = ""
    paper: str = ""
    constants: str = ""
    relative: bool = False
    difficulty: int = 0
    version: int = 1
    higher_is_better: bool = False

    @property
    def levels(self) -> tuple[int, ...]:
        """The second half of the keys of its cells: severities, or the one difficulty."""
        return (self.difficulty,) if self.difficulty else self.severities

    @property
    def cells(self) -> int:
        """How many cells make it complete."""
        return len(self.levels) * len(self.corruptions)


@dataclass(frozen=True)
class Grid:
    """Cells of a corrupted set: every corruption at every severity.

    Attributes:
        evalset: Name of the set.
        corruptions: Of it, in order.
        severities: 1 to 5.
    """

    evalset: str
    corruptions: tuple[str, ...]
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Sequences:
    """Cells of a perturbed set: every perturbation at every difficulty.

    Attributes:
        evalset: Name of the set.
        perturbations: Of it, in order.
        difficulties: 1 to 3; the authors report 1.
    """

    evalset: str
    perturbations: tuple[str, ...]
    difficulties: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Suite:
    """What one `robench eval` measures: a view on one store, not a store of its own.

    Attributes:
        name: As on the command line.
        clean: The clean set; None where only other sets are measured.
        grids: Corrupted sets.
        sequences: Perturbed sets.
        shifted: Labelled sets of another distribution, each one cell or, with edits, several.
        anomalies: Out-of-distribution sets, scored against ``clean``.
        attacks: Attack names, run on ``clean``.
        own: Sets that no list has, such as a folder of the user's.
    """

    name: str
    clean: str | None = None
    grids: tuple[Grid, ...] = ()
    sequences: tuple[Sequences, ...] = ()
    shifted: tuple[str, ...] = ()
    anomalies: tuple[str, ...] = ()
    attacks: tuple[str, ...] = ()
    own: tuple[EvalSet, ...] = ()

    @property
    def beside_clean(self) -> tuple[str, ...]:
        """The shifted, corrupted and perturbed sets."""
        grids = (grid.evalset for grid in self.grids)
        return (*self.shifted, *grids, *(one.evalset for one in self.sequences))


@dataclass(frozen=True)
class Passport:
    """Says exactly what a number is.

    Attributes:
        inputs: Pixels and forward, resolved: preprocess, class mask, source (official files, or
            regenerated with seed and generator version), subset, attack, precision. Hashed.
        conventions: Choices inside the metric: bins, which end is positive, the normaliser. Hashed.
        provenance: Library versions, device, batch, threads. Stored and shown, never hashed.
    """

    inputs: Mapping[str, Any]
    conventions: Mapping[str, Any]
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """One number: one line of ``results.jsonl``.

    Attributes:
        checkpoint: sha256 of the checkpoint file.
        model: arch, aug, recipe, data, seed, epochs, loss, as far as known.
        cell: What was measured.
        metric: Name in the registry; ``version`` its version.
        value: The number; fractions, not percent.
        stderr: Standard error over images, None where undefined (fewer than two images).
        n: Images measured; ``n_expected`` images of the complete published set.
        passport_id: Key into ``passports.json``.
        time: UTC, ISO 8601.
    """

    checkpoint: str
    model: Mapping[str, Any]
    cell: Cell
    metric: str
    version: int
    value: float
    stderr: float | None
    n: int
    n_expected: int
    passport_id: str
    time: str
    schema: int = SCHEMA

    @property
    def key(self) -> tuple[Cell, str, int, str]:
        """What makes a record unique within a store."""
        return self.cell, self.metric, self.version, self.passport_id

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as written."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**plain, "cell": self.cell.to_dict(), "model": dict(self.model)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Record":
        """Inverse of `to_dict`.

        Raises:
            ValueError: Written by another schema, or no mapping at all.
        """
        if not isinstance(plain, Mapping):
            raise ValueError(f"expected a record, got {type(plain).__name__}")  # noqa: TRY004  damage
        if plain.get("schema") != SCHEMA:
            raise ValueError(f"expected a record of schema {SCHEMA}, got {plain.get('schema')!r}")
        return cls(**{**plain, "cell": Cell(**plain["cell"])})
