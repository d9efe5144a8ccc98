# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# The engine stops in the middle of the load, again and again, drops interrupts and answers with
# errors: units time out, the device is reset, software helps out, and every page comes back.
# shellcheck shell=dash disable=SC2148,SC2154
load pagepress timeout_ms=400
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --pages 12288 &
load_pid=$!
sleep 1
for round in 1 2 3; do
  inject 4 50 1 0       # stuck until reset
  sleep 1
  inject 1 20 200 8     # 200 units end with "internal error"
  sleep 1
  inject 6 10 3 0       # three interrupts are not sent
  sleep 1
done
wait $load_pid || fail "the load has failed"
at_least "time-outs" "$(stat timeouts)" 3
at_least "resets" "$(stat resets)" 3
at_least "units with an error that software did" "$(stat sw_error)" 1
at_least "units that software did for their time-out" "$(stat sw_timeout)" 1
same "device" "$(sed -n 's/^dead //p' $debug/pagepress/0*/registers)" 0
before=$(stat hw_compress)
pageout --mb 4
at_least "pages that the engine compresses again" $(($(stat hw_compress) - before)) 900
for counter in timeouts resets late lost_interrupts sw_error sw_timeout; do
  result $counter "$(stat $counter)"
done
swapoff /dev/ram0
