"""The regression behind predicted mCE, as data."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

LITE: Mapping[str, Any] = json.loads(
    files("robench.metrics").joinpath("imagenet_c_lite.json").read_text()
)
PREDICTIONS: Mapping[str, Mapping[str, Any]] = {"predicted_mce": LITE}
