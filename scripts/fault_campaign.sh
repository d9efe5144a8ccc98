#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Random fault plans through driver and device (docs/faults.md): 1,000 plans of 1,000 pages, and a part
# of them under AddressSanitizer and UndefinedBehaviorSanitizer. Ends with an error for a page that is
# wrong, missing or there twice, for a hang, and for a report of a sanitizer.
#
#   scripts/fault_campaign.sh [PLANS [PLANS_WITH_SANITIZERS]]      default: 1000 200; 0 leaves one out
#
# Limitation: the fast device only; fault_campaign_rtl has the RTL (without sanitizers).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

plans=${1-1000}
sanitized=${2-200}
for number in "$plans" "$sanitized"; do
  if ! [[ $number =~ ^[0-9]+$ ]]; then
    echo "fault_campaign.sh: '$number' is not a number of plans" >&2
    exit 2
  fi
done

# run PRESET PLANS [CMAKE_ARGUMENT...]
run() {
  local preset=$1 count=$2
  if ((count == 0)); then return 0; fi
  cmake --preset "$preset" "${@:3}" > /dev/null
  ninja -C "build/$preset" fault_campaign
  "build/$preset/bin/fault_campaign" --plans "$count" --pages 1000 --seed 1
}

run release "$plans"
run asan "$sanitized" -DPP_SANITIZE=address,undefined
