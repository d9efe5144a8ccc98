# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=112 seconds=900 disk=256 icount=0 cpu=max,erms=off kernel=patched
# kcompressd in swap_writepage() of a patched kernel: instructions a page, with and without the engine.
#
# In front of zswap, whose blocks are in zsmalloc; what zswap rejects goes to a disk. Each way starts
# on an empty swap device. Variables as kcompressd has them.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
load lz4
load zsmalloc
load virtio_pci
load virtio_blk
mkswap /dev/vda > /dev/null
echo 90 > /sys/module/zswap/parameters/max_pool_percent
switches=/sys/module/kcompressd/parameters
software=lz4-scomp
engine=pagepress-lz4-acomp

# kcompressd NAME: one of its counters.
kcompressd() {
  cat "$debug/kcompressd/$1"
}

# measure NAME COMPRESSOR ENABLED BATCH ROTATE
measure() {
  zswap_on "$2" zsmalloc
  echo "$3" > $switches/enabled
  echo "$4" > $switches/batch
  echo "$5" > $switches/rotate
  queued=$(kcompressd queued) batches=$(kcompressd batches)
  full=$(kcompressd full) scarce=$(kcompressd scarce)
  before=$(($(stat hw_compress) + $(stat hw_incompressible)))
  swapon /dev/vda
  cost "$1$suffix" pageout --mb 108 --pressure
  swapoff /dev/vda
  queued=$(($(kcompressd queued) - queued)) batches=$(($(kcompressd batches) - batches))
  result "$1${suffix}_queued" $queued
  result "$1${suffix}_full" $(($(kcompressd full) - full))
  result "$1${suffix}_scarce" $(($(kcompressd scarce) - scarce))
  result "$1${suffix}_rejected" "$(zswap_rejects)"
  [ $batches -eq 0 ] || result "$1${suffix}_mean_batch_x10" $((queued * 10 / batches))
  if [ "$3" = Y ]; then
    at_least "pages that kcompressd took" $queued 4096
  else
    same "pages that kcompressd took" $queued 0
  fi
  taken=$(($(stat hw_compress) + $(stat hw_incompressible) - before))
  if [ "$2" = $engine ]; then
    # All but those that zswap itself found to be of one word.
    at_least "pages that the engine took" $taken $((cost_pages * 99 / 100))
  else
    same "pages that the engine took" $taken 0
  fi
  eval "page_$1=$cost_page"
}

one() {
  case $1 in
    inline) measure "$1" $software N 1 N ;;
    proposal) measure "$1" $software Y 1 N ;;
    rotated) measure "$1" $software Y 1 Y ;;
    inline_engine) measure "$1" $engine N 1 N ;;
    proposal_engine) measure "$1" $engine Y 1 N ;;
    engine) measure "$1" $engine Y 32 Y ;;
  esac
}

check() {
  cheaper inline_engine inline "${ratio:-125}"
  cheaper proposal_engine proposal "${ratio:-125}"
  cheaper engine rotated "${ratio:-125}"
}

in_rounds "${rounds:-1}" "inline proposal rotated inline_engine proposal_engine engine" one check
