// SPDX-License-Identifier: Apache-2.0
// Codec: what compresses and decompresses pages, behind one asynchronous, batched interface.
//
// Shape: as rte_compressdev and hisi_zip have it. submit() takes as many of a
// batch as there is room for and says how many; poll() hands back what is done.
// Limitations: units of 4 KiB; one thread a Codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pagepress {

inline constexpr std::size_t kPageSize = 4096;
// No block that decodes to a page is longer.
inline constexpr std::size_t kMaxBlockSize = kPageSize + kPageSize / 255 + 16;

// Status of one page: the values are PP_STATUS_* of rtl/abi, but for the driver's own.
enum class Status : std::uint8_t {
  kOk = 0,
  kSameFilled = 1,
  kIncompressible = 2,
  kMalformed = 3,
  kVerifyFailed = 4,
  kDmaFault = 5,
  kBadDescriptor = 6,
  kAborted = 7,
  kInternal = 8,
  kDeadlineMissed = 64,  // the driver's: Request::deadline_ns passed; nothing was written for good
};
[[nodiscard]] std::string_view to_string(Status status) noexcept;

enum class Operation : std::uint8_t { kCompress, kDecompress };
[[nodiscard]] std::string_view to_string(Operation operation) noexcept;

// One page to compress, or one block to decompress. Source and destination stay
// the caller's and must live until the completion has been polled.
struct Request {
  const void* src = nullptr;   // src_len bytes
  void* dst = nullptr;         // at least `capacity` bytes
  std::uint32_t capacity = 0;  // hard: no byte is written beyond it; above kPageSize: as kPageSize
  std::uint32_t limit = 0;     // compress: longest useful output; 0: PP_LIMIT_DEFAULT
  std::uint64_t tag = 0;       // returned as it is
  Operation operation = Operation::kCompress;
  std::uint32_t src_len = kPageSize;  // decompress: of the block, 1 to kMaxBlockSize
  // kVerifyFailed unless the output holds. Compress: decode it and compare before completing (for
  // engines; a CPU codec takes it as done). Decompress: its CRC32C is `expected_crc32c`.
  bool verify = false;
  std::uint32_t expected_crc32c = 0;  // as the page's compression said
  std::uint64_t deadline_ns = 0;      // of the Clock; 0: none. For engines
};

struct Completion {
  std::uint64_t tag = 0;
  Status status = Status::kInternal;
  std::uint32_t out_len = 0;        // bytes in dst with kOk, else 0
  std::uint32_t crc32c = 0;         // of the page: source of compress, output of decompress
  std::uint64_t info = 0;           // kSameFilled: the 8-byte word; kDmaFault: address
  std::uint32_t engine_cycles = 0;  // 0 for CPU codecs
};

class Codec {
 public:
  virtual ~Codec() = default;
  // "cpu:lz4", "engine:rtl", ...
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // How many requests can be outstanding.
  [[nodiscard]] virtual std::size_t depth() const noexcept = 0;
  // Takes requests in order, from the first; returns how many were taken.
  // Fewer than given means full: poll and try again. Never blocks.
  virtual std::size_t submit(std::span<const Request> requests) = 0;
  // Writes up to done.size() completions; returns how many. Never blocks.
  virtual std::size_t poll(std::span<Completion> done) = 0;
  // Lets others run until poll() may have something, at most for `timeout_ns` of the codec's Clock.
  // Returns at once where poll() is never empty-handed for long: CPU codecs.
  virtual void wait(std::uint64_t timeout_ns) { (void)timeout_ns; }
};

}  // namespace pagepress
