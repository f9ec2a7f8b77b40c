"""From a decoded picture to the pixels that a network sees; each way has a name for passports."""

from dataclasses import dataclass, replace

from PIL import Image

from robench.datasets.pictures import center_crop, cut_border, resize_shorter, squash, to_array
from robench.errors import InputError
from robench.types import Images, Interpolation, Preprocess


@dataclass(frozen=True)
class Pipeline:
    """What happens to a picture, in this order.

    Attributes:
        border: Pixels that are cut off each side first.
        resize: Scaling and centre crop; None for sets whose files have their size already.
        crop: Side of the centre crop without scaling; 0: none, pictures stay as they are.
        fixed: Side that the result is scaled to, for a network that takes no other; 0: none.
        interpolation: Of ``fixed``.
    """

    border: int = 0
    resize: Preprocess | None = None
    crop: int = 0
    fixed: int = 0
    interpolation: Interpolation = "bilinear"

    @property
    def id(self) -> str:
        """What a passport says."""
        parts = [f"crop {self.border} px border"] if self.border else []
        parts += [self.resize.id] if self.resize else []
        parts += [f"centre crop {self.crop}"] if self.crop else []
        parts += [f"resize {self.fixed}x{self.fixed} {self.interpolation}"] if self.fixed else []
        return ", ".join(parts) or "as stored"

    def __call__(self, picture: Image.Image) -> Images:
        """RGB picture -> (H, W, 3) uint8."""
        if self.border:
            picture = cut_border(picture, self.border)
        if self.resize:
            picture = _resized(picture, self.resize)
        if self.crop:
            picture = center_crop(picture, self.crop, self.crop)
        if self.fixed:
            picture = squash(picture, (self.fixed, self.fixed), self.interpolation)
        return to_array(picture)

    def fitted(self, own: Preprocess | None) -> "Pipeline":
        """The same for a network that brings its own way.

        Pictures that are scaled for all networks are treated as this one wants it; pictures that
        are taken as they are stored only where the network takes no other size.
        """
        if own is None or not (self.resize or own.fixed):
            return self
        return replace(self, resize=own)


def _resized(picture: Image.Image, how: Preprocess) -> Image.Image:
    """Scale and cut out the centre."""
    if isinstance(how.resize, int):
        scaled = resize_shorter(picture, how.resize, how.interpolation)
    else:
        scaled = squash(picture, how.resize, how.interpolation)
    return center_crop(scaled, how.crop, how.crop)


USUAL = Pipeline(resize=Preprocess(256, 224))
AS_FILES = Pipeline(crop=224)
BORDERED = Pipeline(border=2, resize=Preprocess(256, 224))
AS_STORED = Pipeline()
PIPELINES = {one.id: one for one in (USUAL, AS_FILES, BORDERED, AS_STORED)}
"""By the names that the entries of the data sets use."""


def pipeline(name: str) -> Pipeline:
    """The way of that name.

    Raises:
        InputError: No such way.
    """
    if name not in PIPELINES:
        raise InputError(f"Unknown preprocessing {name!r}; known: {'; '.join(PIPELINES)}.")
    return PIPELINES[name]
