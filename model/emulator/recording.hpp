// SPDX-License-Identifier: Apache-2.0
// A recording: everything that came to a served device from outside, in order, with its simulated
// time; enough to run the device again without any client (replay.hpp).
//
// The file: a FileHeader, then records: a RecordHeader and its payload. The first is kSetup, the
// last kEnd; a file without it is torn. Integers have the host's byte order (little-endian).
//
//   kSetup     text of whoever records: how the device was made
//   kClientCame
//   kRequest   a client's message, when it is answered: RequestBody, the message's payload. Its
//   file
//              descriptors are not there: what the device read through them is (kDmaRead)
//   kDoorbell  DoorbellBody: a mapped doorbell was found written
//   kDmaRead   DmaBody, and with ok the data that the device read
//   kDmaWrite  DmaBody
//   kClientGone, kEnd
//
// Limitation: a file is for a machine of the same byte order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/emulator/protocol.hpp"
#include "model/emulator/transport.hpp"

namespace pagepress::emulator {

inline constexpr std::array<char, 8> kRecordingMagic{'p', 'a', 'g', 'e', 'r', 'e', 'c', '\n'};
inline constexpr std::uint32_t kRecordingVersion = 1;

enum class RecordKind : std::uint32_t {
  kSetup = 1,
  kClientCame,
  kRequest,
  kDoorbell,
  kDmaRead,
  kDmaWrite,
  kClientGone,
  kEnd,
};

struct FileHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t reserved;  // 0
};
static_assert(sizeof(FileHeader) == 16);

struct RecordHeader {
  std::uint64_t time_ps;  // simulated
  std::uint32_t kind;
  std::uint32_t bytes;     // of the payload
  std::uint32_t crc32c;    // of this header with the payload's CRC32C in this place
  std::uint32_t reserved;  // 0
};
static_assert(sizeof(RecordHeader) == 24);

struct RequestBody {
  Header header;
  std::uint32_t too_many_fds;
};
static_assert(sizeof(RequestBody) == 20);

struct DoorbellBody {
  std::uint64_t offset;  // in BAR 0
  std::uint32_t value;
  std::uint32_t reserved;
};
static_assert(sizeof(DoorbellBody) == 16);

struct DmaBody {
  std::uint64_t address;
  std::uint32_t bytes;
  std::uint32_t ok;
};
static_assert(sizeof(DmaBody) == 16);

struct Record {
  RecordKind kind = RecordKind::kEnd;
  std::uint64_t time_ps = 0;
  std::vector<std::byte> payload;
};

class RecordWriter {
 public:
  // Begins the file. Throws std::runtime_error, as end() and flush() do: it cannot be written.
  RecordWriter(std::string path, std::string_view setup);

  void client_came() { write(RecordKind::kClientCame, {}, {}); }
  void request(const Message& message);
  void doorbell(std::uint64_t offset, std::uint32_t value);
  // With `ok` and `read`, `data` is what was read; else only its length counts.
  void dma(bool read, std::uint64_t address, std::span<const std::byte> data, bool ok);
  void client_gone() { write(RecordKind::kClientGone, {}, {}); }
  // The last record.
  void end();
  // What was written so far is in the file, should this process die.
  void flush();

 private:
  void write(RecordKind kind, std::span<const std::byte> head, std::span<const std::byte> data);

  std::string path_;
  std::ofstream file_;
};

class RecordReader {
 public:
  // Throws std::runtime_error, as next(): the file cannot be read, is no recording, of another
  // version, damaged or torn. With `torn_too` a torn file has its last whole record as its last.
  RecordReader(std::string path, bool torn_too);

  // The next record; none after the last.
  [[nodiscard]] std::optional<Record> next();
  // After the last: the file goes on no further than that, and has no kEnd.
  [[nodiscard]] bool torn() const noexcept { return torn_; }

 private:
  [[nodiscard]] bool read(void* to, std::size_t bytes);
  [[nodiscard]] std::optional<Record> end_here();
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  std::ifstream file_;
  bool torn_too_;
  std::uint64_t at_ = 0;  // bytes that whole records have taken
  bool ended_ = false;
  bool torn_ = false;
};

}  // namespace pagepress::emulator
