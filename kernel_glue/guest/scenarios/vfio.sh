# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=384 seconds=200 iommu=1 programs=tests/vfio_pages,bin/pagepress
# Two drivers in turn: a process by vfio-pci, then the module, then the process.
# The emulator's DMA does not pass the IOMMU: physical IOVAs.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
address=0000:00:01.0
pci=/sys/bus/pci

# run_pages NAME OPTIONS...: the userspace driver with pages, as results NAME_...
run_pages() {
  name=$1
  shift
  vfio_pages $address,iova=pa "$@" > /tmp/answer || fail "vfio_pages $*"
  while read -r key value; do
    result "${name}_$key" "$value"
  done < /tmp/answer
}

# bind_to DRIVER: gives the device to it.
bind_to() {
  echo "$1" > $pci/devices/$address/driver_override
  [ ! -e $pci/devices/$address/driver ] || echo $address > $pci/devices/$address/driver/unbind
  echo $address > $pci/drivers_probe
  same "the device's driver" "$(basename "$(readlink $pci/devices/$address/driver)")" "$1"
}

# refused WORDS OPTIONS...: the userspace driver says so.
refused() {
  words=$1
  shift
  if vfio_pages "$@" > /dev/null 2> /tmp/answer; then
    fail "vfio_pages $* did not fail"
  fi
  grep -q "$words" /tmp/answer || fail "vfio_pages $*: $(cat /tmp/answer)"
}

load lz4_compress
load pagepress
refused "driver pagepress, not vfio-pci" $address
load vfio_iommu_type1
load vfio_pci
bind_to vfio-pci
refused "allow_unsafe_interrupts" $address
echo 1 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
refused "nr_hugepages" $address
exec 3<> "/dev/vfio/$(basename "$(readlink $pci/devices/$address/iommu_group)")"
refused "another process has it" $address
exec 3>&-
echo 8 > /proc/sys/vm/nr_hugepages

run_pages polling
run_pages interrupts --interrupts
run_pages calls --no-mmap --bounce --pages 64

# The whole program, over pages of its own libraries.
dd if=/bin/pagepress of=/tmp/some.pages bs=4096 count=256 2> /dev/null
pagepress compare /tmp/some.pages --bus vfio:$address,iova=pa --json /tmp/answer > /tmp/summary ||
  fail "pagepress compare"
grep -q "^engine:vfio: 256 of 256 pages verified, 0 mismatches, and .* decompressed, 0 mismatches" \
  /tmp/summary || fail "$(cat /tmp/summary)"
result compare_pages 256

bind_to pagepress
echo 0 > /proc/sys/vm/nr_hugepages
swap_on_ramdisk 128
zswap_on lz4 zbud
before_out=$(vmstat zswpout) before_compress=$(stat hw_compress)
pageout --mb 16 --pages 4096
out=$(($(vmstat zswpout) - before_out))
at_least "pages out" $out 4096
same "module's compressions and kernel's zswpout" $(($(stat hw_compress) - before_compress)) $out
result module_pages_out $out
swapoff /dev/ram0

# And back once more: nothing of the module is left in the device.
bind_to vfio-pci
echo 8 > /proc/sys/vm/nr_hugepages
run_pages again --interrupts --pages 64
