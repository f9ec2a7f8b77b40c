#!/usr/bin/env bash
# Two small networks on all of CIFAR-10, without augmentation and with IPMix (one view, CE), measured
# on the whole of cifar10-all without a limit: 95 cells of -C, 50 of C-bar, 14 sequences of -P, PGD-20,
# four anomaly sets. CIFAR-10.1, 10.2 and CIFAR-100 were not at hand.
# ROBENCH_DATA names the folder that holds cifar-10-batches-py/ and frost/ (robench data get frost).
set -euo pipefail
export OMP_NUM_THREADS=1 # the two runs share two cores

for aug in none ipmix; do
  robench train --aug $aug --arch air32 --data cifar10 --loss ce --epochs 5 --threads 1 \
    --out runs/$aug --resume &
done
wait
torchrun --standalone --nproc-per-node 2 -m robench eval runs/none/last.pt runs/ipmix/last.pt \
  --suite cifar10-all --threads 1
robench compare runs/none runs/ipmix
robench report runs/none runs/ipmix -o report.html \
  --title "IPMix and no augmentation: air32 on CIFAR-10, 5 epochs"

# The records of C-bar and -P stand in folders of their own, *-bar-p, so that files stay small.
python - <<'PYTHON'
import json
from pathlib import Path
import numpy as np
from robench.files import read_json, write_arrays, write_json
from robench.store import Store
from robench.types import Passport

APART = ("cifar10-c-bar", "cifar10-p")
for aug in ("none", "ipmix"):
    whole = Store(Path("runs", aug, "eval"))
    passports = whole.passports()
    bits = dict(np.load(whole.folder / "correct.npz"))
    for part, apart in ((aug, False), (f"{aug}-bar-p", True)):
        records = [r for r in whole.records() if (r.cell.evalset in APART) == apart]
        carried = (passports[r.passport_id] for r in records)
        pairs = [(p["inputs"], p["conventions"], p["provenance"]) for p in carried]
        with Store(Path("records", part, "eval")) as store:
            store.append(zip(records, (Passport(*pair) for pair in pairs), strict=True))
        names = {key for key in bits if (APART[0] in key) == apart}  # of sequences there are none
        write_arrays(store.folder / "correct.npz", {key: bits[key] for key in sorted(names)})
        known = read_json(whole.folder / "checkpoint.json")
        suites = list(APART) if apart else known["suites"]
        write_json(store.folder / "checkpoint.json", {**known, "suites": suites})
        if not apart:
            write_json(store.folder / "curves.json", read_json(whole.folder / "curves.json"))
PYTHON
