#!/usr/bin/env bash
# What is recorded here, from CIFAR-10 in $ROBENCH_DATA; two cores, a quarter of an hour.
set -euo pipefail
here=$(dirname "$0")
runs=${1:-runs/augmentations}
train() {
  name=$1
  shift
  robench train --aug "$@" --arch air32 --data cifar10 --subset 10000 --epochs 1 --threads 1 \
    --out "$runs/$name"
}

for method in $(robench ls augmentations); do
  train "$method" "$method"
done
train augmix-mixup-cutmix "augmix > mixup > cutmix(probability=1.0)"
train choice "augmix > choice(mixup, cutmix(probability=1.0))"
train schedule "augmix > schedule(mixup:1, cutmix(probability=1.0))" --epochs 2

for run in "$runs"/*/; do
  printf '{"run": "%s", "log": %s}\n' "$(basename "$run")" "$(tail -n 1 "$run/log.jsonl")"
done >"$here/training.jsonl"
python -m robench.studies.gallery "$here" "$runs/none/last.pt"
robench bench augmentations --repeats 9 --out "$here/speed.jsonl"
