// SPDX-License-Identifier: Apache-2.0
// The Codec back ends and the table they are made from by name.
//
// Limitations: LZ4 only; names are plain, without "@" options yet.
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/queue_pair.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress {

// "cpu:lz4": liblz4's LZ4_compress_fast (acceleration 1) in submit(), with the
// engine's same-filled test, CRC32C and limits, so that completions compare.
// Depth 1: a page is done before the next is taken, as a kernel thread does it.
// `with_crc32c` false leaves Completion::crc32c 0 (the kernel's zram and zswap
// compute none): for measuring what compression alone costs.
// With any status but kOk, the bytes at dst within capacity are undefined.
[[nodiscard]] std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c = true);

// An engine behind `queue`. `name` says which ("engine:rtl"). Sources and
// destinations must lie in mappings of `map`: submit() throws
// std::invalid_argument, before it has taken anything, for one that does not.
// poll() throws DeviceError as QueuePair does; after QueuePair::restart() it
// hands out what was outstanding as kAborted. Both must outlive the codec.
[[nodiscard]] std::unique_ptr<Codec> make_engine_codec(std::string name, QueuePair& queue,
                                                       const DmaMap& map);

// Back ends by name. The CPU ones are there from the start; whoever has a
// device adds its engine.
class CodecRegistry {
 public:
  using Factory = std::function<std::unique_ptr<Codec>()>;

  CodecRegistry();
  // Throws std::invalid_argument if the name is taken.
  void add(std::string name, std::string summary, Factory factory);
  // Throws std::invalid_argument that lists what exists, if `name` does not.
  [[nodiscard]] std::unique_ptr<Codec> make(std::string_view name) const;
  // As make(), without making one: to refuse a bad name before work starts.
  void require(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::string_view summary(std::string_view name) const;

 private:
  struct Entry {
    std::string summary;
    Factory factory;
  };
  [[nodiscard]] const Entry& find(std::string_view name) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

// CRC32C (Castagnoli, as RFC 3720) of a range: what completions carry.
[[nodiscard]] std::uint32_t crc32c(const void* data, std::size_t len) noexcept;

}  // namespace pagepress
