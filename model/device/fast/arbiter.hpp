// SPDX-License-Identifier: Apache-2.0
// The two arbiters of the RTL. Limitation: 256 requesters at most.
#pragma once

#include <array>
#include <bitset>

namespace pagepress::model::fast {

inline constexpr unsigned kMaxRequesters = 256;
using Requests = std::bitset<kMaxRequesters>;

[[nodiscard]] inline unsigned lowest(const Requests& requests) {
  return static_cast<unsigned>(requests._Find_first());
}

// rtl/common/pp_arbiter.sv with one class: nobody is served twice while another one
// that asks has not been served once.
class Rounds {
 public:
  // Somebody asks.
  unsigned pick(const Requests& requests) {
    Requests fresh = requests & ~served_;
    if (fresh.none()) {
      served_ &= ~requests;
      fresh = requests;
    }
    const unsigned index = lowest(fresh);
    served_.set(index);
    return index;
  }

 private:
  Requests served_;
};

// Likewise with eight classes, 7 first.
class ClassRounds {
 public:
  // ask(c): who of class c asks. Somebody does.
  template <class Ask>
  unsigned pick(Ask ask) {
    for (unsigned c = 8; c-- != 0;) {
      if (const Requests requests = ask(c); requests.any()) return classes_[c].pick(requests);
    }
    return kMaxRequesters;
  }

 private:
  std::array<Rounds, 8> classes_;
};

// Turns of pp_axi_read, pp_axi_write and pp_interrupts: the lowest above the one served last,
// else the lowest.
class Turns {
 public:
  // Somebody asks.
  unsigned pick(const Requests& requests) {
    const Requests above = requests & above_;
    last_ = lowest(above.any() ? above : requests);
    above_ = ~((Requests(1) << last_) | below(last_));
    return last_;
  }

 private:
  static Requests below(unsigned n) {
    return n == 0 ? Requests{} : (~Requests{}) >> (kMaxRequesters - n);
  }
  Requests above_;
  unsigned last_ = 0;
};

}  // namespace pagepress::model::fast
