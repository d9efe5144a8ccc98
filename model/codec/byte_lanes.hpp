// SPDX-License-Identifier: Apache-2.0
// Bytes side by side, as the positions of a window are in the hardware, in the compilers' vector
// extension (GCC, clang): it becomes the vector instructions of the target, or of the function
// that this is inlined into. A comparison gives 255 where it holds.
//
// Limitations: 16 or 32 lanes. bits() is one instruction with SSE2 and a product elsewhere;
// portable_bits() is always the latter, so that a test can compare both. Little-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace pagepress::model {

// Eight lanes for each value of eight bits.
inline constexpr auto kLanesOfByte = [] {
  std::array<std::uint64_t, 256> lanes{};
  for (unsigned bits = 0; bits < lanes.size(); ++bits) {
    for (unsigned n = 0; n < 8; ++n) {
      if ((bits >> n & 1U) != 0) lanes[bits] |= std::uint64_t{255} << (8 * n);
    }
  }
  return lanes;
}();

template <unsigned kCount>
class ByteLanes {
 public:
  static_assert(kCount == 16 || kCount == 32);

  ByteLanes() = default;  // any values

  static ByteLanes load(const std::uint8_t* from) {
    ByteLanes out;
    std::memcpy(&out.lanes_, from, kCount);
    return out;
  }
  void store(std::uint8_t* to) const { std::memcpy(to, &lanes_, kCount); }

  // The same in every lane.
  static ByteLanes all(unsigned value) {
    return ByteLanes(Vector{} + static_cast<std::uint8_t>(value));
  }
  // Lane i is i.
  static ByteLanes numbers() { return numbers(std::make_index_sequence<kCount>{}); }
  // Lane i is 255 if bit i is set.
  static ByteLanes of_bits(std::uint64_t bits) {
    std::array<std::uint64_t, kCount / 8> words;
    for (unsigned n = 0; n < words.size(); ++n) words[n] = kLanesOfByte[(bits >> (8 * n)) & 0xffU];
    return load(reinterpret_cast<const std::uint8_t*>(words.data()));
  }

  [[nodiscard]] std::uint8_t operator[](std::size_t lane) const {
    return __builtin_bit_cast(Array, lanes_)[lane];
  }
  // Bit i is the highest one of lane i.
  [[nodiscard]] std::uint32_t bits() const {
#ifdef __SSE2__
    const auto half = __builtin_bit_cast(Halves, lanes_);
    std::uint32_t bits = 0;
    for (unsigned n = 0; n < kCount / 16; ++n) {
      bits |= static_cast<std::uint32_t>(_mm_movemask_epi8(half.half[n])) << (16 * n);
    }
    return bits;
#else
    return portable_bits();
#endif
  }
  [[nodiscard]] std::uint32_t portable_bits() const {
    std::uint32_t bits = 0;
    for (unsigned n = 0; n < kCount / 8; ++n) {
      std::uint64_t word = 0;
      std::memcpy(&word, reinterpret_cast<const std::uint8_t*>(&lanes_) + 8 * n, sizeof word);
      // The product moves bit 8 i to bit 56 + i; no two of its terms meet in one bit.
      const std::uint64_t highest = (word >> 7) & 0x0101010101010101U;
      bits |= static_cast<std::uint32_t>((highest * 0x0102040810204080U) >> 56) << (8 * n);
    }
    return bits;
  }

  // Lane i has what was in lane i + kBy; behind the last one stands `fill`.
  template <unsigned kBy>
  [[nodiscard]] ByteLanes down(unsigned fill) const {
    return down<kBy>(all(fill), std::make_index_sequence<kCount>{});
  }

  friend ByteLanes operator+(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ + b.lanes_);
  }
  friend ByteLanes operator-(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ - b.lanes_);
  }
  friend ByteLanes operator&(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ & b.lanes_);
  }
  friend ByteLanes operator|(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ | b.lanes_);
  }
  ByteLanes operator~() const { return ByteLanes(~lanes_); }
  friend ByteLanes equal(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(__builtin_bit_cast(Vector, a.lanes_ == b.lanes_));
  }
  friend ByteLanes less(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(__builtin_bit_cast(Vector, a.lanes_ < b.lanes_));
  }
  friend ByteLanes min(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ < b.lanes_ ? a.lanes_ : b.lanes_);
  }
  friend ByteLanes max(const ByteLanes& a, const ByteLanes& b) {
    return ByteLanes(a.lanes_ < b.lanes_ ? b.lanes_ : a.lanes_);
  }
  // a where `which` is 255, b where it is 0.
  friend ByteLanes select(const ByteLanes& which, const ByteLanes& a, const ByteLanes& b) {
    return (which & a) | (~which & b);
  }

 private:
  // NOLINTNEXTLINE(modernize-use-using): GCC drops the attribute of a template's alias
  typedef std::uint8_t Vector __attribute__((vector_size(kCount)));
  using Array = std::array<std::uint8_t, kCount>;
#ifdef __SSE2__
  struct Halves {
    __m128i half[kCount / 16];
  };
#endif

  explicit ByteLanes(const Vector& lanes) : lanes_(lanes) {}

  template <std::size_t... kLane>
  static ByteLanes numbers(std::index_sequence<kLane...> /*lanes*/) {
    return ByteLanes(Vector{static_cast<std::uint8_t>(kLane)...});
  }
  template <unsigned kBy, std::size_t... kLane>
  [[nodiscard]] ByteLanes down(const ByteLanes& behind,
                               std::index_sequence<kLane...> /*lanes*/) const {
    return ByteLanes(__builtin_shufflevector(lanes_, behind.lanes_, (kLane + kBy)...));
  }

  Vector lanes_;
};

}  // namespace pagepress::model
