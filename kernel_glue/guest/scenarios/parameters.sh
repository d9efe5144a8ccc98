# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=256 seconds=150
# Parameters and attributes take what makes sense and refuse the rest.
# A device that is stopped and started by sysfs is used again.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load lz4_compress

# refused MODULE PARAMETER VALUE...: neither at loading nor later; the value stays.
refused() {
  file=/sys/module/$1/parameters/$2
  kept=$(cat "$file")
  name=$2
  shift 2
  for value in "$@"; do
    if echo "$value" > "$file" 2> /dev/null; then fail "$name takes $value"; fi
    same "$name after $value" "$(cat "$file")" "$kept"
  done
}

for wrong in timeout_ms=0 poll_timeout_us=4000000000 depth_log2=15 depth_log2=4 verify=perhaps; do
  if load pagepress $wrong 2> /dev/null; then fail "it loads with $wrong"; fi
done
load pagepress depth_log2=5
refused pagepress timeout_ms 0 9 60001 4294967296 -1 x ""
refused pagepress poll_timeout_us 0 10000001 4294967295
for wrong in mode=3 fifo=0 batch=0 batch=257 size_mb=0 size_mb=16777216; do
  if load pagepress_swap $wrong 2> /dev/null; then fail "it loads with $wrong"; fi
done
load pagepress_swap size_mb=64
refused pagepress_swap mode 7 -1
refused pagepress_swap fifo 0 65537
refused pagepress_swap batch 0 10000
echo 20 > /sys/module/pagepress/parameters/timeout_ms
echo 400 > /sys/module/pagepress/parameters/timeout_ms

cd /sys/bus/pci/devices/0000:00:01.0/pagepress
same "version" "$(cat version)" 1.1
same "queue depth" "$(cat queue_depth)" 32
at_least "queue pairs" "$(cat queue_pairs)" 1
same "errors" "$(cat error_count) $(cat first_error)" "0 none"
echo "features $(cat features) op_cap $(cat op_cap)"
if echo maybe > state 2> /dev/null; then fail "state takes nonsense"; fi
# No more at a time than the queue has slots.
echo 32 > /sys/module/pagepress_swap/parameters/batch
mkswap /dev/ppswap > /dev/null
swapon /dev/ppswap
pageout --mb 4
before=$(stat hw_compress)
at_least "pages by the engine" "$before" 900
echo stopped > state
same "state" "$(cat state)" stopped
echo 1 > ../reset
same "state after a reset" "$(cat state)" stopped
pageout --mb 4
same "pages by an engine that is stopped" "$(stat hw_compress)" "$before"
echo running > state
same "state" "$(cat state)" running
pageout --mb 4
at_least "pages by the engine again" $(($(stat hw_compress) - before)) 900
# The smallest of everything: one page at a time, one waits.
echo 1 > /sys/module/pagepress_swap/parameters/fifo
echo 1 > /sys/module/pagepress_swap/parameters/batch
pageout --mb 4
swapoff /dev/ppswap
