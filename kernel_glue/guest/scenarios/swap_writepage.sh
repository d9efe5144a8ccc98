# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=160 seconds=300 icount=0 kernel=patched disk=256
# kcompressd in swap_writepage() of a patched kernel, in front of zswap: the same load compressed by
# kswapd in software, by kcompressd in software, and by the engine for each of them.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
load lz4
load zsmalloc
load virtio_pci
load virtio_blk
mkswap /dev/vda > /dev/null
swapon /dev/vda
echo 60 > /sys/module/zswap/parameters/max_pool_percent
zswap_on lz4-scomp zsmalloc
switches=/sys/module/kcompressd/parameters

# One thing a run: NAME COMPRESSOR ENABLED BATCH ROTATE.
measure() {
  echo "$2" > /sys/module/zswap/parameters/compressor
  echo "$3" > $switches/enabled
  echo "$4" > $switches/batch
  echo "$5" > $switches/rotate
  scarce=$(cat $debug/kcompressd/scarce)
  p=$(vmstat zswpout) w=$(vmstat pswpout) queued=$(cat $debug/kcompressd/queued) batches=$(cat $debug/kcompressd/batches) full=$(cat $debug/kcompressd/full)
  hw=$(stat hw_compress)
  kswapd=$(vmstat pgsteal_kswapd) direct=$(vmstat pgsteal_direct) stalls=$(vmstat allocstall_normal)
  stalls=$((stalls + $(vmstat allocstall_movable) + $(vmstat allocstall_dma32)))
  k=$(cut -d' ' -f1 /proc/$(pidof kswapd0)/schedstat) c=$(cut -d' ' -f1 /proc/$(pidof kcompressd0)/schedstat)
  u=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  pageout --mb 144 --pressure
  u=$(($(cut -d' ' -f1 /proc/uptime | tr -d .) - u))
  result "$1_zswpout" $(($(vmstat zswpout) - p))
  result "$1_pswpout" $(($(vmstat pswpout) - w))
  result "$1_centiseconds" $u
  result "$1_kswapd_us" $((($(cut -d' ' -f1 /proc/$(pidof kswapd0)/schedstat) - k)/1000))
  result "$1_kcompressd_us" $((($(cut -d' ' -f1 /proc/$(pidof kcompressd0)/schedstat) - c)/1000))
  result "$1_hw" $(($(stat hw_compress) - hw))
  result "$1_queued" $(($(cat $debug/kcompressd/queued) - queued))
  result "$1_full" $(($(cat $debug/kcompressd/full) - full))
  result "$1_scarce" $(($(cat $debug/kcompressd/scarce) - scarce))
  result "$1_batches" $(($(cat $debug/kcompressd/batches) - batches))
  result "$1_pgsteal_kswapd" $(($(vmstat pgsteal_kswapd) - kswapd))
  result "$1_pgsteal_direct" $(($(vmstat pgsteal_direct) - direct))
  result "$1_allocstalls" $(($(vmstat allocstall_normal) + $(vmstat allocstall_movable) + $(vmstat allocstall_dma32) - stalls))
}

measure inline lz4-scomp N 1 N
measure rfc lz4-scomp Y 1 N
measure rotate lz4-scomp Y 1 Y
measure inline_engine pagepress-lz4-acomp N 1 N
measure rfc_engine pagepress-lz4-acomp Y 1 N
measure rfc_engine_batch pagepress-lz4-acomp Y 32 N
measure engine_batch_rotate pagepress-lz4-acomp Y 32 Y
swapoff /dev/vda
