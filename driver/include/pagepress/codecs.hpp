// SPDX-License-Identifier: Apache-2.0
// The Codec back ends. Choosing among them by name is the experiment's business; the CPU's are
// listed in cpu_codecs.hpp.
//
// Limitation: an engine's is LZ4 only.
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/engine_codec.hpp>
#include <pagepress/reliable_codec.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace pagepress {

// "cpu:lz4" at its standard level: liblz4's LZ4_compress_fast (acceleration 1) and
// LZ4_decompress_safe, as make_cpu_codec() of cpu_codecs.hpp has it.
[[nodiscard]] std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c = true);

// CRC32C (Castagnoli, as RFC 3720) of a range: what completions carry.
[[nodiscard]] std::uint32_t crc32c(const void* data, std::size_t len) noexcept;

// The 8-byte word that fills a page, if one does: what Status::kSameFilled is about.
[[nodiscard]] std::optional<std::uint64_t> fill_word(const void* page) noexcept;

}  // namespace pagepress
