#!/usr/bin/env bash
# The whole of imagenet-all on 1,000 ImageNet pictures, one per class, with two networks that know
# little: it shows that every table fills, and what the stages cost. It measures no network worth
# measuring.
#
# SAMPLES names a folder of 1,000 class folders (wnids) with one picture each; ROBENCH_DATA an empty
# folder, beside frost/ (robench data get frost). The sets that are not at hand (-R, -A, -O, -V2,
# -Sketch, -E, ObjectNet, Stylized) are STAND-INS: the same pictures in the layouts of those sets.
# Their numbers say that masks, names and tables work, and nothing about those sets.
set -euo pipefail
export OMP_NUM_THREADS=1

python - "$SAMPLES" "$ROBENCH_DATA" <<'PYTHON'
import os, sys
from pathlib import Path
from robench.datasets.class_lists import class_mask, wnids

samples, root = map(Path, sys.argv[1:])
def link(folder, name, index):
    (root / folder).mkdir(parents=True, exist_ok=True)
    place = root / folder / name
    if not place.is_symlink():
        os.symlink((samples / wnids()[index]).resolve(), place)

every = dict(enumerate(wnids()))
for folder in ("imagenet/val", "sketch", "stylized-imagenet/val", "imagenet-e/original"):
    for index, name in every.items():
        link(folder, name, index)
for folder in ("imagenet-r", "imagenet-a", "imagenet-o"):
    mask = class_mask(folder)
    for (index,), name in zip(mask.groups, mask.names, strict=True):
        link(folder, name, index)
for variant in ("matched-frequency", "threshold0.7", "top-images"):
    for index in every:
        link(f"imagenetv2-{variant}-format-val", str(index), index)
mask = class_mask("objectnet")
for group, name in zip(mask.groups, mask.names, strict=True):
    link("objectnet-1.0/images", name, group[0])
PYTHON

# A small network, trained on half of them (the first 500 classes of 1,000).
robench train --aug none --arch air32 --data "folder:$ROBENCH_DATA/imagenet/val" --subset 500 \
  --epochs 30 --loss ce --set batch_size=50 --threads 1 --out runs/air32-224 --resume

shifted="imagenet-r imagenet-a imagenet-sketch imagenet-v2 imagenet-v2-threshold0.7
  imagenet-v2-top-images imagenet-e objectnet stylized-imagenet imagenet-o"
for suite in imagenet $shifted; do # complete; the anomalies of imagenet-o need all clean pictures
  robench eval runs/air32-224/last.pt timm:resnet18 --suite "$suite" --threads 1
done
for suite in imagenet-c imagenet-c-bar imagenet-c-lite; do
  robench eval runs/air32-224/last.pt timm:resnet18 --suite "$suite" --limit 100 --threads 1
done
robench eval runs/air32-224/last.pt --suite imagenet-c --limit 100 --threads 1 --protocol paper
robench compare runs/air32-224 --protocol both > protocols.txt # records of this pass: air32-224-paper
robench eval runs/air32-224/last.pt --suite imagenet-p --limit 100 --threads 1
robench eval timm:resnet18 --suite imagenet-p --limit 20 --threads 1 # 31 frames each
robench report runs/air32-224 runs/timm-resnet18 --unlike -o report.html \
  --title "1,000 ImageNet pictures: every table of imagenet-all (shifted sets are stand-ins)"

# The records of C-bar stand in folders of their own, *-bar, so that files stay small.
python - <<'PYTHON'
from pathlib import Path
import numpy as np
from robench.files import read_json, write_arrays, write_json
from robench.store import Store
from robench.types import Passport

APART = "imagenet-c-bar"
for run in ("air32-224", "timm-resnet18"):
    whole = Store(Path("runs", run, "eval"))
    passports = whole.passports()
    bits = dict(np.load(whole.folder / "correct.npz"))
    for part, apart in ((run, False), (f"{run}-bar", True)):
        records = [r for r in whole.records() if (r.cell.evalset == APART) == apart]
        carried = (passports[r.passport_id] for r in records)
        pairs = [(p["inputs"], p["conventions"], p["provenance"]) for p in carried]
        with Store(Path("records", part, "eval")) as store:
            store.append(zip(records, (Passport(*pair) for pair in pairs), strict=True))
        names = {key for key in bits if (APART in key) == apart}
        write_arrays(store.folder / "correct.npz", {key: bits[key] for key in sorted(names)})
        known = read_json(whole.folder / "checkpoint.json")
        suites = [name for name in known["suites"] if (name == APART) == apart]
        write_json(store.folder / "checkpoint.json", {**known, "suites": suites})
        if not apart:
            write_json(store.folder / "curves.json", read_json(whole.folder / "curves.json"))
PYTHON
