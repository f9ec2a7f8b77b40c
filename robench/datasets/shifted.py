"""Labelled sets of another distribution than the training images, and their anomalies.

Addresses and checksums stand here only where they are known for certain.
"""

from robench.datasets.clean import CIFAR10, IMAGENET
from robench.datasets.preprocessing import BORDERED, USUAL
from robench.types import EvalSet, Layout

OUTPUTS = 1000  # of a network for ImageNet
_HENDRYCKS_O = "Hendrycks et al., Natural Adversarial Examples, CVPR 2021"
_RECHT = "Recht et al., Do ImageNet Classifiers Generalize to ImageNet?, ICML 2019"
_RECHT_CIFAR = "Recht et al., Do CIFAR-10 Classifiers Generalize to CIFAR-10?, 2018"
_LU = "Lu et al., Harder or Different? A Closer Look at Distribution Shift in Dataset Reproduction"


def _imagenet(
    name: str,
    size: int,
    folders: tuple[str, ...],
    paper: str,
    *,
    classes: int = OUTPUTS,
    layout: Layout = "classes",
) -> EvalSet:
    """A set for networks with the 1000 outputs of ImageNet; with fewer classes it has a mask."""
    return EvalSet(
        name=name,
        role="shifted",
        size=size,
        classes=classes,
        outputs=OUTPUTS,
        preprocess=USUAL.id,
        folder=folders[0],
        aliases=folders[1:],
        layout=layout,
        mask=name if classes < OUTPUTS else None,
        paper=paper,
        licence="none stated",
    )


def _v2(name: str, variant: str) -> EvalSet:
    """A variant of ImageNet-V2; its folders are numbers, 10 pictures in each."""
    archive = f"imagenetv2-{variant}-format-val"
    return _imagenet(name, 10_000, (archive, f"imagenet-v2/{archive}", name), _RECHT)


IMAGENET_R = _imagenet(
    "imagenet-r",
    30_000,
    ("imagenet-r", "ImageNet-R"),
    "Hendrycks et al., The Many Faces of Robustness, ICCV 2021",
    classes=200,
)
IMAGENET_A = _imagenet(
    "imagenet-a",
    7_500,
    ("imagenet-a", "ImageNet-A"),
    _HENDRYCKS_O,
    classes=200,
)
IMAGENET_SKETCH = _imagenet(
    "imagenet-sketch",
    50_889,
    ("sketch", "imagenet-sketch", "imagenet-sketch/sketch", "ImageNet-Sketch"),
    "Wang et al., Learning Robust Global Representations by Penalizing Local Predictive Power, "
    "NeurIPS 2019",
)
IMAGENET_E = _imagenet(
    "imagenet-e",
    4_352,  # of each edit; unconfirmed, as the names of the edits are
    ("imagenet-e", "ImageNet-E"),
    "Li et al., ImageNet-E: Benchmarking Neural Network Robustness via Attribute Editing, "
    "CVPR 2023",
    layout="edits",
)
STYLIZED = _imagenet(
    "stylized-imagenet",
    50_000,
    ("stylized-imagenet/val", "stylized-imagenet", "Stylized-ImageNet/val"),
    "Geirhos et al., ImageNet-trained CNNs are biased towards texture, ICLR 2019",
)
OBJECTNET = EvalSet(
    name="objectnet",
    role="shifted",
    size=18_574,
    classes=113,
    outputs=OUTPUTS,
    preprocess=BORDERED.id,
    folder="objectnet-1.0/images",
    aliases=(
        *("objectnet/images", "objectnet/objectnet-1.0/images", "objectnet"),
        "ObjectNet/images",
    ),
    layout="classes",
    mask="objectnet",
    paper="Barbu et al., ObjectNet: A large-scale bias-controlled dataset, NeurIPS 2019",
    licence="CC BY 4.0 (unconfirmed), for testing only: its terms forbid training on it",
)
IMAGENET_O = EvalSet(
    name="imagenet-o",
    role="ood",
    size=2_000,
    classes=0,
    outputs=OUTPUTS,
    preprocess=USUAL.id,
    folder="imagenet-o",
    aliases=("ImageNet-O",),
    layout="classes",
    clean=IMAGENET.name,
    mask="imagenet-o",
    paper=_HENDRYCKS_O,
    licence="none stated",
)


def _cifar(name: str, folder: str, paper: str, size: int = 2_000) -> EvalSet:
    """Newly collected images for the classes of CIFAR-10."""
    return EvalSet(
        name=name,
        role="shifted",
        size=size,
        classes=10,
        preprocess=CIFAR10.preprocess,
        folder=folder,
        paper=paper,
        licence="none stated",
    )


SHIFTED = (
    IMAGENET_R,
    IMAGENET_A,
    IMAGENET_SKETCH,
    _v2("imagenet-v2", "matched-frequency"),
    _v2("imagenet-v2-threshold0.7", "threshold0.7"),
    _v2("imagenet-v2-top-images", "top-images"),
    IMAGENET_E,
    OBJECTNET,
    STYLIZED,
    IMAGENET_O,
    _cifar("cifar10.1", "cifar10.1", _RECHT_CIFAR),
    _cifar("cifar10.1-v4", "cifar10.1", _RECHT_CIFAR, size=2_021),
    _cifar("cifar10.2", "cifar10.2", f"{_LU}, ICML workshop 2020"),
)
