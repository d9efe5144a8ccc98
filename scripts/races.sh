#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the tests that have threads with ThreadSanitizer and runs them: driver, queue, vfio-user
# client, runs in real time. No Verilated code is among them.
#
#   scripts/races.sh [CTEST ARGUMENT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh tsan race_tests
exec ctest --preset tsan -L races "$@"
