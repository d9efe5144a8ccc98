// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/recording.hpp"

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "model/codec/crc32c.hpp"
#include "model/device/ticks.hpp"

namespace pagepress::emulator {
namespace {

// No record is longer: a message, or a DMA.
constexpr std::size_t kMostBytes = kMaxMessage + sizeof(RequestBody);

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

std::span<const std::uint8_t> octets(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// Of a header whose crc32c is not set yet, and its payload.
std::uint32_t checksum(RecordHeader header, std::span<const std::byte> payload) {
  header.crc32c = model::crc32c(octets(payload));
  return model::crc32c(octets(bytes_of(header)));
}

}  // namespace

// ---- Writing -----------------------------------------------------------------------------------

RecordWriter::RecordWriter(std::string path, std::string_view setup)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::trunc) {
  const FileHeader header{kRecordingMagic, kRecordingVersion, 0};
  file_.write(reinterpret_cast<const char*>(&header), sizeof header);
  write(RecordKind::kSetup, std::as_bytes(std::span(setup)), {});
  flush();
}

void RecordWriter::request(const Message& message) {
  const RequestBody body{message.header, message.too_many_fds ? 1u : 0u};
  write(RecordKind::kRequest, bytes_of(body), message.payload);
}

void RecordWriter::doorbell(std::uint64_t offset, std::uint32_t value) {
  write(RecordKind::kDoorbell, bytes_of(DoorbellBody{offset, value, 0}), {});
}

void RecordWriter::dma(bool read, std::uint64_t address, std::span<const std::byte> data, bool ok) {
  const DmaBody body{address, static_cast<std::uint32_t>(data.size()), ok ? 1u : 0u};
  write(read ? RecordKind::kDmaRead : RecordKind::kDmaWrite, bytes_of(body),
        read && ok ? data : std::span<const std::byte>{});
}

void RecordWriter::end() {
  write(RecordKind::kEnd, {}, {});
  flush();
}

void RecordWriter::flush() {
  if (!file_.flush())
    throw std::runtime_error(fmt::format("{}: cannot write the recording", path_));
}

void RecordWriter::write(RecordKind kind, std::span<const std::byte> head,
                         std::span<const std::byte> data) {
  std::vector<std::byte> payload(head.begin(), head.end());
  payload.insert(payload.end(), data.begin(), data.end());
  RecordHeader header{.time_ps = model::ticks_to_ps(model::now_ticks()),
                      .kind = static_cast<std::uint32_t>(kind),
                      .bytes = static_cast<std::uint32_t>(payload.size()),
                      .crc32c = 0,
                      .reserved = 0};
  header.crc32c = checksum(header, payload);
  file_.write(reinterpret_cast<const char*>(&header), sizeof header);
  file_.write(reinterpret_cast<const char*>(payload.data()),
              static_cast<std::streamsize>(payload.size()));
}

// ---- Reading -----------------------------------------------------------------------------------

RecordReader::RecordReader(std::string path, bool torn_too)
    : path_(std::move(path)), file_(path_, std::ios::binary), torn_too_(torn_too) {
  if (!file_ || std::filesystem::is_directory(path_)) {
    throw std::runtime_error(fmt::format("{}: cannot read the recording", path_));
  }
  FileHeader header{};
  if (!read(&header, sizeof header) || header.magic != kRecordingMagic) {
    throw std::runtime_error(fmt::format("{}: is no recording", path_));
  }
  if (header.version != kRecordingVersion) {
    throw std::runtime_error(fmt::format("{}: a recording of version {}; this program reads {}",
                                         path_, header.version, kRecordingVersion));
  }
  at_ = sizeof header;
}

std::optional<Record> RecordReader::next() {
  if (ended_) return std::nullopt;
  RecordHeader header{};
  if (!read(&header, sizeof header)) return end_here();
  if (header.bytes > kMostBytes) fail(fmt::format("a record of {} bytes", header.bytes));
  Record record{.kind = static_cast<RecordKind>(header.kind),
                .time_ps = header.time_ps,
                .payload = std::vector<std::byte>(header.bytes)};
  if (!read(record.payload.data(), header.bytes)) return end_here();
  const std::uint32_t expected = std::exchange(header.crc32c, 0);
  if (checksum(header, record.payload) != expected) fail("a record's checksum does not hold");
  at_ += sizeof header + header.bytes;
  ended_ = record.kind == RecordKind::kEnd;
  if (ended_ && file_.peek() != std::ifstream::traits_type::eof())
    fail("something follows its end");
  return record;
}

bool RecordReader::read(void* to, std::size_t bytes) {
  file_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
  return static_cast<std::size_t>(file_.gcount()) == bytes;
}

std::optional<Record> RecordReader::end_here() {
  ended_ = torn_ = true;
  if (torn_too_) return std::nullopt;
  throw std::runtime_error(
      fmt::format("{}: torn: it ends after {} bytes of whole records, and its end is missing (the "
                  "server was killed, or the disk was full)",
                  path_, at_));
}

void RecordReader::fail(const std::string& what) const {
  throw std::runtime_error(fmt::format("{}: damaged at byte {}: {}", path_, at_, what));
}

}  // namespace pagepress::emulator
