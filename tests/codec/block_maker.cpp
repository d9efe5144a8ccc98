// SPDX-License-Identifier: Apache-2.0
#include "tests/codec/block_maker.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <cstring>

#include "tests/codec/sequence_writer.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::test {
namespace {

const std::vector<NamedPage>& pages() {
  static const std::vector<NamedPage> all = all_pages(71);
  return all;
}

}  // namespace

std::size_t BlockMaker::length() {
  switch (below(12)) {
    case 0:
      return 0;
    case 1:
      return 13 + below(5);
    case 2:
      return 15 + below(30);
    case 3:
      return 255 + 10 + below(12);
    case 4:
      return 15 + below(700);
    case 6:
      return 15 + below(10);
    case 5:
      return below(20) == 0 ? 2000 + below(unit_) : below(4);
    default:
      return below(15);
  }
}

std::vector<std::uint8_t> BlockMaker::made_up(std::size_t size, std::size_t& out_len) {
  SequenceWriter writer;
  const unsigned bad = below(4) == 0 ? 60 : 0;  // one of so many offsets is wrong
  const std::uint64_t most = below(3) == 0 ? 15 + 10 * below(2) : 0;  // literals, if not 0
  const auto random = [this](std::size_t) { return rng_(); };
  while (writer.out_len() + 30 < size) {
    const std::size_t room = size - writer.out_len();
    const std::size_t lit = std::min(most != 0 ? below(most) : length(), room);
    const std::size_t match = 4 + std::min(most != 0 ? below(15) : length(), room);
    writer.literals(lit, SequenceWriter::nibble(match), random);
    const std::size_t op = writer.out_len();
    std::size_t offset = 0;
    switch (below(5)) {
      case 0:
        offset = 1 + below(18);
        break;
      case 1:
        offset = 1 + below(100);
        break;
      case 2:
        offset = op;
        break;
      default:
        offset = op == 0 ? 0 : 1 + below(op);
    }
    offset = std::min<std::size_t>({offset, op, 65535});
    if (bad != 0 && below(bad) == 0) offset = below(2) == 0 ? op + 1 + below(40) : 0;
    writer.match(match, offset);
  }
  // The end, often against the rules.
  const std::size_t op = writer.out_len();
  const std::size_t last = below(3) == 0 ? below(14) : op < size ? size - op : below(20);
  writer.literals(last, below(8) == 0 ? below(16) : 0, random);
  out_len = writer.out_len();
  return writer.bytes();
}

Block BlockMaker::middle() {
  SequenceWriter writer;
  const auto random = [this](std::size_t) { return rng_(); };
  const auto sequence = [&](std::size_t lit, std::size_t match) {
    writer.literals(lit, SequenceWriter::nibble(match), random);
    const std::size_t op = writer.out_len();
    writer.match(match, below(60) == 0 ? op + 1 : 1 + below(std::min<std::size_t>(op, 20)));
  };
  std::vector<std::size_t> ends;
  sequence(1 + below(45), 4);
  for (std::uint64_t n = 1 + below(3); n != 0; --n) {
    for (std::uint64_t before = below(5); before != 0; --before) sequence(below(3), 4 + below(3));
    ends.push_back(writer.out_len());
    sequence(13 + below(12), below(8) == 0 ? 273 + below(3) : 4 + below(18));
  }
  for (std::uint64_t after = below(4); after != 0; --after) sequence(below(3), 4);
  writer.literals(below(3) == 0 ? 5 + below(3) : below(40), 0, random);
  const std::size_t capacity =
      below(3) == 0 ? writer.out_len() : ends[below(ends.size())] + below(70);
  return {"middle", writer.bytes(), capacity};
}

std::vector<std::uint8_t> BlockMaker::text(std::size_t size) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < size) {
    const Page& page = pages()[below(pages().size())].bytes;
    const std::size_t from = below(4) == 0 ? below(page.size()) : 0;
    bytes.insert(bytes.end(), page.begin() + static_cast<std::ptrdiff_t>(from), page.end());
  }
  bytes.resize(size);
  return bytes;
}

std::vector<std::uint8_t> BlockMaker::compressed(std::size_t size) {
  const std::vector<std::uint8_t> source = text(size);
  std::vector<std::uint8_t> block(
      static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size))));
  const auto* in = reinterpret_cast<const char*>(source.data());
  auto* out = reinterpret_cast<char*>(block.data());
  const int most = static_cast<int>(block.size());
  const int n = below(2) == 0 ? LZ4_compress_fast(in, out, static_cast<int>(size), most,
                                                  static_cast<int>(1 + below(10)))
                              : LZ4_compress_HC(in, out, static_cast<int>(size), most,
                                                static_cast<int>(1 + below(12)));
  block.resize(static_cast<std::size_t>(n));
  return block;
}

std::size_t BlockMaker::near(std::size_t value) {
  const std::size_t least = value > 70 ? value - 70 : 0;
  switch (below(4)) {
    case 0:
      return value;
    case 1:
      return least + below(140);
    case 2:
      return std::max<std::size_t>(value, 3) - 3 + below(7);
    default:
      return unit_;
  }
}

void BlockMaker::damage(std::vector<std::uint8_t>& bytes) {
  for (std::uint64_t n = 1 + below(3); n != 0; --n) {
    const std::size_t at = below(2) == 0
                               ? bytes.size() - 1 - below(std::min<std::size_t>(24, bytes.size()))
                               : below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes.resize(std::max<std::size_t>(at, 1));
        break;
      case 1:
        bytes.push_back(static_cast<std::uint8_t>(rng_()));
        break;
      case 2:
        bytes[at] = below(2) == 0 ? 0xff : 0;
        break;
      case 3:
        bytes[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     static_cast<std::uint8_t>(rng_()));
    }
  }
}

Block BlockMaker::next() {
  Block block;
  const std::size_t size = below(3) == 0 ? 1 + below(80) : below(2) == 0 ? 1 + below(unit_) : unit_;
  std::size_t out_len = size;
  switch (below(8)) {
    case 0:
      block.name = "noise";
      block.bytes.resize(1 + below(24));
      for (auto& byte : block.bytes) byte = static_cast<std::uint8_t>(rng_());
      out_len = below(120);
      break;
    case 1:
      block.name = "noise of small lengths";
      block.bytes.resize(1 + below(60));
      for (auto& byte : block.bytes) byte = static_cast<std::uint8_t>((below(4) << 4) | below(4));
      out_len = below(120);
      break;
    case 2:
    case 3:
      block.name = "liblz4";
      block.bytes = compressed(size);
      break;
    case 4:
      block.name = "liblz4, damaged";
      block.bytes = compressed(size);
      damage(block.bytes);
      break;
    case 5:
      block.name = "made up, damaged";
      block.bytes = made_up(size, out_len);
      damage(block.bytes);
      break;
    default:
      block.name = "made up";
      block.bytes = made_up(size, out_len);
  }
  block.capacity = std::min(near(out_len), unit_);
  if (block.bytes.size() > most_bytes_) block.bytes.resize(most_bytes_);
  return block;
}

}  // namespace pagepress::test
