# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=160 seconds=400 icount=0
# A swap device whose writes go through kcompressd, under memory pressure: the same load with the
# writer compressing, with kcompressd in software, and with kcompressd and the engine. The
# engine's queue fills. Reads are software's in all three, so that they differ in the writes alone.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000 poll_timeout_us=5000000
load pagepress_swap size_mb=256 mode=0
mkswap /dev/ppswap > /dev/null
swapon /dev/ppswap

# swap_stat NAME: a counter of the swap device.
swap_stat() {
  sed -n "s/^$1 //p" $debug/pagepress_swap/stats
}

# busy: CPU time so far that was not idle, in clock ticks.
busy() {
  awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

# One thing a run: NAME MODE.
measure() {
  echo "$2" > /sys/module/pagepress_swap/parameters/mode
  p=$(swap_stat pages) c=$(busy) b=$(swap_stat batches) n=$(swap_stat batched)
  kswapd=$(vmstat pgsteal_kswapd) direct=$(vmstat pgsteal_direct) stalls=$(vmstat allocstall_normal)
  stalls=$((stalls + $(vmstat allocstall_movable) + $(vmstat allocstall_dma32)))
  u=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  pageout --mb 144 --pressure
  u=$(($(cut -d' ' -f1 /proc/uptime | tr -d .) - u))
  p=$(($(swap_stat pages) - p)) c=$(($(busy) - c))
  b=$(($(swap_stat batches) - b)) n=$(($(swap_stat batched) - n))
  stalls=$(($(vmstat allocstall_normal) + $(vmstat allocstall_movable) + $(vmstat allocstall_dma32) - stalls))
  result "$1_pages" $p
  result "$1_centiseconds" $u
  result "$1_busy_ticks" $c
  result "$1_pgsteal_kswapd" $(($(vmstat pgsteal_kswapd) - kswapd))
  result "$1_pgsteal_direct" $(($(vmstat pgsteal_direct) - direct))
  result "$1_allocstalls" $stalls
  [ $b -eq 0 ] || result "$1_mean_batch_x10" $((n * 10 / b))
  at_least "pages of $1" $p 4096
}

measure inline 0
measure kcompressd 1
submitted=$(stat submitted) doorbells=$(stat doorbells)
measure engine 2
units=$(($(stat submitted) - submitted)) rings=$(($(stat doorbells) - doorbells))
result engine_units $units
result engine_mean_units_a_doorbell_x10 $((units * 10 / rings))
at_least "units of the engine" $units 4096
at_least "mean batch" $((units / rings)) 8
same "units that software did" "$(($(stat sw_error) + $(stat sw_timeout)))" 0

echo 1 > /sys/module/pagepress_swap/parameters/engine_reads
before=$(stat hw_decompress)
pageout --mb 128 --pressure
at_least "pages that the engine decompressed" $(($(stat hw_decompress) - before)) 2048
swapoff /dev/ppswap
same "pages left (the swap header)" "$(swap_stat stored_pages)" 1
rmmod pagepress_swap
rmmod pagepress
