// SPDX-License-Identifier: Apache-2.0
// The Codec back ends. Choosing among them by name is the experiment's business; the CPU's are
// listed in cpu_codecs.hpp.
//
// Limitation: an engine's is LZ4 only.
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/queue_pair.hpp>

#include <memory>
#include <string>

namespace pagepress {

// "cpu:lz4" at its standard level: liblz4's LZ4_compress_fast (acceleration 1) and
// LZ4_decompress_safe, as make_cpu_codec() of cpu_codecs.hpp has it.
[[nodiscard]] std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c = true);

// An engine behind `queue`. `name` says which ("engine:rtl"). Sources and
// destinations must lie in mappings of `map`: submit() throws
// std::invalid_argument, before it has taken anything, for one that does not; and
// DeviceError (kUnsupported) likewise for an operation that the device lacks.
// poll() throws DeviceError as QueuePair does; after QueuePair::restart() it
// hands out what was outstanding as kAborted. Both must outlive the codec.
[[nodiscard]] std::unique_ptr<Codec> make_engine_codec(std::string name, QueuePair& queue,
                                                       const DmaMap& map);

// CRC32C (Castagnoli, as RFC 3720) of a range: what completions carry.
[[nodiscard]] std::uint32_t crc32c(const void* data, std::size_t len) noexcept;

}  // namespace pagepress
