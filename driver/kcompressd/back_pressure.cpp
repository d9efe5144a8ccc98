// SPDX-License-Identifier: Apache-2.0
// What producers do when the FIFO is full.
#include <pagepress/back_pressure.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace pagepress {
namespace {

constexpr std::string_view kWait = "wait";
constexpr std::string_view kSyncNewest = "sync-newest";
constexpr std::string_view kDrainOldest = "drain-oldest";
constexpr std::string_view kDivert = "divert-to-cpu";
constexpr std::array kNames = {kWait, kSyncNewest, kDrainOldest, kDivert};

class Wait final : public BackPressure {
 public:
  Wait(std::uint64_t retry_ns, std::uint64_t timeout_ns)
      : retry_ns_(std::max<std::uint64_t>(retry_ns, 1)), timeout_ns_(timeout_ns) {}

  std::string_view name() const noexcept override { return kWait; }

  Enqueue on_full(PageQueue& queue, Clock& clock, const Page& page) override {
    const std::uint64_t start = clock.now_ns();
    for (;;) {
      clock.sleep_ns(retry_ns_);
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
  explicit SyncNewest(SynchronousPath& path) : path_(path) {}
  explicit SyncNewest(std::unique_ptr<SynchronousPath> path)
      : own_(std::move(path)), path_(*own_) {}

  std::string_view name() const noexcept override { return kSyncNewest; }

  Enqueue on_full(PageQueue& /*queue*/, Clock& clock, const Page& page) override {
    return path_.run(clock, page, clock.now_ns()) ? Enqueue::kDone : Enqueue::kFull;
  }

 private:
  std::unique_ptr<SynchronousPath> own_;
  SynchronousPath& path_;
};

class DrainOldest final : public BackPressure {
 public:
  DrainOldest(SynchronousPath& path, std::uint64_t retry_ns)
      : path_(path), retry_ns_(std::max<std::uint64_t>(retry_ns, 1)) {}

  std::string_view name() const noexcept override { return kDrainOldest; }

  Enqueue on_full(PageQueue& queue, Clock& clock, const Page& page) override {
    for (;;) {
      // Another producer may be quicker to use the room, which then costs another page.
      if (const std::optional<QueuedPage> oldest = queue.take_oldest()) {
        path_.finish(clock, *oldest);
      } else {
        clock.sleep_ns(retry_ns_);
      }
      const Enqueue result = queue.enqueue(page, clock.now_ns());
      if (result != Enqueue::kFull) {
        return result;
      }
    }
  }

 private:
  SynchronousPath& path_;
  std::uint64_t retry_ns_;
};

class Divert final : public BackPressure {
 public:
  Divert(SynchronousPath& path, std::uint64_t completions)
      : path_(path), completions_(completions) {}

  std::string_view name() const noexcept override { return kDivert; }

  bool offers(const PageQueue& queue) override {
    if (until_ && (queue.counters().completed >= *until_ || queue.queued() == 0)) {
      until_.reset();
    }
    return !until_;
  }

  Enqueue on_full(PageQueue& queue, Clock& clock, const Page& page) override {
    if (!until_) {
      // Never more than wait in the queue now: they are sure to come, if the workers live.
      const std::uint64_t held = std::max<std::uint64_t>(queue.queued(), 1);
      const std::uint64_t wanted = completions_ == 0 ? held : std::min(completions_, held);
      until_ = queue.counters().completed + wanted;
    }
    return path_.run(clock, page, clock.now_ns()) ? Enqueue::kDone : Enqueue::kFull;
  }

 private:
  SynchronousPath& path_;
  std::uint64_t completions_;
  std::optional<std::uint64_t> until_;  // the workers' count that ends it
};

}  // namespace

std::unique_ptr<BackPressure> make_wait_policy(std::uint64_t retry_ns, std::uint64_t timeout_ns) {
  return std::make_unique<Wait>(retry_ns, timeout_ns);
}

std::unique_ptr<BackPressure> make_sync_newest_policy(SynchronousPath& path) {
  return std::make_unique<SyncNewest>(path);
}

std::unique_ptr<BackPressure> make_sync_newest_policy(Codec& codec, PageSink sink,
                                                      std::uint32_t limit) {
  return std::make_unique<SyncNewest>(
      std::make_unique<SynchronousPath>(codec, std::move(sink), limit));
}

std::unique_ptr<BackPressure> make_drain_oldest_policy(SynchronousPath& path,
                                                       std::uint64_t retry_ns) {
  return std::make_unique<DrainOldest>(path, retry_ns);
}

std::unique_ptr<BackPressure> make_divert_policy(SynchronousPath& path, std::uint64_t completions) {
  return std::make_unique<Divert>(path, completions);
}

std::span<const std::string_view> back_pressure_names() noexcept { return kNames; }

std::unique_ptr<BackPressure> make_back_pressure(std::string_view name, SynchronousPath* path,
                                                 std::uint64_t retry_ns, std::uint64_t timeout_ns) {
  if (name == kWait) return make_wait_policy(retry_ns, timeout_ns);
  const auto known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
  if (!known || path == nullptr) {
    throw std::invalid_argument(fmt::format("back pressure '{}': {}", name,
                                            known ? "needs a synchronous path" : "unknown"));
  }
  if (name == kSyncNewest) return make_sync_newest_policy(*path);
  if (name == kDrainOldest) return make_drain_oldest_policy(*path, retry_ns);
  return make_divert_policy(*path);
}

}  // namespace pagepress
