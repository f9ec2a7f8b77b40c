"""Which of several passes over a set a table shows."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from robench.protocols import POLICIES, Protocol
from robench.types import Cell, Record

_PASS = ("preprocess", "mask", "subset", "against", "precision")  # one `robench eval` shares these
MAKING = ("kind", "generator", "version", "seed", "coding", "family")  # of a source, likewise


def shown_records(
    records: list[Record],
    passports: Mapping[str, Mapping[str, Any]],
    protocol: Protocol,
    *,
    alone: bool = False,
) -> dict[tuple[Cell, str], Record]:
    """Choose one record for each cell and metric.

    A store may hold several passes (a trial with ``--limit`` and the whole set, or two protocols).
    A mean over cells must not mix them, so per kind of cell and metric the pass of the protocol is
    shown, then that of most cells, then of the newest metric version, then of most images, then
    the latest. ``alone``: one that is another protocol's is not shown at all.
    """
    passes: dict[tuple[Any, ...], dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        cell = record.cell
        inputs = passports.get(record.passport_id, {}).get("inputs", {})
        shared = json.dumps([record.version, *_shared(cell, inputs)], sort_keys=True)
        evalset = "" if cell.against else cell.evalset  # anomaly sets go into one mean
        family = (evalset, bool(cell.corruption), cell.attack, cell.against, record.metric)
        passes[family][shared].append(record)
    shown = {}
    for rivals in passes.values():
        best = max(rivals.values(), key=lambda one: _rank(one, passports, protocol))
        if alone and _rank(best, passports, protocol)[0] < 0:
            continue
        shown.update({(record.cell, record.metric): record for record in best})
    return shown


def _shared(cell: Cell, inputs: Mapping[str, Any]) -> list[Any]:
    """What all cells of one mean have in common: corrupted pictures also how they were made."""
    found = [inputs.get(key) for key in _PASS]
    if cell.corruption and not cell.against:
        source = inputs.get("source") or {}
        found += [source.get(key) for key in MAKING]
    return found


def nearness(
    records: list[Record], passports: Mapping[str, Mapping[str, Any]], protocol: Protocol
) -> int:
    """1 for a pass of a protocol, -1 for one of another protocol, 0 where they do not differ."""
    inputs = passports.get(records[-1].passport_id, {}).get("inputs", {})
    way, evalset = str(inputs.get("preprocess")), records[-1].cell.evalset
    others = (one for one in POLICIES.values() if one.name != protocol.name)
    mine = 1 if _is_way(way, protocol, evalset) else 0
    return mine - any(_is_way(way, other, evalset) for other in others)


def _rank(
    records: list[Record], passports: Mapping[str, Mapping[str, Any]], protocol: Protocol
) -> tuple[int, tuple[int, int, int, str]]:
    """How near a pass is to a protocol, then how much it has measured."""
    return nearness(records, passports, protocol), _completeness(records)


def _is_way(way: str, protocol: Protocol, evalset: str) -> bool:
    """Whether pictures went the way of a protocol, or that and one of the network's own."""
    wanted = protocol.choice("preprocess", evalset)
    return wanted is not None and way.startswith(wanted)


def _completeness(records: list[Record]) -> tuple[int, int, int, str]:
    """How much a pass has measured."""
    last = records[-1]
    return len({record.cell for record in records}), last.version, last.n, last.time
