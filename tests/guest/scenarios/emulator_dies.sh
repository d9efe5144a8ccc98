# SPDX-License-Identifier: Apache-2.0
# guest: memory=128 seconds=60
# Passes, while the test kills the emulator.
# shellcheck shell=dash disable=SC2148,SC2154
load pagepress
echo "=== waiting, $given"
sleep 2
