# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# Function-level resets, unbind and bind of the driver, under load.
# Before each of both the engine stops, so that a unit is in flight, which software then does.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --until /tmp/done &
load_pid=$!
sleep 1
# stop_engine: with a unit in it that only a reset ends.
stop_engine() {
  inject 4 0 1 0
  sleep 0.3
}

for round in 1 2 3; do
  stop_engine
  echo 1 > /sys/bus/pci/devices/0000:00:01.0/reset
  sleep 0.3
  stop_engine
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/unbind
  sleep 0.3
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/bind
  sleep 0.3
done
touch /tmp/done
wait $load_pid || fail "the load has failed"
same "resets" "$(stat resets)" 3
at_least "units in flight that software did" "$(stat sw_error)" 6
same "time-outs" "$(stat timeouts)" 0
at_least "pages without a device" "$(stat sw_no_device)" 1
before=$(stat hw_compress)
pageout --mb 4
at_least "pages that the engine compresses again" $(($(stat hw_compress) - before)) 900
for counter in resets sw_no_device sw_error sw_full; do
  result $counter "$(stat $counter)"
done
swapoff /dev/ram0
