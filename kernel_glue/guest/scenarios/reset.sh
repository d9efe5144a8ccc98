# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# Function-level resets, unbind and bind of the driver, under load.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --pages 12288 &
load_pid=$!
sleep 1
for round in 1 2 3; do
  echo 1 > /sys/bus/pci/devices/0000:00:01.0/reset
  sleep 0.3
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/unbind
  sleep 0.3
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/bind
  sleep 0.3
done
wait $load_pid || fail "the load has failed"
same "resets" "$(stat resets)" 3
at_least "pages without a device" "$(stat sw_no_device)" 1
before=$(stat hw_compress)
pageout --mb 4
at_least "pages that the engine compresses again" $(($(stat hw_compress) - before)) 900
for counter in resets sw_no_device sw_error sw_full; do
  result $counter "$(stat $counter)"
done
swapoff /dev/ram0
