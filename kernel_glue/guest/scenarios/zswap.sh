# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# zswap on a stock kernel through the engine: 16,384 pages and more out and in, verified; the kernel's,
# the module's and the device's counters agree.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
swap_on_ramdisk 256
zswap_on lz4 zbud
before_out=$(vmstat zswpout) before_in=$(vmstat zswpin)
before_compress=$(stat hw_compress) before_decompress=$(stat hw_decompress)
before_ok=$(device ok)
pageout --mb 32 --pages 16384
out=$(($(vmstat zswpout) - before_out)) in=$(($(vmstat zswpin) - before_in))
compress=$(($(stat hw_compress) - before_compress))
decompress=$(($(stat hw_decompress) - before_decompress))
at_least "pages out" $out 16384
at_least "pages in" $in 16384
same "module's compressions and kernel's zswpout" $compress $out
same "module's decompressions and kernel's zswpin" $decompress $in
same "device's completions and module's" $(($(device ok) - before_ok)) $((compress + decompress))
for reject in reject_compress_poor reject_alloc_fail reject_kmemcache_fail reject_reclaim_fail; do
  same "zswap's $reject" "$(cat $debug/zswap/$reject)" 0
done
for counter in sw_compress timeouts sw_error sw_full lost_interrupts; do
  result $counter "$(stat $counter)"
done
same "units that software did" "$(($(stat sw_error) + $(stat sw_timeout) + $(stat sw_full)))" 0
result pages_out $out
result pages_in $in
result interrupts "$(stat interrupts)"
swapoff /dev/ram0
