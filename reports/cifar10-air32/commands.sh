#!/usr/bin/env bash
# Small networks on all of CIFAR-10, without augmentation and with IPMix (one view, CE), three seeds
# each. Seed 0 is measured on the whole of cifar10-all without a limit: 95 cells of -C, 50 of C-bar, 14
# sequences of -P, PGD-20, four anomaly sets; then under the published protocol, with FGSM, and against
# PGD-20 of seven radii. Seeds 1 and 2 are measured on -C. CIFAR-10.1, 10.2 and CIFAR-100 were not at
# hand. ROBENCH_DATA names the folder that holds cifar-10-batches-py/ and frost/ (robench data get
# frost).
set -euo pipefail
export OMP_NUM_THREADS=1 # the two runs share two cores

train() { # METHOD SEED OUT
  robench train --aug "$1" --arch air32 --data cifar10 --loss ce --epochs 5 --threads 1 --seed "$2" \
    --out "runs/$3" --resume
}
for aug in none ipmix; do train $aug 0 $aug & done
wait
for seed in 1 2; do
  for aug in none ipmix; do train $aug $seed $aug-seed$seed & done
  wait
done
torchrun --standalone --nproc-per-node 2 -m robench eval runs/none/last.pt runs/ipmix/last.pt \
  --suite cifar10-all --threads 1
for aug in none ipmix; do
  eval="robench eval runs/$aug/last.pt --threads 1"
  $eval --suite cifar10-robustness-curve
  $eval --suite cifar10 --protocol paper --attack pgd20_published
  $eval --suite cifar10 --attack fgsm
done
robench eval runs/{none,ipmix}-seed{1,2}/last.pt --suite cifar10-c --threads 1

robench compare runs/none runs/ipmix > compare.txt
robench compare runs/none runs/ipmix --protocol both > protocols.txt
seeds="runs/none runs/none-seed1 runs/none-seed2 runs/ipmix runs/ipmix-seed1 runs/ipmix-seed2"
robench compare $seeds > ties.txt
robench compare $seeds --seeds > seeds.txt
robench lint runs/none runs/ipmix > lint.txt
robench report runs/none runs/ipmix -o report.html \
  --title "IPMix and no augmentation: air32 on CIFAR-10, 5 epochs"

# The records of seed 0 stand in three folders, *-c (the 75 cells of the mean) and *-more (C-bar, -P and
# the four extra corruptions) beside the rest, so that files stay small; of the other seeds the 75 cells
# and the clean one are kept. robench compare none-c none-seed1 ... ipmix-c ipmix-seed1 ...
python - <<'PYTHON'
import shutil
from pathlib import Path
import numpy as np
from robench.files import read_json, write_arrays, write_json
from robench.metrics.aggregates import EXTRA_CORRUPTIONS
from robench.store import Store
from robench.types import Passport

SIDE = (("correct.npz", "n-"), ("flips.npz", "of-"))

def part_of(cell):
    """Which folder a cell goes to."""
    if cell.evalset in ("cifar10-c-bar", "cifar10-p") or (
        cell.evalset == "cifar10-c" and cell.corruption in EXTRA_CORRUPTIONS
    ):
        return "-more"
    return "-c" if cell.evalset == "cifar10-c" else ""

def split(run, folder, parts):
    """The records of some parts, and what goes with them."""
    whole = Store(Path("runs", run, "eval"))
    passports = whole.passports()
    records = [r for r in whole.records() if part_of(r.cell) in parts]
    carried = (passports[r.passport_id] for r in records)
    pairs = [(p["inputs"], p["conventions"], p["provenance"]) for p in carried]
    with Store(Path("records", folder, "eval")) as store:
        store.append(zip(records, (Passport(*pair) for pair in pairs), strict=True))
    slugs = {r.cell.slug for r in records}
    for name, prefix in SIDE:
        path = whole.folder / name
        arrays = dict(np.load(path)) if path.exists() else {}
        kept = {k: arrays[k] for k in sorted(arrays) if k.removeprefix(prefix)[:-9] in slugs}
        if kept:
            write_arrays(store.folder / name, kept)
    write_json(store.folder / "checkpoint.json", read_json(whole.folder / "checkpoint.json"))
    if "" in parts:
        write_json(store.folder / "curves.json", read_json(whole.folder / "curves.json"))
        for name in ("config.yaml", "env.json", "log.jsonl"):
            shutil.copy(whole.folder.parent / name, store.folder.parent / name)

for aug in ("none", "ipmix"):
    for part in ("", "-c", "-more"):
        split(aug, aug + part, {part})
    for seed in (1, 2):
        split(f"{aug}-seed{seed}", f"{aug}-seed{seed}", {"", "-c"})
PYTHON
