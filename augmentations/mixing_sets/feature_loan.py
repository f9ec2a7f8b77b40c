"""The networks of feature pictures, for every process that draws some."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from augmentations.mixing_sets.order import Order

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Loan:
    """Networks in a form that other processes take; nothing for sets that need none.

    Attributes:
        pickled: The modules.
        facts: What the manifest says about them.
    """

    pickled: bytes = b""
    facts: dict[str, str] = field(default_factory=dict)

    def hand_over(self) -> None:
        """Use them in this process."""
        if self.pickled:
            from augmentations.mixing_sets.kinds.feature_vis import use_networks  # noqa: PLC0415

            use_networks(pickle.loads(self.pickled))


def lend(order: Order, networks: Sequence["nn.Module"]) -> Loan:
    """The networks of an order, in use in this process from now on.

    Args:
        order: The set.
        networks: Those of ``order.networks``; none for the default ones, which are made here, once
            per process.

    Raises:
        ValueError: They are not those of the order.
    """
    if not networks and not order.needs_networks:
        return Loan()
    # Pictures without networks need no torch.
    from augmentations.mixing_sets.kinds.feature_networks import (  # noqa: PLC0415
        default_networks,
        digest,
    )

    if (digest(networks) if networks else "") != order.networks:
        raise ValueError("the networks are not those whose digest the order has")
    chosen = list(networks) or list(default_networks())
    loan = Loan(pickle.dumps(chosen), {"networks_sha256": digest(chosen)})
    loan.hand_over()
    return loan
