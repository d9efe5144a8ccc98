# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300 append=swiotlb=2048,force
# An engine that stops, loses interrupts, answers with errors and writes wrong bits.
# Units time out, the device is reset, software helps out, and every page comes back.
# DMA goes by 4 MiB of bounce buffers, so that a page that is not unmapped is missed.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=400
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --pages 16384 &
load_pid=$!
sleep 1
for round in 1 2 3; do
  inject 4 50 1 0       # stuck until reset
  # Found before the next one; the host's speed says how long that takes.
  for second in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(stat timeouts)" -ge $round ] && break
    sleep 1
  done
done
for round in 1 2 3; do
  inject 1 20 200 8     # 200 units end with "internal error"
  sleep 1
  inject 6 10 3 0       # three interrupts are not sent
  sleep 1
  # A bit of 50 compressed pages is inverted, which the engine's check finds. (Of decompressed ones
  # nobody would: zswap keeps no checksum.)
  inject 5 10 50 100 0
  sleep 1
done
wait $load_pid || fail "the load has failed"
at_least "time-outs" "$(stat timeouts)" 3
at_least "resets" "$(stat resets)" 3
at_least "units with an error that software did" "$(stat sw_error)" 1
at_least "units that software did for their time-out" "$(stat sw_timeout)" 1
at_least "interrupts that were lost" "$(stat lost_interrupts)" 1
same "device" "$(sed -n 's/^dead //p' $debug/pagepress/0*/registers)" 0
before=$(stat hw_compress)
pageout --mb 4
at_least "pages that the engine compresses again" $(($(stat hw_compress) - before)) 900
for counter in timeouts resets late lost_interrupts sw_error sw_timeout; do
  result $counter "$(stat $counter)"
done
swapoff /dev/ram0
