// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/generator.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <cstring>

#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/device/reference.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint32_t kUnit = kLargestUnit;

void add(std::vector<std::vector<std::uint8_t>>& to, const std::vector<test::NamedPage>& pages,
         unsigned every) {
  for (std::size_t i = 0; i < pages.size(); i += every) {
    to.emplace_back(pages[i].bytes.begin(), pages[i].bytes.end());
  }
}

}  // namespace

Generator::Generator(Memory& memory, Arena& arena, std::uint64_t seed)
    : memory_(memory), arena_(arena), random_(seed), tag_(random_.bits()) {
  add(plain_, test::text_pages(seed + 1, 40), 1);
  add(plain_, test::pointer_pages(seed + 2, 60), 1);
  pool_ = plain_;
  add(pool_, test::random_pages(seed + 3, 24), 1);
  add(pool_, test::same_filled_pages(), 1);
  add(pool_, test::periodic_pages(), 3);
  add(pool_, test::adversarial_pages(seed + 4), 3);
  std::erase_if(plain_, [](const std::vector<std::uint8_t>& bytes) {
    return model::compress_unit(bytes, PP_LIMIT_DEFAULT).status != model::EngineStatus::kOk;
  });
}

// ---- Layout

void Generator::store(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t count =
        std::min<std::size_t>(bytes.size(), Memory::kPage - address % Memory::kPage);
    if (memory_.mapped(address)) memory_.write(address, bytes.first(count));
    bytes = bytes.subspan(count);
    address += count;
  }
}

// Where `length` bytes fit into a slot of their own.
std::uint64_t Generator::position(std::uint64_t length, const Mix& mix, Submission& submission) {
  const bool faulty = !problem_ && random_.percent(mix.faulty);
  problem_ = problem_ || faulty;
  submission.slots.push_back(arena_.take(faulty));
  const std::uint64_t slack = arena_.slot_bytes() - length;
  std::uint64_t offset = 0;
  if (random_.percent(mix.unaligned)) {
    offset = random_.below(slack + 1);
  } else if (random_.percent(50)) {
    offset = random_.below(slack / 64 + 1) * 64;
  } else {
    offset = random_.below(slack / Memory::kPage + 1) * Memory::kPage;
  }
  return submission.slots.back() + offset;
}

Generator::Place Generator::list(const std::vector<pp_sge>& entries, const Mix& mix,
                                 Submission& submission) {
  const std::uint64_t length = entries.size() * sizeof(pp_sge);
  Mix aligned = mix;
  aligned.unaligned = 0;
  std::uint64_t at = position(length + Memory::kPage, aligned, submission);
  // Half of them at the end of a page, or across it.
  if (random_.percent(50)) at = at / Memory::kPage * Memory::kPage + Memory::kPage - 64;
  at += random_.below(8) * sizeof(pp_sge);
  store(at, {reinterpret_cast<const std::uint8_t*>(entries.data()), length});
  return {at, static_cast<unsigned>(entries.size())};
}

// Room for `length` bytes, of which `bytes` are laid down.
Generator::Place Generator::place(std::span<const std::uint8_t> bytes, std::uint64_t length,
                                  bool sgl, bool bad_list, const Mix& mix, Submission& submission) {
  if (!sgl) {
    // Room for whatever a spoilt length may become.
    const std::uint64_t at =
        position(std::max<std::uint64_t>(length, kLargestBlock), mix, submission);
    store(at, bytes);
    return {at, 0};
  }
  const std::uint64_t count = random_.between(1, PP_SGE_MAX);
  std::vector<pp_sge> entries(count);
  const std::uint64_t base = position(arena_.slot_bytes(), mix, submission);
  std::uint64_t slack = arena_.slot_bytes() - length;
  std::uint64_t at = 0;
  std::uint64_t left = length;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t gap = random_.below(slack / (count - i) + 1);
    slack -= gap;
    at += gap;
    if (!random_.percent(mix.unaligned)) {
      const std::uint64_t more = std::min(slack, (64 - at % 64) % 64);
      slack -= more;
      at += more;
    }
    std::uint64_t part = i + 1 == count ? left : random_.below(left + 1);
    if (i + 1 != count && random_.percent(20))
      part = random_.below(std::min<std::uint64_t>(left, 40) + 1);
    entries[i].addr = part == 0 ? random_.bits() : base + at;
    entries[i].len = static_cast<std::uint32_t>(part);
    if (!bytes.empty()) store(base + at, bytes.subspan(length - left, part));
    at += part;
    left -= part;
  }
  // More than is needed does no harm.
  if (random_.percent(15))
    entries.back().len += static_cast<std::uint32_t>(random_.below(1U << 30));
  if (bad_list) {
    pp_sge& victim = entries[random_.below(count)];
    if (random_.percent(50) || entries.back().len == 0 || length == 0) {
      victim.reserved = static_cast<std::uint32_t>(1U << random_.below(32));
    } else {
      for (pp_sge& entry : entries) {
        entry.len =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(entry.len, length - 1) / count);
      }
    }
  }
  return list(entries, mix, submission);
}

void Generator::set_source(Submission& submission, std::span<const std::uint8_t> bytes,
                           const Mix& mix) {
  pp_sqe& sqe = submission.sqe;
  const bool sgl = random_.percent(mix.sgl);
  const bool bad = sgl && !problem_ && random_.percent(mix.bad_list);
  problem_ = problem_ || bad;
  const Place at = place(bytes, bytes.size(), sgl, bad, mix, submission);
  sqe.src_addr = at.address;
  sqe.src_len = static_cast<std::uint32_t>(bytes.size());
  sqe.src_sge_count = static_cast<std::uint8_t>(at.entries);
  if (sgl) sqe.flags |= PP_SQE_F_SRC_SGL;
}

void Generator::set_destination(Submission& submission, std::uint32_t capacity, const Mix& mix) {
  pp_sqe& sqe = submission.sqe;
  const bool sgl = random_.percent(mix.sgl);
  const bool bad = sgl && !problem_ && random_.percent(mix.bad_list);
  problem_ = problem_ || bad;
  const std::uint64_t length = sgl ? std::min(capacity, kUnit) : kUnit;
  const Place at = place({}, length, sgl, bad, mix, submission);
  sqe.dst_addr = at.address;
  sqe.dst_capacity = capacity;
  sqe.dst_sge_count = static_cast<std::uint8_t>(at.entries);
  if (sgl) sqe.flags |= PP_SQE_F_DST_SGL;
}

// ---- Content

std::vector<std::uint8_t> Generator::unit() {
  if (random_.percent(60)) return pool_[random_.below(pool_.size())];
  // Literals of a small or full alphabet, mixed with copies of what came before.
  std::vector<std::uint8_t> bytes(kUnit);
  const std::uint64_t alphabet = random_.percent(15) ? 256 : random_.between(2, 64);
  const auto copies = static_cast<unsigned>(random_.below(70));
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t count = std::min<std::size_t>(random_.between(1, 40), bytes.size() - at);
    const bool copy = at != 0 && random_.percent(copies);
    const std::size_t distance = copy ? random_.between(1, at) : 0;
    for (std::size_t i = 0; i < count; ++i, ++at) {
      bytes[at] = copy ? bytes[at - distance] : static_cast<std::uint8_t>(random_.below(alphabet));
    }
  }
  return bytes;
}

std::vector<std::uint8_t> Generator::block(std::span<const std::uint8_t> content) {
  const auto* source = reinterpret_cast<const char*>(content.data());
  const int length = static_cast<int>(content.size());
  if (content.size() == kUnit && random_.percent(30)) {
    model::EngineResult result = model::compress_unit(content, kUnit);
    if (result.status == model::EngineStatus::kOk) return result.data;
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(LZ4_compressBound(length)));
  auto* target = reinterpret_cast<char*>(bytes.data());
  const int room = static_cast<int>(bytes.size());
  const int made =
      random_.percent(70)
          ? LZ4_compress_fast(source, target, length, room,
                              random_.percent(70) ? 1 : static_cast<int>(random_.between(2, 40)))
          : LZ4_compress_HC(source, target, length, room, static_cast<int>(random_.between(3, 10)));
  bytes.resize(static_cast<std::size_t>(made));
  return bytes;
}

void Generator::expand(Submission& submission, const Mix& mix) {
  pp_sqe& sqe = submission.sqe;
  std::vector<std::uint8_t> content = unit();
  if (random_.percent(30)) content.resize(random_.between(1, kUnit));
  std::vector<std::uint8_t> bytes = block(content);
  if (random_.percent(15)) {
    switch (random_.below(4)) {
      case 0:
        for (std::uint64_t n = random_.between(1, 8); n != 0; --n) {
          bytes[random_.below(bytes.size())] = static_cast<std::uint8_t>(random_.bits());
        }
        break;
      case 1:
        bytes.resize(random_.between(1, bytes.size()));
        break;
      case 2:
        bytes.resize(random_.percent(50) ? random_.between(1, 40)
                                         : random_.between(1, kLargestBlock));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.bits());
        break;
      default:
        bytes.resize(bytes.size() + random_.between(1, 20),
                     static_cast<std::uint8_t>(random_.bits()));
        break;
    }
  }
  bytes.resize(std::min<std::size_t>(bytes.size(), kLargestBlock));
  auto capacity = static_cast<std::uint32_t>(content.size());
  if (random_.percent(30)) {
    capacity = kUnit;
  } else if (random_.percent(10)) {
    capacity = static_cast<std::uint32_t>(random_.below(kUnit + 1));
  } else if (random_.percent(5)) {
    capacity = static_cast<std::uint32_t>(random_.bits());
  }
  sqe.algorithm = PP_ALG_LZ4_BLOCK;
  if (random_.percent(50)) sqe.limit = static_cast<std::uint32_t>(random_.bits());  // ignored
  if (random_.percent(35)) {
    sqe.flags |= PP_SQE_F_EXPECT_CRC;
    sqe.expected_crc32c = model::crc32c(content);
    if (random_.percent(15)) sqe.expected_crc32c ^= 1U << random_.below(32);
  }
  set_source(submission, bytes, mix);
  set_destination(submission, capacity, mix);
}

// ---- Wrong fields

void Generator::spoil(pp_sqe& sqe) {
  for (std::uint64_t n = random_.percent(80) ? 1 : random_.between(2, 3); n != 0; --n) {
    const std::uint64_t any = random_.bits() | 1;
    switch (random_.below(12)) {
      case 0:
        sqe.opcode = static_cast<std::uint8_t>(random_.between(PP_OP_FILL_CHECK + 1, 255));
        break;
      case 1:
        sqe.algorithm = static_cast<std::uint8_t>(any);
        break;
      case 2: {
        // A flag that makes data a list, with a count that might hold, is left out.
        constexpr std::uint32_t kLists = PP_SQE_F_SRC_SGL | PP_SQE_F_DST_SGL;
        const std::uint32_t keep = sqe.flags & kLists;
        sqe.flags = static_cast<std::uint16_t>((random_.bits() & ~std::uint64_t{kLists}) | keep);
        break;
      }
      case 3:
        sqe.src_len = static_cast<std::uint32_t>(random_.percent(50) ? random_.bits()
                                                                     : random_.below(2 * kUnit));
        break;
      case 4:
        sqe.src_addr += random_.between(1, 15);
        if (sqe.src_sge_count == 0) sqe.src_addr &= ~std::uint64_t{63};
        break;
      case 5:
        sqe.dst_addr += random_.between(1, 15);
        if (sqe.dst_sge_count == 0) sqe.dst_addr &= ~std::uint64_t{63};
        break;
      case 6:
        sqe.src_sge_count = static_cast<std::uint8_t>(random_.between(PP_SGE_MAX + 1, 255));
        break;
      case 7:
        sqe.dst_sge_count = sqe.dst_sge_count == 0 ? static_cast<std::uint8_t>(any) : 0;
        break;
      case 8:
        (random_.percent(50) ? sqe.reserved1 : sqe.reserved2) = std::uint64_t{1}
                                                                << random_.below(64);
        break;
      case 9:
        sqe.reserved0 = static_cast<std::uint16_t>(any);
        break;
      case 10:
        sqe.limit = sqe.src_len + 1 + static_cast<std::uint32_t>(random_.below(1U << 31));
        break;
      default:
        sqe.expected_crc32c = static_cast<std::uint32_t>(any);
        break;
    }
  }
}

Submission Generator::make(const Mix& mix) {
  Submission submission;
  pp_sqe& sqe = submission.sqe;
  problem_ = false;
  sqe.tag = tag_++;
  std::uint64_t dice = random_.below(100);
  const auto falls = [&dice](unsigned percent) {
    const bool here = dice < percent;
    dice -= here ? 0 : percent;
    return here;
  };
  bool bad = false;
  if (falls(mix.compress)) {
    sqe.opcode = PP_OP_COMPRESS;
  } else if (falls(mix.verify)) {
    sqe.opcode = PP_OP_COMPRESS_VERIFY;
  } else if (falls(mix.decompress)) {
    sqe.opcode = PP_OP_DECOMPRESS;
  } else if (falls(mix.copy)) {
    sqe.opcode = PP_OP_COPY;
  } else if (falls(mix.check)) {
    sqe.opcode = PP_OP_FILL_CHECK;
  } else if (falls(mix.bad)) {
    sqe.opcode = static_cast<std::uint8_t>(random_.between(PP_OP_NOP, PP_OP_FILL_CHECK));
    bad = true;
  }
  if (random_.percent(mix.irq)) sqe.flags |= PP_SQE_F_IRQ;
  if (sqe.opcode == PP_OP_NOP) {
    // What a NOP does not use may hold anything.
    sqe.src_addr = random_.bits();
    sqe.dst_addr = random_.bits();
    sqe.src_len = static_cast<std::uint32_t>(random_.bits());
    sqe.dst_capacity = static_cast<std::uint32_t>(random_.bits());
    sqe.limit = static_cast<std::uint32_t>(random_.bits());
    sqe.algorithm = static_cast<std::uint8_t>(random_.bits());
  } else if (sqe.opcode == PP_OP_DECOMPRESS) {
    expand(submission, mix);
  } else {
    set_source(submission, unit(), mix);
    if (sqe.opcode == PP_OP_FILL_CHECK) {
      sqe.dst_addr = random_.bits();
      sqe.dst_capacity = static_cast<std::uint32_t>(random_.bits());
    } else {
      const bool copy = sqe.opcode == PP_OP_COPY;
      std::uint32_t capacity = kUnit;
      if (random_.percent(10)) capacity = static_cast<std::uint32_t>(random_.bits()) | kUnit;
      if (!copy && random_.percent(20))
        capacity = static_cast<std::uint32_t>(random_.below(kUnit + 1));
      set_destination(submission, capacity, mix);
    }
    if (sqe.opcode == PP_OP_COMPRESS || sqe.opcode == PP_OP_COMPRESS_VERIFY) {
      if (random_.percent(40)) sqe.limit = static_cast<std::uint32_t>(random_.below(kUnit + 1));
      if (random_.percent(40)) sqe.flags |= PP_SQE_F_STORE_RAW;
    } else {
      sqe.limit = static_cast<std::uint32_t>(random_.bits());  // ignored
      sqe.algorithm = static_cast<std::uint8_t>(random_.bits());
    }
  }
  if (sqe.opcode != PP_OP_NOP && random_.percent(mix.relaxed)) sqe.flags |= PP_SQE_F_RELAXED;
  // A spoilt length could make a second list wrong.
  if (bad && !problem_) spoil(sqe);
  return submission;
}

Submission Generator::plain(std::uint8_t opcode) {
  Mix mix;
  mix.sgl = mix.faulty = mix.unaligned = 0;
  problem_ = false;
  Submission submission;
  pp_sqe& sqe = submission.sqe;
  sqe.opcode = opcode;
  sqe.tag = tag_++;
  const std::vector<std::uint8_t>& page = plain_[random_.below(plain_.size())];
  const bool expands = opcode == PP_OP_DECOMPRESS;
  set_source(submission, expands ? model::compress_unit(page, kUnit).data : page, mix);
  set_destination(submission, kUnit, mix);
  return submission;
}

}  // namespace pagepress::bench
