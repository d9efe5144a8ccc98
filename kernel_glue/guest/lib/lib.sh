# SPDX-License-Identifier: GPL-2.0-only
# What scenarios share: busybox sh, sourced. A scenario ends with the first command that fails.
# shellcheck shell=dash disable=SC2034  # variables are the scenarios'

# fail WORDS...: the scenario has failed.
fail() {
  echo "FAIL: $*"
  exit 1
}

# same NAME A B: two counts that must agree.
same() {
  [ "$2" = "$3" ] || fail "$1: $2, expected $3"
  echo "same: $1: $2"
}

# at_least NAME A B: A is B or more.
at_least() {
  [ "$2" -ge "$3" ] || fail "$1: $2, expected $3 or more"
  echo "at least $3: $1: $2"
}

# result NAME VALUE: for the harness's results file.
result() {
  echo "RESULT $1 $2"
}

# load MODULE [PARAMETER=VALUE...]: with what it depends on.
load() {
  module=$1
  shift
  [ ! -e "/modules/$module.built_in" ] || return 0
  for needed in $(cat "/modules/$module.needs"); do
    [ -e "/sys/module/$needed" ] || insmod "/modules/$needed.ko"
  done
  insmod "/modules/$module.ko" "$@"
}

# unload MODULE: since 6.2 the crypto API's self-tests, which hold it, run beside the loading.
unload() {
  for try in $(seq 100); do
    if rmmod "$1" 2> /dev/null; then return 0; fi
    sleep 0.1
  done
  fail "$1 does not go after $try tries"
}

debug=/sys/kernel/debug

# stat NAME: a counter of the module.
stat() {
  sed -n "s/^$1 //p" $debug/pagepress/stats
}

# swap_stat NAME: a counter of pagepress_swap.
swap_stat() {
  sed -n "s/^$1 //p" $debug/pagepress_swap/stats
}

# zswap_rejects: pages that zswap did not take so far.
zswap_rejects() {
  cat $debug/zswap/reject_* | awk '{ sum += $1 } END { print sum }'
}

# device NAME: a counter of the device.
device() {
  sed -n "s/^$1 //p" $debug/pagepress/0*/counters
}

# vmstat NAME: a counter of the kernel.
vmstat() {
  sed -n "s/^$1 //p" /proc/vmstat
}

# inject KIND SKIP HITS ARGUMENT [QUEUE]: a fault of the device (docs/abi.md, PP_INJECT_*).
inject() {
  echo "$*" > "$(echo $debug/pagepress/0*)/inject"
}

# self_tests NAME: the crypto API's test of a driver has passed.
self_tests() {
  awk -v driver="$1" '$1 == "driver" { found = $3 == driver } found && $1 == "selftest" { print $3 }' \
    /proc/crypto
}

# swap_on_ramdisk MB: a swap device that is only memory.
swap_on_ramdisk() {
  load brd rd_nr=1 rd_size=$(($1 * 1024)) 
  mkswap /dev/ram0 > /dev/null
  swapon /dev/ram0
}

# zswap_on COMPRESSOR POOL
zswap_on() {
  echo "$1" > /sys/module/zswap/parameters/compressor
  echo "$2" > /sys/module/zswap/parameters/zpool
  echo 1 > /sys/module/zswap/parameters/enabled
  same "zswap's compressor" "$(cat /sys/module/zswap/parameters/compressor)" "$1"
  same "zswap's pool" "$(cat /sys/module/zswap/parameters/zpool)" "$2"
}

# zram_swap MB: zram that compresses by the crypto API's first "lz4", as a swap device.
zram_swap() {
  load zram
  echo lz4 > /sys/block/zram0/comp_algorithm
  echo "$1M" > /sys/block/zram0/disksize
  mkswap /dev/zram0 > /dev/null
  swapon /dev/zram0
}
