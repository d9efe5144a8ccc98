// SPDX-License-Identifier: Apache-2.0
// Verification of one page: what a back end answered against its source, both ways.
// The library of its format decodes, the reference CRC32C of model/codec checks the sum, the
// page itself is looked at for a word. Nothing of an engine under test is used.
// Limitations: a CPU back end's blocks are decoded by the library that made them.
// "incompressible" cannot be refuted, only its CRC32C be checked. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <pagepress/codec.hpp>
#include <pagepress/cpu_codecs.hpp>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim {

class Verifier {
 public:
  enum class Crc : std::uint8_t { kChecked, kNone };  // kNone: the codecs were told to make none

  // `make_decoder`: of the format (Backend::make_decoder); none: LZ4.
  Verifier(const std::function<std::unique_ptr<BlockCodec>()>& make_decoder,
           std::uint32_t limit_bytes, Crc crc = Crc::kChecked);

  // Why the answer to a compression does not give the page back; empty: it does.
  [[nodiscard]] std::string stored(PageView page, const Completion& completion,
                                   std::span<const std::byte> out) const;
  // The same for a block that was decompressed: `out` must be the page, its CRC32C right.
  [[nodiscard]] std::string loaded(PageView page, const Completion& completion,
                                   std::span<const std::byte> out) const;

 private:
  [[nodiscard]] std::string check_block(PageView page, std::span<const std::byte> out) const;
  [[nodiscard]] std::string check_crc(PageView page, std::uint32_t found) const;

  std::unique_ptr<BlockCodec> decoder_;
  std::uint32_t limit_bytes_;
  Crc crc_;
};

}  // namespace pagepress::sim
