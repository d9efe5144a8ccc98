# SPDX-License-Identifier: GPL-2.0-only
# zswap through the engine, counted on all sides: busybox sh, sourced, after lib.sh.
# shellcheck shell=dash disable=SC2154

# zswap_counted PAGES POOL MB: so many pages of MB MiB out and in, verified; the kernel's, the
# module's and the device's counters must agree, with nothing done by software.
zswap_counted() {
  swap_on_ramdisk 256
  zswap_on lz4 "$2"
  before_out=$(vmstat zswpout) before_in=$(vmstat zswpin)
  before_compress=$(stat hw_compress) before_decompress=$(stat hw_decompress)
  before_ok=$(device ok) before_rejects=$(zswap_rejects)
  pageout --mb "$3" --pages "$1" > /tmp/load || fail "the load has failed: $(cat /tmp/load)"
  cat /tmp/load
  out=$(($(vmstat zswpout) - before_out)) in=$(($(vmstat zswpin) - before_in))
  compress=$(($(stat hw_compress) - before_compress))
  decompress=$(($(stat hw_decompress) - before_decompress))
  at_least "pages out" $out "$1"
  at_least "pages in" $in "$1"
  same "module's compressions and kernel's zswpout" $compress $out
  same "module's decompressions and kernel's zswpin" $decompress $in
  same "device's completions and module's" $(($(device ok) - before_ok)) $((compress + decompress))
  same "zswap's stored_pages, what they grew by, and kernel's zswpout" \
    "$(sed -n 's/.* \([0-9]*\) held.*/\1/p' /tmp/load)" $out
  same "pages that zswap wrote back" "$(cat $debug/zswap/written_back_pages)" 0
  same "pages that zswap rejected" $(($(zswap_rejects) - before_rejects)) 0
  for counter in sw_compress timeouts sw_error sw_full lost_interrupts; do
    result $counter "$(stat $counter)"
  done
  same "units that software did" "$(($(stat sw_error) + $(stat sw_timeout) + $(stat sw_full)))" 0
  result pages_out $out
  result pages_in $in
  result interrupts "$(stat interrupts)"
  swapoff /dev/ram0
}
