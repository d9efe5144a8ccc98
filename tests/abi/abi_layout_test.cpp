// SPDX-License-Identifier: Apache-2.0
// The ring entries of header and package are the same, bit by bit: random bytes
// are read once as the C struct and once, by the Verilated abi_probe, as the
// package's packed struct.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

#include "Vabi_probe.h"
#include "rtl/abi/pagepress_abi.h"

static_assert(std::endian::native == std::endian::little, "the contract is little-endian");

namespace {

constexpr int kEntries = 2000;

// One kind of entry: fresh random bytes, given to the probe's port and to the struct.
template <typename Entry>
class RandomEntry {
 public:
  explicit RandomEntry(std::uint32_t seed) : random_(seed) {}

  template <typename Port>
  const Entry& next(Port& port) {
    static_assert(sizeof(Port) == sizeof(Entry), "the probe's port is as wide as the entry");
    std::array<std::uint32_t, sizeof(Entry) / 4> words;
    for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random_());
    std::memcpy(&port[0], words.data(), sizeof(Entry));
    std::memcpy(&entry_, words.data(), sizeof(Entry));
    compared_ = 0;
    return entry_;
  }

  template <std::unsigned_integral Field, std::unsigned_integral Port>
  void compare(const char* name, Field in_header, Port in_package) {
    static_assert(sizeof(Field) == sizeof(Port),
                  "a field is as wide in the header as in the package");
    EXPECT_EQ(in_header, in_package) << name;
    compared_ += sizeof(Field);
  }

  // No byte of the entry has been left out.
  void expect_whole() const { EXPECT_EQ(compared_, sizeof(Entry)); }

 private:
  std::mt19937 random_;
  Entry entry_{};
  std::size_t compared_ = 0;
};

#define COMPARE(kind, field) entries.compare(#field, entry.field, probe.kind##_##field##_o)

TEST(AbiLayout, SubmissionsAreTheSameBitByBit) {
  Vabi_probe probe;
  RandomEntry<pp_sqe> entries(1);
  for (int i = 0; i < kEntries && !HasFailure(); ++i) {
    const pp_sqe& entry = entries.next(probe.sqe_i);
    probe.eval();
    COMPARE(sqe, opcode);
    COMPARE(sqe, algorithm);
    COMPARE(sqe, flags);
    COMPARE(sqe, src_len);
    COMPARE(sqe, src_addr);
    COMPARE(sqe, dst_addr);
    COMPARE(sqe, dst_capacity);
    COMPARE(sqe, limit);
    COMPARE(sqe, tag);
    COMPARE(sqe, expected_crc32c);
    COMPARE(sqe, src_sge_count);
    COMPARE(sqe, dst_sge_count);
    COMPARE(sqe, reserved0);
    COMPARE(sqe, reserved1);
    COMPARE(sqe, reserved2);
    entries.expect_whole();
  }
}

TEST(AbiLayout, CompletionsAreTheSameBitByBit) {
  Vabi_probe probe;
  RandomEntry<pp_cqe> entries(2);
  for (int i = 0; i < kEntries && !HasFailure(); ++i) {
    const pp_cqe& entry = entries.next(probe.cqe_i);
    probe.eval();
    COMPARE(cqe, tag);
    COMPARE(cqe, out_len);
    COMPARE(cqe, crc32c);
    COMPARE(cqe, info);
    COMPARE(cqe, engine_cycles);
    COMPARE(cqe, sq_head);
    COMPARE(cqe, status);
    COMPARE(cqe, flags);
    entries.expect_whole();
  }
}

TEST(AbiLayout, ScatterRangesAreTheSameBitByBit) {
  Vabi_probe probe;
  RandomEntry<pp_sge> entries(3);
  for (int i = 0; i < kEntries && !HasFailure(); ++i) {
    const pp_sge& entry = entries.next(probe.sge_i);
    probe.eval();
    COMPARE(sge, addr);
    COMPARE(sge, len);
    COMPARE(sge, reserved);
    entries.expect_whole();
  }
}

// The phase bit is written last only if it is in the entry's last byte.
TEST(AbiLayout, PhaseIsInTheLastByteOfACompletion) {
  EXPECT_EQ(offsetof(pp_cqe, flags), sizeof(pp_cqe) - 1);
}

}  // namespace
