# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=256 seconds=200
# The module finds the device and lets go of it, 20 times; bind and unbind.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load lz4_compress
for i in $(seq 20); do
  load pagepress
  [ -e /sys/bus/pci/drivers/pagepress/0000:00:01.0 ] || fail "no device in round $i"
  unload pagepress
done
load pagepress
for i in $(seq 5); do
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/unbind
  [ ! -e $debug/pagepress/0000:00:01.0 ] || fail "its debugfs is still there"
  echo 0000:00:01.0 > /sys/bus/pci/drivers/pagepress/bind
done
same "errors of the device" "$(sed -n 's/^errors //p' $debug/pagepress/0*/registers)" 0
result probes 25
