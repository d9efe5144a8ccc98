# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# zram through the engine, a tenth of the pages incompressible.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000 poll_timeout_us=5000000
zram_swap 256
before_out=$(vmstat pswpout) before_in=$(vmstat pswpin)
before_units=$(($(stat hw_compress) + $(stat hw_incompressible) + $(stat hw_same_filled)))
before_incompressible=$(stat hw_incompressible) before_decompress=$(stat hw_decompress)
pageout --mb 32 --pages 16384 --random 10
out=$(($(vmstat pswpout) - before_out)) in=$(($(vmstat pswpin) - before_in))
units=$(($(stat hw_compress) + $(stat hw_incompressible) + $(stat hw_same_filled) - before_units))
incompressible=$(($(stat hw_incompressible) - before_incompressible))
at_least "pages out" $out 16384
same "units of the engine and kernel's pswpout" $units $out
at_least "pages that did not compress" $incompressible $((out / 20))
at_least "pages that the engine decompressed" $(($(stat hw_decompress) - before_decompress)) $((in / 2))
same "units that software did" "$(($(stat sw_error) + $(stat sw_timeout) + $(stat sw_full)))" 0
result pages_out $out
result pages_in $in
result incompressible $incompressible
result polled "$(stat polled)"
echo "mm_stat: $(cat /sys/block/zram0/mm_stat)"
swapoff /dev/zram0
