# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=136 seconds=300 append=swiotlb=2048,force
# zram and the swap device while the engine errs, flips bits or stops: no mismatch.
# zswap has stuck.sh, and here the answers that make no sense. Each fault is armed for the load after it,
# in which it must show; each load reads back what software has put into the swap device.
# DMA goes by 4 MiB of bounce buffers, so that a page that is not unmapped is missed.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=400 poll_timeout_us=400000

# failed: units so far that software did for a fault.
failed() {
  echo $(($(stat sw_error) + $(stat sw_timeout) + $(stat wrong_output)))
}

# survives NAME UNITS LOAD...: the load's data is right, and software did so many of its units.
survives() {
  name=$1 least=$2 before=$(failed)
  shift 2
  "$@" || fail "$name: the load has failed"
  at_least "units that software did, $name" $(($(failed) - before)) "$least"
  result "${name}_units" $(($(failed) - before))
}

# errors NAME QUEUE LOAD...: 200 units end with "internal error", then an engine stops until reset.
errors() {
  load_name=$1 queue=$2
  shift 2
  inject 1 100 200 8 "$queue"
  survives "${load_name}_error" 200 "$@"
  timeouts=$(stat timeouts)
  inject 4 100 1 0 "$queue"
  survives "${load_name}_stuck" 1 "$@"
  at_least "time-outs, $load_name" $(($(stat timeouts) - timeouts)) 1
}

# outputs NAME QUEUE LOAD...: 200 bus errors at the output, then 200 wrong bits.
outputs() {
  load_name=$1 queue=$2
  shift 2
  inject 3 100 200 0 "$queue"
  survives "${load_name}_bus" 200 "$@"
  inject 5 100 200 777 "$queue"
  survives "${load_name}_bit" 200 "$@"
}

# answers NAME LOAD...: decompressions answered as only compressions may be, "same-filled" and
# "incompressible".
answers() {
  load_name=$1
  shift
  for status in 1 2; do
    inject 1 100 200 $status 1
    survives "${load_name}_answer_$status" 200 "$@"
  done
}

zram_swap 64
answers zram_read pageout --mb 4
# Nothing else finds wrong bits that the engine decompresses for zram.
echo 1 > /sys/module/pagepress/parameters/check_decompress
errors zram_write 0 pageout --mb 4
outputs zram_write 0 pageout --mb 4
errors zram_read 1 pageout --mb 4
outputs zram_read 1 pageout --mb 4
swapoff /dev/zram0

swap_on_ramdisk 16
zswap_on lz4 zbud
answers zswap_read pageout --mb 4
swapoff /dev/ram0
echo 0 > /sys/module/zswap/parameters/enabled

# ppswap is read only under pressure: until then its pages are in the swap cache, too. (wrongbits.sh
# has its wrong bits.)
load pagepress_swap size_mb=256 engine_reads=1
mkswap /dev/ppswap > /dev/null
swapon /dev/ppswap
errors ppswap_write 0 pageout --mb 96 --pressure
timeouts=$(stat timeouts)
inject 4 100 1 0 1
survives ppswap_read_stuck 1 pageout --mb 96 --pressure
at_least "time-outs, ppswap_read" $(($(stat timeouts) - timeouts)) 1
same "pages lost" "$(swap_stat corrupt)" 0
at_least "resets" "$(stat resets)" 4
before=$(stat hw_compress)
pageout --mb 4
at_least "pages that the engine compresses again" $(($(stat hw_compress) - before)) 900
swapoff /dev/ppswap
