"""Error under attack."""

import numpy as np
import pytest

from robench.metrics.adversarial import adv_error


@pytest.mark.parametrize(
    ("fooled", "value"), [([True, True], 1.0), ([False], 0.0), ([True, False, False, False], 0.25)]
)
def test_adversarial_error_is_the_share_of_fooled_images(fooled: list[bool], value: float) -> None:
    assert adv_error(np.array(fooled)) == value
