// SPDX-License-Identifier: Apache-2.0
// CostedCodec: a CPU codec on the simulated timeline. A page takes the time
// that its cost says; one page at a time, as a kernel thread does it.
// Limitation: the inner codec must complete a page at its first poll().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>

namespace pagepress::sim {

class CostedCodec final : public Codec {
 public:
  // CPU time of a request in ns.
  using CostFn = std::function<std::uint64_t(const Request&)>;

  CostedCodec(std::unique_ptr<Codec> inner, Clock& clock, CostFn cost)
      : inner_(std::move(inner)), clock_(clock), cost_(std::move(cost)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
  [[nodiscard]] std::size_t depth() const noexcept override { return 1; }

  std::size_t submit(std::span<const Request> requests) override {
    if (busy_ || requests.empty()) return 0;
    if (inner_->submit(requests.first(1)) != 1) return 0;
    const std::uint64_t ns = cost_(requests.front());
    ready_ns_ = clock_.now_ns() + ns;
    spent_ns_ += ns;
    busy_ = true;
    return 1;
  }

  // The CPU is spent here: the calling process goes on when the page is done.
  std::size_t poll(std::span<Completion> done) override {
    if (!busy_ || done.empty()) return 0;
    const std::uint64_t now = clock_.now_ns();
    if (now < ready_ns_) clock_.pause_ns(ready_ns_ - now);
    busy_ = false;
    return inner_->poll(done.first(1));
  }
  // CPU time of all pages so far.
  [[nodiscard]] std::uint64_t spent_ns() const noexcept { return spent_ns_; }

 private:
  std::unique_ptr<Codec> inner_;
  Clock& clock_;
  CostFn cost_;
  std::uint64_t ready_ns_ = 0;
  std::uint64_t spent_ns_ = 0;
  bool busy_ = false;
};

}  // namespace pagepress::sim
