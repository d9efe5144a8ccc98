// SPDX-License-Identifier: Apache-2.0
// Verification of one page: what a back end answered against its source, both ways.
// liblz4 decodes, the reference CRC32C of model/codec checks the sum, the page itself
// is looked at for a word. Nothing of an engine under test is used.
// Limitations: cpu:lz4 is decoded by the library that compressed it. "incompressible"
// cannot be refuted, only its CRC32C be checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <pagepress/codec.hpp>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim {

// Why the answer does not give the page back; empty: it does.
[[nodiscard]] std::string verify(PageView page, const Completion& completion,
                                 std::span<const std::byte> out, std::uint32_t limit_bytes);

// The same for a block that was decompressed: `out` must be the page, its CRC32C right.
[[nodiscard]] std::string verify_decompressed(PageView page, const Completion& completion,
                                              std::span<const std::byte> out);

}  // namespace pagepress::sim
