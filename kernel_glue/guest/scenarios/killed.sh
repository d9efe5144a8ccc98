# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# The emulator is killed under load: the guest goes on in software.
# The device reads all ones from then on, as one that was pulled. Every page comes back.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=400
swap_on_ramdisk 256
zswap_on lz4 zbud
pageout --mb 16 --pages 12288 &
load_pid=$!
sleep 1
at_least "pages by the engine" "$(stat hw_compress)" 1
kill -0 $load_pid || fail "the load was over before the emulator"
echo "HOST kill-emulator"
wait $load_pid || fail "the load has failed"
same "lost devices" "$(stat lost_devices)" 1
before=$(stat sw_compress)
pageout --mb 4
at_least "pages that software compresses now" $(($(stat sw_compress) - before)) 900
for counter in hw_compress sw_compress timeouts sw_no_device; do
  result $counter "$(stat $counter)"
done
swapoff /dev/ram0
rmmod pagepress 2> /dev/null || echo "still in use by zswap"
