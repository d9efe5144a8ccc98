# SPDX-License-Identifier: GPL-2.0-only
# What a load costs the guest's CPU, task by task: busybox sh, sourced, after lib.sh.
#
# In a guest with icount=0 its clock counts instructions, a nanosecond each, so that every CPU time
# that the kernel tells is a number of instructions. Limitation: one CPU; an interrupt counts for
# the task that it interrupts, or for "rest" if the CPU was idle.
# shellcheck shell=dash disable=SC2154

# busy_ns: CPU time so far that was not idle. (/proc/stat has it in ticks of 10 ms.)
busy_ns() {
  awk '/^now at/ { now = $3 } /idle_sleeptime/ { idle += $3 } END { printf "%.0f\n", now - idle }' \
    /proc/timer_list
}

# task_ns NAME...: CPU time so far of the tasks of these names.
task_ns() {
  for task_pid in $(pidof "$@"); do
    cut -d' ' -f1 "/proc/$task_pid/schedstat"
  done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# stalls: direct reclaims so far.
stalls() {
  awk '/^allocstall_/ { sum += $2 } END { print sum }' /proc/vmstat
}

# pages_written: pages that were swapped out so far, to a device or to zswap.
pages_written() {
  awk '$1 == "pswpout" || $1 == "zswpout" { sum += $2 } END { print sum }' /proc/vmstat
}

# cost NAME PROGRAM...: runs it (it prints "N ns of CPU" of its own), then the results
# NAME_pages, NAME_instructions_... and NAME_pgsteal_..., NAME_allocstalls.
# Leaves in $cost_pages and $cost_page: pages written, instructions a page of the whole machine.
cost() {
  cost_name=$1
  shift
  cost_busy=$(busy_ns) cost_pages=$(pages_written) cost_stalls=$(stalls)
  cost_kswapd=$(task_ns kswapd0) cost_kcompressd=$(task_ns kcompressd kcompressd0)
  cost_steal_kswapd=$(vmstat pgsteal_kswapd) cost_steal_direct=$(vmstat pgsteal_direct)
  "$@" > /tmp/cost || fail "$cost_name: $* has failed: $(cat /tmp/cost)"
  cat /tmp/cost
  cost_busy=$(($(busy_ns) - cost_busy)) cost_pages=$(($(pages_written) - cost_pages))
  cost_kswapd=$(($(task_ns kswapd0) - cost_kswapd))
  cost_kcompressd=$(($(task_ns kcompressd kcompressd0) - cost_kcompressd))
  cost_program=$(sed -n 's/.* \([0-9]*\) ns of CPU.*/\1/p' /tmp/cost)
  at_least "pages of $cost_name" $cost_pages 4096
  cost_page=$((cost_busy / cost_pages))
  result "${cost_name}_pages" $cost_pages
  result "${cost_name}_instructions" $cost_busy
  result "${cost_name}_instructions_a_page" $cost_page
  result "${cost_name}_kswapd_a_page" $((cost_kswapd / cost_pages))
  result "${cost_name}_kcompressd_a_page" $((cost_kcompressd / cost_pages))
  result "${cost_name}_program_a_page" $((cost_program / cost_pages))
  result "${cost_name}_rest_a_page" \
    $(((cost_busy - cost_kswapd - cost_kcompressd - cost_program) / cost_pages))
  result "${cost_name}_pages_a_giga" $((1000000000 / cost_page))
  result "${cost_name}_pgsteal_kswapd" $(($(vmstat pgsteal_kswapd) - cost_steal_kswapd))
  result "${cost_name}_pgsteal_direct" $(($(vmstat pgsteal_direct) - cost_steal_direct))
  result "${cost_name}_allocstalls" $(($(stalls) - cost_stalls))
}

# cheaper NAME OTHER PERCENT: a page of OTHER takes so many percent of NAME's instructions, or more.
cheaper() {
  eval "of_one=\$page_$1 of_other=\$page_$2"
  at_least "instructions a page of $2, in hundredths of $1's" $((of_other * 100 / of_one)) "$3"
}

# in_rounds N "WAY..." COMMAND CHECK: COMMAND for each way, and then CHECK, N times, beginning with
# another way each time. $suffix goes behind the names of results.
in_rounds() {
  ways=$2
  for round in $(seq "$1"); do
    echo "=== round $round"
    suffix=
    [ "$1" = 1 ] || suffix=_$round
    for way in $ways; do
      "$3" "$way"
    done
    "$4"
    ways="${ways#* } ${ways%% *}"
  done
}
