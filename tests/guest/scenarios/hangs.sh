# SPDX-License-Identifier: Apache-2.0
# guest: memory=128 seconds=3
# The scenario never ends.
# shellcheck shell=dash disable=SC2148
sleep 1000
