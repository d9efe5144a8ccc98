// SPDX-License-Identifier: Apache-2.0
// A codec that does what a test says, and a sink that remembers.
#pragma once

#include <gtest/gtest.h>
#include <pagepress/back_pressure.hpp>
#include <pagepress/kcompressd.hpp>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <vector>

#include "tests/driver/support.hpp"

namespace pagepress::test {

// Holds requests until release() lets them complete; may refuse or fail.
class ScriptedCodec final : public Codec {
 public:
  explicit ScriptedCodec(std::size_t depth) : depth_(depth) {}
  std::string_view name() const noexcept override { return "scripted"; }
  std::size_t depth() const noexcept override { return depth_; }
  std::size_t submit(std::span<const Request> requests) override {
    const std::size_t count = std::min({requests.size(), depth_ - held.size(), take_at_most});
    batches.push_back(requests.size());
    held.insert(held.end(), requests.begin(),
                requests.begin() + static_cast<std::ptrdiff_t>(count));
    if (at_once) {
      released = held.size();
    }
    return count;
  }
  std::size_t poll(std::span<Completion> done) override {
    if (broken) {
      throw std::runtime_error("the codec is broken");
    }
    const std::size_t count = std::min(done.size(), released);
    for (std::size_t i = 0; i < count; ++i) {
      const Request request = held.front();
      held.pop_front();
      std::memcpy(request.dst, request.src, 16);
      done[i] = {.tag = request.tag, .status = Status::kOk, .out_len = 16};
    }
    released -= count;
    return count;
  }
  void release(std::size_t count = ~std::size_t{0}) { released = std::min(count, held.size()); }

  std::deque<Request> held;
  std::vector<std::size_t> batches;  // sizes offered
  std::size_t take_at_most = ~std::size_t{0};
  std::size_t released = 0;
  bool at_once = false;
  bool broken = false;

 private:
  std::size_t depth_;
};

struct Seen {
  PageDone done;
  std::vector<std::byte> out;
};

class KcompressdTest : public ::testing::Test {
 protected:
  // Page `i` begins with 16 bytes of its number.
  const PageData& page(std::size_t i) {
    while (pages_.size() <= i) {
      pages_.push_back(filled_page(pages_.size()));
    }
    return pages_[i];
  }
  PageSink sink() {
    return [this](const PageDone& done) {
      seen_.push_back({done, {done.out.begin(), done.out.end()}});
    };
  }
  Enqueue put(Kcompressd& queue, std::size_t i) {
    return queue.enqueue({.data = page(i).data(), .cookie = 500 + i}, clock_.now_ns());
  }

  std::deque<PageData> pages_;
  std::vector<Seen> seen_;
  std::vector<std::byte> destinations_ = std::vector<std::byte>(64 * kPageSize);
  ManualClock clock_;
};

}  // namespace pagepress::test
