"""What each set is for, in one phrase."""

from robench.types import EvalSet

PURPOSES = {
    "digits": "scanned digits, for trying out",
    "cifar10": "train and measure, 10 classes",
    "cifar100": "train and measure, 100 classes",
    "cifar100-tiny": "an extract for development",
    "imagenet": "accuracy on the 1000 classes",
    "imagenet-c": "15 corruptions, 5 severities (mCE)",
    "imagenet-c-lite": "mCE predicted from severity 3",
    "imagenet-c-bar": "corruptions unlike those of -C",
    "imagenet-p": "do predictions flip between frames",
    "imagenet-r": "art, cartoons, toys (200 classes)",
    "imagenet-a": "hard photos (200 classes)",
    "imagenet-o": "photos of no ImageNet class",
    "gaussian": "noise of normal pixels",
    "rademacher": "noise of black and white",
    "blobs": "smooth blobs",
    "photos": "crops of two photographs",
    "imagenet-sketch": "drawings of the 1000 classes",
    "imagenet-v2": "val collected anew",
    "imagenet-v2-threshold0.7": "the same, easier",
    "imagenet-v2-top-images": "the same, easiest",
    "imagenet-e": "one attribute of a photo edited",
    "objectnet": "odd poses and places (113 classes)",
    "stylized-imagenet": "shape without texture",
    "cifar10.1": "CIFAR-10 collected anew (v6)",
    "cifar10.1-v4": "CIFAR-10 collected anew (v4)",
    "cifar10.2": "CIFAR-10 collected anew again",
}
_ENDINGS = {
    "-c-bar": "corruptions unlike those of -C",
    "-c": "15 corruptions, 5 severities",
    "-p": "do predictions flip between frames",
}
ROLES = {
    "clean": "clean: images like those trained on",
    "corrupted": "corrupted: the same in noise, fog, ...",
    "perturbed": "perturbed: short films of the same",
    "shifted": "shifted: of another distribution",
    "ood": "anomalies: of no known class",
}
"""Each role in words."""


def purpose(entry: EvalSet) -> str:
    """What a set is for: ``15 corruptions, 5 severities (mCE)``."""
    endings = (text for ending, text in _ENDINGS.items() if entry.name.endswith(ending))
    return PURPOSES.get(entry.name) or next(endings, "")
