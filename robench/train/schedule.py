"""The learning rate as a function of the step alone, so that a resumed run cannot lose it."""

import math

from robench.config import Recipe


def learning_rate(recipe: Recipe, step: int, total: int) -> float:
    """Rate of step ``step`` of ``total`` (0-based).

    ``cosine`` is that of the official AugMix, PixMix and IPMix code: from ``lr`` to ``min_lr``,
    per step, without restart. ``linear`` falls in a straight line. Both may rise first.
    """
    rise = round(recipe.warmup * total)
    if step < rise:
        return recipe.lr * (step + 1) / rise
    done = (step - rise) / max(1, total - rise)
    left = (1 + math.cos(math.pi * done)) / 2 if recipe.schedule == "cosine" else 1 - done
    return recipe.min_lr + (recipe.lr - recipe.min_lr) * left
