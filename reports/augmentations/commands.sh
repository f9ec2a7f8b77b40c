#!/usr/bin/env bash
# What is recorded here, from CIFAR-10 in $ROBENCH_DATA; one core, ten minutes.
# Run from the top of the repository: uv run reports/augmentations/commands.sh [RUNS]
set -euo pipefail
here=$(dirname "$0")
runs=${1:-runs/augmentations}
train() {
  name=$1
  shift
  robench train --aug "$@" --arch air32 --data cifar10 --subset 10000 --threads 1 --out "$runs/$name"
}

for method in $(robench ls augmentations); do
  train "$method" "$method" --epochs 1
done
train augmix-mixup-cutmix "augmix > mixup > cutmix(probability=1.0)" --epochs 1
train choice "augmix > choice(mixup, cutmix(probability=1.0))" --epochs 1
train schedule "augmix > schedule(mixup:1, cutmix(probability=1.0))" --epochs 2
robench eval "$runs"/*/last.pt --suite cifar10 --threads 1

robench bench augmentations --repeats 9 --out "$here/speed.jsonl"
python -m robench.studies.gallery "$here" "$runs/none/last.pt"
python tests/augmentations/method_table.py collect "$runs"
