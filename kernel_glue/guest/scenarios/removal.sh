# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# The module goes under load, once zswap has another compressor, and not before.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load lz4
load pagepress
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --pages 16384 &
load_pid=$!
sleep 1
if rmmod pagepress 2> /dev/null; then fail "it went while zswap used it"; fi
at_least "pages by the engine" "$(stat hw_compress)" 1
zswap_on lzo zbud
for round in $(seq 100); do
  # What was compressed by it stays in its pool until it has been read.
  if rmmod pagepress 2> /dev/null; then break; fi
  sleep 0.2
done
[ ! -e /sys/module/pagepress ] || fail "it does not go"
result seconds_until_it_went $((round / 5))
wait $load_pid || fail "the load has failed"
load pagepress
zswap_on lz4 zbud
pageout --mb 4
at_least "pages by the engine after it came back" "$(stat hw_compress)" 900
swapoff /dev/ram0
