// SPDX-License-Identifier: Apache-2.0
// What producers do when the FIFO is full.
#include <pagepress/kcompressd.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace pagepress {
namespace {

constexpr std::string_view kWait = "wait";
constexpr std::string_view kSyncNewest = "sync-newest";
constexpr std::array kNames = {kWait, kSyncNewest};

constexpr std::uint64_t kPollInterval = 1000;

class Wait final : public BackPressure {
 public:
  Wait(std::uint64_t retry_ns, std::uint64_t timeout_ns)
      : retry_ns_(std::max<std::uint64_t>(retry_ns, 1)), timeout_ns_(timeout_ns) {}

  std::string_view name() const noexcept override { return kWait; }

  Enqueue on_full(Kcompressd& queue, Clock& clock, const Page& page) override {
    const std::uint64_t start = clock.now_ns();
    for (;;) {
      clock.pause_ns(retry_ns_);
      const std::uint64_t now = clock.now_ns();
      const Enqueue result = queue.enqueue(page, now);
      if (result != Enqueue::kFull || now - start >= timeout_ns_) {
        return result;
      }
    }
  }

 private:
  std::uint64_t retry_ns_;
  std::uint64_t timeout_ns_;
};

class SyncNewest final : public BackPressure {
 public:
  SyncNewest(Codec& codec, PageSink sink, std::uint32_t limit)
      : codec_(codec), sink_(std::move(sink)), limit_(limit) {}

  std::string_view name() const noexcept override { return kSyncNewest; }

  Enqueue on_full(Kcompressd& /*queue*/, Clock& clock, const Page& page) override {
    PageDone done;
    done.page = page;
    done.synchronous = true;
    done.enqueue_ns = done.submit_ns = clock.now_ns();
    const Request request{.src = page.data,
                          .dst = buffer_.data(),
                          .capacity = kPageSize,
                          .limit = limit_,
                          .tag = page.cookie,
                          .operation = page.operation,
                          .src_len = page.len};
    if (codec_.submit(std::span(&request, 1)) == 0) {
      return Enqueue::kFull;
    }
    // A CPU codec is done already. Another's poll() throws if it takes too long.
    while (codec_.poll(std::span(&done.completion, 1)) == 0) {
      clock.pause_ns(kPollInterval);
    }
    done.complete_ns = clock.now_ns();
    done.out = {buffer_.data(), done.completion.out_len};
    sink_(done);
    return Enqueue::kDone;
  }

 private:
  Codec& codec_;
  PageSink sink_;
  std::uint32_t limit_;
  std::array<std::byte, kPageSize> buffer_{};
};

}  // namespace

std::unique_ptr<BackPressure> make_wait_policy(std::uint64_t retry_ns, std::uint64_t timeout_ns) {
  return std::make_unique<Wait>(retry_ns, timeout_ns);
}

std::unique_ptr<BackPressure> make_sync_newest_policy(Codec& codec, PageSink sink,
                                                      std::uint32_t limit) {
  return std::make_unique<SyncNewest>(codec, std::move(sink), limit);
}

std::span<const std::string_view> back_pressure_names() noexcept { return kNames; }

Enqueue Producer::put(const Page& page) {
  if (const std::uint64_t cost = queue_.config().costs.enqueue_ns; cost != 0) {
    clock_.pause_ns(cost);
  }
  const Enqueue result = queue_.enqueue(page, clock_.now_ns());
  return result == Enqueue::kFull ? policy_.on_full(queue_, clock_, page) : result;
}

}  // namespace pagepress
