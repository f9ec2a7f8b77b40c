"""What a comparison is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robench.metrics.constants import Constants
from robench.protocols import STRICT, Protocol
from robench.report.references import References


@dataclass(frozen=True)
class Options:
    """How runs are put side by side.

    Attributes:
        protocol: Which of several passes over a set is shown.
        paired: Whether runs are compared as pairs, for differences and ties.
        alone: Whether passes that are another protocol's are left out.
        unlike: Whether numbers with unlike passports may stand in one column, marked; else they
            are refused.
        seeds: Whether runs that differ in nothing but their seed become one row.
        constants: Of the user's, by the metric that they are of: for mT5D, and in place of
            AlexNet's flip rates.
        references: Published accuracies of other networks, by set, for effective robustness.
    """

    protocol: Protocol = STRICT
    paired: bool = True
    alone: bool = False
    unlike: bool = False
    seeds: bool = False
    constants: Mapping[str, Constants] = field(default_factory=dict)
    references: Mapping[str, References] = field(default_factory=dict)
