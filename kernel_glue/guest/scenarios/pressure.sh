# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=160 seconds=300 disk=256
# zswap under real pressure, a third of the memory incompressible.
# More memory than there is: zswap rejects pages, its pool fills and writes back to the swap device.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
load virtio_pci
load virtio_blk
mkswap /dev/vda > /dev/null
swapon /dev/vda
zswap_on lz4 zbud
pageout --mb 144 --pressure --random 33
at_least "pages that the engine compressed" "$(stat hw_compress)" 4096
at_least "pages that did not compress" "$(stat hw_incompressible)" 1024
same "units that software did for an error" "$(($(stat sw_error) + $(stat sw_timeout)))" 0
for counter in hw_compress hw_incompressible hw_decompress sw_full; do
  result $counter "$(stat $counter)"
done
for counter in written_back_pages pool_limit_hit reject_compress_poor reject_reclaim_fail; do
  result zswap_$counter "$(cat $debug/zswap/$counter)"
done
swapoff /dev/vda
