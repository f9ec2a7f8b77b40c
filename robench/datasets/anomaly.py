"""Out-of-distribution sets for 32x32 images; how they are drawn is in `generated`.

An anomaly cell holds one picture for every five in-distribution images. ``size`` is that of a set
of 10,000. What is drawn are never pictures that augmentations mix in.
"""

from robench.types import EvalSet

EXPOSURE = (
    "Hendrycks, Mazeika & Dietterich, Deep Anomaly Detection with Outlier Exposure, ICLR 2019"
)


def _made(name: str, paper: str = EXPOSURE, licence: str = "Apache-2.0") -> EvalSet:
    return EvalSet(
        name=name,
        role="ood",
        size=2_000,
        classes=0,
        preprocess="32x32 as made",
        paper=paper,
        licence=licence,
    )


GAUSSIAN = _made("gaussian")
RADEMACHER = _made("rademacher")
BLOBS = _made("blobs")
PHOTOS = _made(
    "photos",
    paper="china.jpg and flower.jpg of scikit-learn, by danielbuechele and vultilion (flickr)",
    licence="CC BY 2.0",
)

ANOMALY = (GAUSSIAN, RADEMACHER, BLOBS, PHOTOS)
