# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=160 seconds=300 cpus=2
# Two CPUs, each with queues of its own: zswap and ppswap under two loads at once, also with resets.
#
# A load is pinned to each CPU. zswap by itself, so that the counters add up; then both with resets
# of the function, unbind and bind, zswap being switched off and on; then ppswap by itself, with more
# memory than there is, since only then it is read (by the engine, too).
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000 poll_timeout_us=5000000
load pagepress_swap size_mb=128 mode=2
echo 1 > /sys/module/pagepress_swap/parameters/engine_reads
mkswap /dev/ppswap > /dev/null
swapon /dev/ppswap
same "CPUs" "$(grep -c ^processor /proc/cpuinfo)" 2

# loads WORDS...: one on each CPU, the second one with pages that do not compress.
loads() {
  taskset 1 pageout "$@" &
  first=$!
  taskset 2 pageout "$@" --random 10 &
  second=$!
}

finish() {
  wait $first || fail "the first CPU's load has failed"
  wait $second || fail "the second CPU's load has failed"
}

# engine_took: units that the engine has answered so far, whatever the answer was.
engine_took() {
  awk '/^hw_/ { sum += $2 } END { print sum }' $debug/pagepress/stats
}

# tails: what each queue has been given so far, modulo 65536.
tails() {
  sed -n 's/^queue .* sq_tail \([0-9]*\) .*/\1/p' $debug/pagepress/0*/registers
}

# snapshot: $submitted, $answered, $completed of one moment, with nothing under way. kswapd works
# on after a load, and to look is to fork, which may read pages of the shell's back.
snapshot() {
  submitted=
  while [ "$submitted" != "$(stat submitted)" ]; do
    sleep 0.3
    submitted=$(stat submitted) answered=$(engine_took) completed=$(device completed)
  done
}

# alone NAME WORDS...: the loads, with nothing else; whatever the engine was given it has done.
alone() {
  name=$1
  shift
  snapshot
  before_submitted=$submitted before_answered=$answered before_completed=$completed
  loads "$@"
  finish
  snapshot
  units=$((submitted - before_submitted))
  at_least "units of the engine, $name" $units 8192
  same "units that it answered" $((answered - before_answered)) $units
  same "completions of the device" $((completed - before_completed)) $units
  result "${name}_units" $units
}

zswap_on lz4 zbud
alone zswap --mb 16 --pages 8192
echo 0 > /sys/module/zswap/parameters/enabled
same "queues" "$(tails | wc -l)" 4
same "units of all queues" "$(tails | awk '{ sum += $1 } END { print sum }')" "$(stat submitted)"
same "units that software did" "$(($(stat sw_error) + $(stat sw_timeout) + $(stat sw_full)))" 0

loads --mb 16 --pages 12288
for round in 1 2 3; do
  echo 1 > /sys/module/zswap/parameters/enabled
  echo 1 > /sys/bus/pci/devices/0000:00:01.0/reset
  sleep 0.3
  echo 0 > /sys/module/zswap/parameters/enabled
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/unbind
  sleep 0.3
  echo 1 > /sys/module/zswap/parameters/enabled
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/bind
  sleep 0.3
  echo 0 > /sys/module/zswap/parameters/enabled
  sleep 0.3
done
finish
same "resets" "$(stat resets)" 3
at_least "pages without a device" "$(stat sw_no_device)" 1

before_decompress=$(stat hw_decompress)
alone ppswap --mb 56 --pressure
at_least "pages of ppswap that the engine decompressed" \
  $(($(stat hw_decompress) - before_decompress)) 256
for tail in $(tails); do
  at_least "units of a queue" "$tail" 256
done
for counter in submitted doorbells sw_no_device sw_error sw_full; do
  result $counter "$(stat $counter)"
done
result failed_writes "$(swap_stat failed)"
swapoff /dev/ppswap
same "pages left (the swap header)" "$(swap_stat stored_pages)" 1
rmmod pagepress_swap
