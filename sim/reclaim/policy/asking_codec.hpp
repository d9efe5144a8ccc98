// SPDX-License-Identifier: Apache-2.0
// AskingCodec: before a page goes to a codec, the store is asked whether it takes any, as
// zswap_store() checks its limits before it compresses. What it would refuse comes back at once,
// as refused(), and costs neither CPU nor engine time.
//
// Asked when pages are submitted: with an engine, those of one doorbell are asked for together.
// Limitation: compression only; that refused pages are submitted costs a worker the driver's step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <pagepress/codec.hpp>

#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

// The answer for a page that was not compressed. `info` says so: no codec has one for such a page.
[[nodiscard]] inline Completion refused(std::uint64_t tag) {
  Completion done;
  done.tag = tag;
  done.status = Status::kIncompressible;
  done.info = std::numeric_limits<std::uint64_t>::max();
  return done;
}
[[nodiscard]] inline bool is_refused(const Completion& done) noexcept {
  return done.status == Status::kIncompressible &&
         done.info == std::numeric_limits<std::uint64_t>::max();
}

class AskingCodec final : public Codec {
 public:
  // References outlive this.
  AskingCodec(Codec& codec, SwapStore& store) : codec_(codec), store_(store) {}

  [[nodiscard]] std::string_view name() const noexcept override { return codec_.name(); }
  [[nodiscard]] std::size_t depth() const noexcept override { return codec_.depth(); }
  std::size_t submit(std::span<const Request> requests) override {
    if (requests.empty() || store_.accepts()) return codec_.submit(requests);
    for (const Request& request : requests) refused_.push_back(refused(request.tag));
    return requests.size();
  }
  std::size_t poll(std::span<Completion> done) override {
    if (refused_.empty()) return codec_.poll(done);
    const std::size_t count = std::min(done.size(), refused_.size());
    const auto end = refused_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(refused_.begin(), end, done.begin());
    refused_.erase(refused_.begin(), end);
    return count;
  }
  void wait(std::uint64_t timeout_ns) override {
    if (refused_.empty()) codec_.wait(timeout_ns);
  }

 private:
  Codec& codec_;
  SwapStore& store_;
  std::vector<Completion> refused_;  // not polled yet
};

}  // namespace pagepress::reclaim
