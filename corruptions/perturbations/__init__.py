"""The perturbation sequences of CIFAR-P and ImageNet-P; `corruptions.perturb` makes them."""

from corruptions.perturbations.base import Perturbation
from corruptions.perturbations.blur import BLUR
from corruptions.perturbations.geometry import GEOMETRY
from corruptions.perturbations.noise import NOISE
from corruptions.perturbations.weather import WEATHER

__all__ = ["PERTURBATIONS", "Perturbation"]

PERTURBATIONS: tuple[Perturbation, ...] = (*NOISE, *BLUR, *WEATHER, *GEOMETRY)
