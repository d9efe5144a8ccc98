# SPDX-License-Identifier: Apache-2.0
# guest: memory=256 seconds=60
# A load's memory is overwritten while its pages go out and come back.
# shellcheck shell=dash disable=SC2148
swap_on_ramdisk 32
pageout --mb 16 --pages 16384 &
pid=$!
sleep 0.5
start=$(awk '/^7/ && $6 == "" { split($1, ends, "-"); print ends[1]; exit }' "/proc/$pid/maps")
# A page in the middle of 16 MiB, until the machine ends.
while :; do
  dd if=/dev/zero of="/proc/$pid/mem" bs=4096 seek=$((0x$start / 4096 + 2048)) count=1 \
    conv=notrunc 2> /dev/null || :
done &
wait $pid
