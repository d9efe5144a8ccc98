# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=256 seconds=150
# The kernel's own tests of a compressor, which it runs when one is registered.
# shellcheck shell=dash disable=SC2034,SC2148,SC2154
load pagepress
same "self-tests of acomp" "$(self_tests pagepress-lz4-acomp)" passed
same "self-tests of comp" "$(self_tests pagepress-lz4-comp)" passed
at_least "blocks that the engine decompressed for them" "$(stat hw_decompress)" 1
result hw_decompress "$(stat hw_decompress)"
