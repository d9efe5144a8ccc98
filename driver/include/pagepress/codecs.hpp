// SPDX-License-Identifier: Apache-2.0
// The Codec back ends. Choosing among them by name is the experiment's business.
//
// Limitation: LZ4 only.
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/engine_codec.hpp>
#include <pagepress/reliable_codec.hpp>

#include <memory>

namespace pagepress {

// "cpu:lz4": liblz4's LZ4_compress_fast (acceleration 1) and LZ4_decompress_safe
// in submit(), with the engine's same-filled test, CRC32C and limits, so that
// completions compare. Depth 1: a page is done before the next is taken, as a kernel thread does
// it. `with_crc32c` false leaves Completion::crc32c 0 (the kernel's zram and zswap compute none):
// for measuring what liblz4 alone costs. With any status but kOk, the bytes at dst within capacity
// are undefined.
[[nodiscard]] std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c = true);

// CRC32C (Castagnoli, as RFC 3720) of a range: what completions carry.
[[nodiscard]] std::uint32_t crc32c(const void* data, std::size_t len) noexcept;

}  // namespace pagepress
