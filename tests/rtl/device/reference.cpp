// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/reference.hpp"

#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/rtl/common/sqe_rules.hpp"

namespace pagepress::bench {
namespace {

// The rules of the contract for a device with our largest unit.
SqeVerdict verdict_of(const pp_sqe& sqe) { return judge(sqe, kLargestUnit, PP_SGE_MAX); }

bool same_filled(std::span<const std::uint8_t> unit, std::uint64_t& word) {
  std::memcpy(&word, unit.data(), sizeof word);
  for (std::size_t i = 0; i < unit.size(); i += sizeof word) {
    if (std::memcmp(&unit[i], &word, sizeof word) != 0) return false;
  }
  return true;
}

// Whether liblz4 accepts `block`, and what it gives.
bool decode(std::span<const std::uint8_t> block, std::size_t capacity,
            std::vector<std::uint8_t>& output) {
  output.assign(std::max<std::size_t>(capacity, 1), 0);
  const int length = LZ4_decompress_safe(
      reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(output.data()),
      static_cast<int>(block.size()), static_cast<int>(capacity));
  output.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return length >= 0;
}

void flip(const Injected& injected, std::vector<std::uint8_t>& data) {
  if (injected.kind != PP_INJECT_FLIP_OUTPUT || injected.argument / 8 >= data.size()) return;
  data[injected.argument / 8] ^= static_cast<std::uint8_t>(1U << injected.argument % 8);
}

}  // namespace

std::uint8_t Reference::bad_field(const pp_sqe& sqe) {
  return static_cast<std::uint8_t>(verdict_of(sqe).detail);
}

Reference::Parsed Reference::parse(std::uint64_t address, std::uint64_t length, bool sgl,
                                   unsigned count) const {
  Parsed parsed;
  if (!sgl) {
    if (length != 0) parsed.buffer.ranges.push_back({address, length});
    return parsed;
  }
  parsed.buffer.list = {address, std::uint64_t{count} * sizeof(pp_sge)};
  std::uint64_t left = length;
  bool bad = false;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint64_t at = address + i * sizeof(pp_sge);
    if (arena_.refused(at, false)) {
      if (parsed.list != List::kRefused) parsed.refused_at = at;
      parsed.list = List::kRefused;
      continue;
    }
    const auto entry = memory_.load<pp_sge>(at);
    bad = bad || entry.reserved != 0;
    const std::uint64_t used = std::min<std::uint64_t>(entry.len, left);
    if (used != 0) parsed.buffer.ranges.push_back({entry.addr, used});
    left -= used;
  }
  if (parsed.list == List::kGood && (bad || left != 0)) parsed.list = List::kBad;
  if (parsed.list != List::kGood) parsed.buffer.ranges.clear();
  return parsed;
}

Buffer Reference::source(const pp_sqe& sqe) const {
  if (!uses_engine(sqe)) return {};
  return parse(sqe.src_addr, sqe.src_len, (sqe.flags & PP_SQE_F_SRC_SGL) != 0, sqe.src_sge_count)
      .buffer;
}

Buffer Reference::destination(const pp_sqe& sqe) const {
  if (!uses_engine(sqe)) return {};
  return parse(sqe.dst_addr, verdict_of(sqe).capacity, (sqe.flags & PP_SQE_F_DST_SGL) != 0,
               sqe.dst_sge_count)
      .buffer;
}

std::vector<std::uint8_t> Reference::gather(const std::vector<Range>& ranges,
                                            std::size_t length) const {
  std::vector<std::uint8_t> bytes(length);
  std::size_t done = 0;
  for (const Range& range : ranges) {
    const std::size_t count = std::min<std::size_t>(range.length, length - done);
    memory_.read(range.address, std::span(bytes).subspan(done, count));
    done += count;
  }
  return bytes;
}

bool Reference::first_refused(const std::vector<Range>& ranges, std::size_t length, bool is_write,
                              std::uint64_t& address) const {
  std::size_t done = 0;
  for (const Range& range : ranges) {
    const std::size_t count = std::min<std::size_t>(range.length, length - done);
    for (std::size_t i = 0; i < count;) {
      if (arena_.refused(range.address + i, is_write)) {
        address = range.address + i;
        return true;
      }
      i += Memory::kPage - (range.address + i) % Memory::kPage;
    }
    done += count;
  }
  return false;
}

void Reference::work(const pp_sqe& sqe, const std::vector<std::uint8_t>& source,
                     const Injected& injected, Outcome& outcome) const {
  const SqeVerdict verdict = verdict_of(sqe);
  if (sqe.opcode == PP_OP_DECOMPRESS) {
    if (!decode(source, verdict.capacity, outcome.data)) {
      outcome.status = PP_STATUS_MALFORMED;
      return;
    }
    flip(injected, outcome.data);
    outcome.crc32c = model::crc32c(outcome.data);
    if ((sqe.flags & PP_SQE_F_EXPECT_CRC) != 0 && outcome.crc32c != sqe.expected_crc32c) {
      outcome.status = PP_STATUS_VERIFY_FAILED;
      outcome.data.clear();
    }
    return;
  }
  outcome.crc32c = model::crc32c(source);
  std::uint64_t word = 0;
  if (sqe.opcode == PP_OP_COPY) {
    outcome.data = source;
    flip(injected, outcome.data);
    return;
  }
  outcome.writes_nothing = true;
  if (same_filled(source, word)) {
    outcome.status = PP_STATUS_SAME_FILLED;
    outcome.info = word;
    return;
  }
  if (sqe.opcode == PP_OP_FILL_CHECK) return;
  model::EngineResult result = model::compress_unit(source, verdict.limit);
  if (result.status == model::EngineStatus::kIncompressible) {
    outcome.status = PP_STATUS_INCOMPRESSIBLE;
    if (!verdict.raw) return;
    outcome.raw = true;
    outcome.writes_nothing = false;
    outcome.data = source;
    flip(injected, outcome.data);
    return;
  }
  outcome.writes_nothing = false;
  outcome.data = std::move(result.data);
  flip(injected, outcome.data);
  if (sqe.opcode != PP_OP_COMPRESS_VERIFY) return;
  std::vector<std::uint8_t> decoded;
  if (!decode(outcome.data, source.size(), decoded) || decoded != source) {
    outcome.status = PP_STATUS_VERIFY_FAILED;
    outcome.engine_error = true;
    outcome.data.clear();
  }
}

Outcome Reference::expect(const pp_sqe& sqe, const Injected& injected) const {
  Outcome outcome;
  if (const std::uint8_t bad = bad_field(sqe); bad != 0) {
    outcome.status = PP_STATUS_BAD_DESCRIPTOR;
    outcome.detail = bad;
    outcome.writes_nothing = true;
    return outcome;
  }
  outcome.writes_nothing = sqe.opcode == PP_OP_NOP;
  if (outcome.writes_nothing) return outcome;
  outcome.bytes_in = sqe.src_len;

  const Parsed source =
      parse(sqe.src_addr, sqe.src_len, (sqe.flags & PP_SQE_F_SRC_SGL) != 0, sqe.src_sge_count);
  const Parsed destination = parse(sqe.dst_addr, verdict_of(sqe).capacity,
                                   (sqe.flags & PP_SQE_F_DST_SGL) != 0, sqe.dst_sge_count);
  const Parsed& list = source.list != List::kGood ? source : destination;
  std::uint64_t refused_at = 0;
  if (list.list == List::kBad) {
    outcome.status = PP_STATUS_BAD_DESCRIPTOR;
    outcome.detail = PP_BAD_SGL;
    outcome.writes_nothing = true;
  } else if (list.list == List::kRefused) {
    outcome.status = PP_STATUS_DMA_FAULT;
    outcome.detail = PP_FAULT_READ;
    outcome.info = list.refused_at;
    outcome.list_fault = true;
  } else if (first_refused(source.buffer.ranges, sqe.src_len, false, refused_at) ||
             injected.kind == PP_INJECT_DMA_READ) {
    outcome.status = PP_STATUS_DMA_FAULT;
    outcome.detail = PP_FAULT_READ;
    outcome.info = refused_at;
    if (!first_refused(source.buffer.ranges, sqe.src_len, false, refused_at)) {
      outcome.info = sqe.src_addr;
    }
  } else {
    outcome.by_engine = true;
    work(sqe, gather(source.buffer.ranges, sqe.src_len), injected, outcome);
    const std::uint64_t length = outcome.data.size();
    const bool refused = first_refused(destination.buffer.ranges, length, true, refused_at);
    if (refused || (injected.kind == PP_INJECT_DMA_WRITE && length != 0)) {
      const std::uint32_t bytes_in = outcome.bytes_in;
      outcome = {};
      outcome.bytes_in = bytes_in;
      outcome.status = PP_STATUS_DMA_FAULT;
      outcome.detail = PP_FAULT_WRITE;
      outcome.info = refused ? refused_at : sqe.dst_addr;
    }
  }
  if (injected.kind == PP_INJECT_BAD_COMPLETION) {
    outcome.status = static_cast<std::uint8_t>(injected.argument);
  }
  return outcome;
}

}  // namespace pagepress::bench
