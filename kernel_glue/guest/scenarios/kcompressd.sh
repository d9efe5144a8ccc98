# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=144 seconds=900 disk=256 icount=0 cpu=max,erms=off
# One load under memory pressure, five ways to compress: instructions a page, task by task.
#
# ppswap: by the writer, by kcompressd in software, by kcompressd and the engine; zswap: in software,
# by the engine, a page at a time. Each starts on an empty swap device; all keep their blocks in
# zsmalloc, and zswap writes nothing to its disk (which is no ramdisk, for the kernel spares those
# the swap cache). ppswap's reads are software's in all three: they differ in the writes alone.
# Variables: rounds (1), so many times, beginning with another one each time; ratio (125), how much the
# engine must save (cost.sh, cheaper): less on a kernel with checks of its own; zswap (1), 0: without.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
load lz4
load zsmalloc
load virtio_pci
load virtio_blk
load pagepress_swap size_mb=256 mode=0
mkswap /dev/vda > /dev/null
mkswap /dev/ppswap > /dev/null
echo 90 > /sys/module/zswap/parameters/max_pool_percent
module=/sys/module/pagepress_swap/parameters

# measure NAME DEVICE
measure() {
  before_batches=$(swap_stat batches) before_batched=$(swap_stat batched)
  swapon "$2"
  cost "$1$suffix" pageout --mb 108 --pressure
  swapoff "$2"
  batches=$(($(swap_stat batches) - before_batches))
  [ $batches -eq 0 ] || mean_batch_x10=$((($(swap_stat batched) - before_batched) * 10 / batches))
  [ $batches -eq 0 ] || result "$1${suffix}_mean_batch_x10" "$mean_batch_x10"
  eval "page_$1=$cost_page"
}

# on_ppswap NAME MODE
on_ppswap() {
  echo 0 > /sys/module/zswap/parameters/enabled
  echo "$2" > $module/mode
  measure "$1" /dev/ppswap
}

# on_zswap NAME COMPRESSOR
on_zswap() {
  zswap_on "$2" zsmalloc
  measure "$1" /dev/vda
  same "pages that zswap rejected" "$(zswap_rejects)" 0
}

one() {
  case $1 in
    inline) on_ppswap "$1" 0 ;;
    kcompressd) on_ppswap "$1" 1 ;;
    engine)
      submitted=$(stat submitted) doorbells=$(stat doorbells)
      on_ppswap "$1" 2
      submitted=$(($(stat submitted) - submitted)) doorbells=$(($(stat doorbells) - doorbells))
      at_least "units of the engine" $submitted 4096
      result "engine${suffix}_units_a_doorbell_x10" $((submitted * 10 / doorbells))
      at_least "mean batch" $((submitted / doorbells)) 8
      ;;
    zswap) on_zswap "$1" lz4-scomp ;;
    zswap_engine)
      before=$(($(stat hw_compress) + $(stat hw_incompressible)))
      on_zswap "$1" pagepress-lz4-acomp
      # All but those that zswap itself found to be of one word.
      at_least "pages that the engine took" \
        $(($(stat hw_compress) + $(stat hw_incompressible) - before)) $((cost_pages * 99 / 100))
      ;;
  esac
}

ways="inline kcompressd engine"
[ "${zswap:-1}" = 0 ] || ways="$ways zswap zswap_engine"

check() {
  cheaper engine inline "${ratio:-125}"
  [ "${zswap:-1}" = 0 ] || cheaper zswap_engine zswap "${ratio:-125}"
}

in_rounds "${rounds:-1}" "$ways" one check
