// SPDX-License-Identifier: Apache-2.0
// MeddlingCodec: a CPU codec with something done to every completion, in the thread that has it.
// Limitation: an inner codec of depth 1.
#pragma once

#include <pagepress/codec.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace pagepress::sim::testing {

class MeddlingCodec final : public Codec {
 public:
  using Meddle = std::function<void(const Request&, Completion&)>;
  MeddlingCodec(std::unique_ptr<Codec> inner, Meddle meddle)
      : inner_(std::move(inner)), meddle_(std::move(meddle)) {}
  std::string_view name() const noexcept override { return inner_->name(); }
  std::size_t depth() const noexcept override { return inner_->depth(); }
  std::size_t submit(std::span<const Request> requests) override {
    request_ = requests.front();
    return inner_->submit(requests);
  }
  std::size_t poll(std::span<Completion> done) override {
    const std::size_t count = inner_->poll(done);
    if (count != 0) meddle_(request_, done.front());
    return count;
  }

 private:
  std::unique_ptr<Codec> inner_;
  Meddle meddle_;
  Request request_;
};

}  // namespace pagepress::sim::testing
