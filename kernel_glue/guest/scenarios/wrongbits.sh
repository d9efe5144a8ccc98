# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=128 seconds=200
# The engine decompresses with wrong bits, which are found.
# Our own swap device keeps a CRC of each page, and software does those pages again; for zswap, which keeps none, check_decompress finds them.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress timeout_ms=10000
load pagepress_swap size_mb=256 engine_reads=1
mkswap /dev/ppswap > /dev/null
swapon /dev/ppswap
inject 5 100 500 777 1
# Under pressure, so that pages have gone from the swap cache when they are read.
pageout --mb 96 --pressure
at_least "pages that the engine decompressed" "$(stat hw_decompress)" 4096
same "wrong pages that were found" "$(stat wrong_output)" 500
same "pages lost" "$(sed -n 's/^corrupt //p' $debug/pagepress_swap/stats)" 0
result decompressed_right "$(stat hw_decompress)"
# Pages that software has compressed have a CRC, too. Meanwhile the device stops for a moment.
echo 1 > /sys/module/pagepress_swap/parameters/mode
before=$(stat hw_decompress)
pageout --mb 96 --pressure &
load_pid=$!
sleep 1
echo stopped > /sys/bus/pci/devices/0000:00:01.0/pagepress/state
sleep 0.2
echo running > /sys/bus/pci/devices/0000:00:01.0/pagepress/state
wait $load_pid || fail "the load has failed"
at_least "pages of software that the engine decompressed" $(($(stat hw_decompress) - before)) 2048
swapoff /dev/ppswap
rmmod pagepress_swap

swap_on_ramdisk 32
zswap_on lz4 zbud
echo 1 > /sys/module/pagepress/parameters/check_decompress
before=$(stat wrong_output)
inject 5 100 500 777 1
pageout --mb 16
same "wrong pages of zswap that were found" $(($(stat wrong_output) - before)) 500
swapoff /dev/ram0
