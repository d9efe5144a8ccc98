// SPDX-License-Identifier: Apache-2.0
// A producer's own ways: into the queue, or down the synchronous path.
#include <pagepress/back_pressure.hpp>
#include <pagepress/enqueue_gate.hpp>

namespace pagepress {
namespace {

constexpr std::uint64_t kPollInterval = 1000;

}  // namespace

bool SynchronousPath::run(Clock& clock, const Page& page, std::uint64_t enqueue_ns) {
  PageDone done;
  done.page = page;
  done.enqueue_ns = enqueue_ns;
  done.submit_ns = clock.now_ns();
  const Request request = to_request(page, buffer_.data(), limit_, page.cookie);
  if (codec_.submit(std::span(&request, 1)) == 0) {
    return false;
  }
  // A CPU codec is done already. Another's poll() throws if it takes too long.
  while (codec_.poll(std::span(&done.completion, 1)) == 0) {
    clock.pause_ns(kPollInterval);
  }
  done.complete_ns = clock.now_ns();
  deliver(done);
  return true;
}

void SynchronousPath::finish(Clock& clock, const QueuedPage& queued) {
  if (run(clock, queued.page, queued.enqueue_ns)) {
    return;
  }
  PageDone done;
  done.page = queued.page;
  done.completion = {.tag = queued.page.cookie, .status = Status::kAborted};
  done.enqueue_ns = queued.enqueue_ns;
  done.submit_ns = done.complete_ns = clock.now_ns();
  deliver(done);
}

void SynchronousPath::deliver(PageDone& done) {
  done.synchronous = true;
  done.out = {buffer_.data(), done.completion.out_len};
  ++pages_;
  spent_ns_ += done.complete_ns - done.submit_ns;
  sink_(done);
}

Enqueue Producer::put(const Page& page) { return put(page, PageOrigin{}); }

Enqueue Producer::put(const Page& page, const PageOrigin& origin) {
  if (gate_ != nullptr && gate_->check(origin) != Refusal::kNone) {
    const bool done = path_ != nullptr && path_->run(clock_, page, clock_.now_ns());
    return done ? Enqueue::kDone : Enqueue::kFull;
  }
  if (!policy_.offers(queue_)) {
    return policy_.on_full(queue_, clock_, page);
  }
  if (enqueue_ns_ != 0) {
    clock_.pause_ns(enqueue_ns_);
  }
  const Enqueue result = queue_.enqueue(page, clock_.now_ns());
  if (result != Enqueue::kFull) {
    return result;
  }
  if (gate_ != nullptr) {
    gate_->count(Refusal::kNoRoom);
  }
  return policy_.on_full(queue_, clock_, page);
}

}  // namespace pagepress
