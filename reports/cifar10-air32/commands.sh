#!/usr/bin/env bash
# Two small networks on all of CIFAR-10, without augmentation and with IPMix (one view, CE).
# ROBENCH_DATA names the folder that holds cifar-10-batches-py/ and frost/ (robench data get frost).
# C-bar and the perturbation sequences stand in stores of their own, *-bar-p, to keep files small.
set -euo pipefail
export OMP_NUM_THREADS=1 # the two runs share two cores

for aug in none ipmix; do
  robench train --aug $aug --arch air32 --data cifar10 --loss ce --epochs 5 --threads 1 \
    --out runs/$aug --resume &
done
wait
for aug in none ipmix; do
  robench eval runs/$aug/last.pt --suite cifar10-all --limit 2000 --threads 1 &
done
wait
for aug in none ipmix; do
  for suite in cifar10-c-bar cifar10-p; do
    robench eval runs/$aug/last.pt --suite $suite --limit 2000 --threads 1 --out runs/$aug-bar-p
  done &
done
wait
robench compare runs/none runs/ipmix
robench compare runs/none-bar-p runs/ipmix-bar-p
robench report runs/none runs/ipmix -o report.html \
  --title "IPMix and no augmentation: air32 on CIFAR-10, 5 epochs"
