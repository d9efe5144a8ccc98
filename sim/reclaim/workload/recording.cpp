// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/recording.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include <pagepress/codecs.hpp>

#include "sim/pagefile/file_error.hpp"

namespace pagepress::reclaim {
namespace {

using Path = std::filesystem::path;
using nlohmann::json;

constexpr std::string_view kMagic = "PPRECRD1";
constexpr std::size_t kWordBytes = 4;
constexpr std::size_t kLongestVarint = 10;
constexpr std::uint64_t kLongestUs = 366ULL * 24 * 3600 * 1'000'000;

std::uint32_t crc_of(std::string_view bytes) { return crc32c(bytes.data(), bytes.size()); }

void put_word(std::string& out, std::uint32_t word) {
  for (std::size_t i = 0; i < kWordBytes; ++i) out += static_cast<char>(word >> 8 * i & 0xff);
}

void put_varint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

void put_set(std::string& out, const PageSet& set) {
  put_varint(out, set.size());
  std::uint32_t at = 0;
  for (const PageRun& run : set) {
    put_varint(out, run.first - at);
    put_varint(out, run.count);
    at = run.first + run.count;
  }
}

// Takes a file apart; its CRC is right, but it may still be no recording of ours.
class Decoder {
 public:
  Decoder(const Path& name, std::string_view bytes) : name_(name), rest_(bytes) {}

  [[noreturn]] void refuse(std::string_view why) const {
    throw sim::FileError(name_, std::string(why));
  }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) refuse("a torn recording");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint32_t word() {
    std::uint32_t word = 0;
    const std::string_view bytes = take(kWordBytes);
    for (std::size_t i = 0; i < kWordBytes; ++i) {
      word |= std::uint32_t{static_cast<std::uint8_t>(bytes[i])} << 8 * i;
    }
    return word;
  }
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kLongestVarint; ++i) {
      const auto byte = static_cast<std::uint8_t>(take(1).front());
      number |= std::uint64_t{byte & 0x7fu} << 7 * i;
      if (byte < 0x80) return number;
    }
    refuse("a damaged recording: a number without an end");
  }
  PageSet set(std::uint32_t pages) {
    const std::uint64_t runs = varint();
    if (runs > rest_.size()) refuse("a damaged recording: more runs than bytes");
    PageSet set;
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < runs; ++i) {
      const std::uint64_t gap = varint();
      const std::uint64_t count = varint();
      if (gap > pages || count > pages || count == 0 || at + gap + count > pages) {
        refuse("a damaged recording: a page that it does not have");
      }
      set.push_back({static_cast<std::uint32_t>(at + gap), static_cast<std::uint32_t>(count)});
      at += gap + count;
    }
    return set;
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  const Path& name_;
  std::string_view rest_;
};

}  // namespace

PageSet to_runs(const std::vector<std::uint32_t>& pages) {
  PageSet set;
  for (const std::uint32_t page : pages) {
    if (!set.empty() && set.back().first + set.back().count == page) {
      ++set.back().count;
    } else {
      set.push_back({page, 1});
    }
  }
  return set;
}

std::uint64_t page_count(const PageSet& set) {
  std::uint64_t count = 0;
  for (const PageRun& run : set) count += run.count;
  return count;
}

std::string encode(const Recording& recording) {
  json header = recording.header;
  header["pages"] = recording.pages;
  header["intervals"] = recording.intervals.size();
  // Names of commands need not be UTF-8.
  const std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out(kMagic);
  put_word(out, static_cast<std::uint32_t>(text.size()));
  out += text;
  std::uint64_t before = 0;
  for (const RecordedInterval& interval : recording.intervals) {
    put_varint(out, interval.end_us - std::exchange(before, interval.end_us));
    for (const PageSet* set : {&interval.touched, &interval.written, &interval.gone}) {
      put_set(out, *set);
    }
  }
  put_word(out, crc_of(out));
  return out;
}

Recording decode(const Path& name, std::string_view bytes) {
  Decoder whole(name, bytes);
  if (!bytes.starts_with(kMagic.substr(0, kMagic.size() - 1))) {
    whole.refuse("no recording of 'pagepress record'");
  }
  if (!bytes.starts_with(kMagic)) whole.refuse("a recording of another version of pagepress");
  if (bytes.size() < kMagic.size() + 2 * kWordBytes) whole.refuse("a torn recording");
  const std::string_view body = whole.take(bytes.size() - kWordBytes);
  if (whole.word() != crc_of(body)) whole.refuse("a torn or damaged recording (its CRC is wrong)");
  Decoder decoder(name, body);
  (void)decoder.take(kMagic.size());
  Recording recording;
  recording.header = json::parse(decoder.take(decoder.word()), nullptr, false);
  const json& header = recording.header;
  if (!header.is_object() || !header.value("pages", json()).is_number_unsigned() ||
      !header.value("intervals", json()).is_number_unsigned() ||
      header["pages"].get<std::uint64_t>() > UINT32_MAX) {
    decoder.refuse("a damaged recording: its header lacks pages and intervals");
  }
  recording.pages = header["pages"].get<std::uint32_t>();
  std::uint64_t end_us = 0;
  while (!decoder.done()) {
    RecordedInterval& interval = recording.intervals.emplace_back();
    const std::uint64_t passed_us = decoder.varint();
    if (passed_us > kLongestUs - end_us) decoder.refuse("a damaged recording: longer than a year");
    interval.end_us = end_us += passed_us;
    for (PageSet* set : {&interval.touched, &interval.written, &interval.gone}) {
      *set = decoder.set(recording.pages);
    }
  }
  if (recording.intervals.size() != header["intervals"].get<std::uint64_t>()) {
    decoder.refuse("a damaged recording: its header has another number of intervals");
  }
  return recording;
}

std::uint32_t contents_crc32c(std::span<const std::uint32_t> page_crcs) {
  std::string words;
  for (const std::uint32_t crc : page_crcs) put_word(words, crc);
  return crc_of(words);
}

Recording read_recording(const Path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {
    throw sim::FileError(file, "cannot read the recording");
  }
  std::string bytes(kMagic.size(), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  // What is no recording may have no end.
  if (bytes.starts_with(kMagic)) bytes.append(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) throw sim::FileError(file, "cannot read the recording");
  return decode(file, bytes);
}

}  // namespace pagepress::reclaim
