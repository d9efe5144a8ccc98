# SPDX-License-Identifier: Apache-2.0
# guest: memory=128 seconds=60
# The kernel follows a null pointer, and panics for it.
# shellcheck shell=dash disable=SC2148
echo c > /proc/sysrq-trigger
