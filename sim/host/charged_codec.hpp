// SPDX-License-Identifier: Apache-2.0
// ChargedCodec: an engine's codec that spends the CPU time of descriptors, doorbell and
// completions itself, for where not every page of a worker goes to the engine.
// Limitation: counts what is outstanding by itself, from none on.
#pragma once

#include <algorithm>
#include <cstdint>

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>
#include <pagepress/kcompressd.hpp>

namespace pagepress::sim {

class ChargedCodec final : public Codec {
 public:
  // Of `costs`: submit_ns, doorbell_ns, completion_ns. References outlive this.
  ChargedCodec(Codec& inner, Clock& clock, const CpuCosts& costs)
      : inner_(inner), clock_(clock), costs_(costs) {}

  [[nodiscard]] std::string_view name() const noexcept override { return inner_.name(); }
  [[nodiscard]] std::size_t depth() const noexcept override { return inner_.depth(); }

  std::size_t submit(std::span<const Request> requests) override {
    const std::size_t room = std::min(requests.size(), inner_.depth() - held_);
    if (room == 0) return 0;
    charge(room * costs_.submit_ns + costs_.doorbell_ns);
    const std::size_t taken = inner_.submit(requests.first(room));
    held_ += taken;
    return taken;
  }
  std::size_t poll(std::span<Completion> done) override {
    const std::size_t count = inner_.poll(done);
    held_ -= count;
    charge(count * costs_.completion_ns);
    return count;
  }
  [[nodiscard]] std::uint64_t spent_ns() const noexcept { return spent_ns_; }

 private:
  void charge(std::uint64_t ns) {
    if (ns == 0) return;
    spent_ns_ += ns;
    clock_.pause_ns(ns);
  }

  Codec& inner_;
  Clock& clock_;
  CpuCosts costs_;
  std::size_t held_ = 0;
  std::uint64_t spent_ns_ = 0;
};

}  // namespace pagepress::sim
