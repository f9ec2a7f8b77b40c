"""Clean sets: the held-out images of the training distribution."""

from robench.datasets.preprocessing import USUAL
from robench.types import EvalSet

AS_STORED = "32x32 as stored"
KRIZHEVSKY = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
CIFAR_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"

DIGITS = EvalSet(
    name="digits",
    role="clean",
    size=500,
    classes=10,
    preprocess="bicubic from 8x8 to 32x32",
    flips=False,
    paper="Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI 1998",
    licence="CC BY 4.0",
)

CIFAR10 = EvalSet(
    name="cifar10",
    role="clean",
    size=10_000,
    classes=10,
    preprocess=AS_STORED,
    folder="cifar-10-batches-py",
    paper=KRIZHEVSKY,
    licence="none stated",
    page=CIFAR_PAGE,
)

CIFAR100 = EvalSet(
    name="cifar100",
    role="clean",
    size=10_000,
    classes=100,
    preprocess=AS_STORED,
    folder="cifar-100-python",
    paper=KRIZHEVSKY,
    licence="none stated",
    page=CIFAR_PAGE,
)

CIFAR100_TINY = EvalSet(
    name="cifar100-tiny",
    role="clean",
    size=1_000,
    classes=100,
    preprocess=AS_STORED,
    folder=".",
    paper=KRIZHEVSKY,
    licence="none stated",
)

IMAGENET = EvalSet(
    name="imagenet",
    role="clean",
    size=50_000,
    classes=1000,
    preprocess=USUAL.id,
    folder="imagenet/val",
    aliases=("ILSVRC2012/val", "imagenet-val", "val", "imagenet"),
    layout="classes",
    paper="Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, IJCV 2015",
    licence="non-commercial research, an account of image-net.org is needed",
)

CLEAN = (DIGITS, CIFAR10, CIFAR100, CIFAR100_TINY, IMAGENET)
