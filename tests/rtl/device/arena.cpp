// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/arena.hpp"

#include <utility>

namespace pagepress::bench {

Arena::Arena(Memory& memory, AxiSlave& axi, std::uint64_t seed, std::uint64_t slot_bytes,
             unsigned good, unsigned faulty)
    : memory_(memory), axi_(axi), random_(seed), slot_bytes_(slot_bytes) {
  for (unsigned i = 0; i < good + faulty; ++i) {
    // One slot lies half at the top of all addresses and half at 0.
    const std::uint64_t base = i == 0 ? std::uint64_t{0} - slot_bytes_ / 2 / kPage * kPage
                                      : (random_.below(1U << 16) << 44) + (std::uint64_t{i} << 30) +
                                            random_.below(64) * kPage;
    const bool is_faulty = i >= good;
    is_faulty_[base] = is_faulty;
    (is_faulty ? faulty_ : good_).push_back(base);
    for (std::uint64_t offset = 0; offset < slot_bytes_; offset += kPage) {
      const std::uint64_t page = base + offset;
      if (is_faulty && random_.percent(40)) {
        const std::uint64_t kind = random_.below(3);
        Refusal& refusal = refused_[page / kPage];
        refusal.read = kind != 1;
        refusal.write = kind != 0;
        if (kind == 2 && random_.percent(50)) continue;  // not even mapped: DECERR
      }
      memory_.map(page, kPage, 0xa5);
    }
  }
  install();
}

std::uint64_t Arena::take(bool faulty) {
  std::vector<std::uint64_t>& from = faulty && !faulty_.empty() ? faulty_ : good_;
  std::swap(from.at(random_.below(from.size())), from.back());
  const std::uint64_t slot = from.back();
  from.pop_back();
  return slot;
}

void Arena::give_back(std::uint64_t slot) {
  (is_faulty_.at(slot) ? faulty_ : good_).push_back(slot);
}

bool Arena::refused(std::uint64_t address, bool is_write) const {
  const auto it = refused_.find(address / kPage);
  if (it == refused_.end()) return !memory_.mapped(address);
  return is_write ? it->second.write : it->second.read;
}

void Arena::refuse(std::uint64_t page_address, bool read, bool write) {
  refused_[page_address / kPage] = {read, write};
  install();
}

void Arena::lift(std::uint64_t page_address) {
  refused_.erase(page_address / kPage);
  install();
}

void Arena::install() {
  axi_.clear_faults();
  for (const auto& [page, refusal] : refused_) {
    const std::uint64_t begin = page * kPage;
    if (!memory_.mapped(begin)) continue;
    // The last page's end would be 0.
    const std::uint64_t end = begin + (kPage - 1);
    if (refusal.read) axi_.add_fault({begin, end, false, kSlverr});
    if (refusal.write) axi_.add_fault({begin, end, true, kSlverr});
  }
}

}  // namespace pagepress::bench
