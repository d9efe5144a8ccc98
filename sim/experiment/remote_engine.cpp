// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/remote_engine.hpp"

#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/queue_pair.hpp>
#include <pagepress/vfio.hpp>
#include <pagepress/vfio_user.hpp>

#include <algorithm>

#include "rtl/abi/pagepress_abi.h"
#include "sim/experiment/compare.hpp"
#include "sim/host/engine_queues.hpp"

namespace pagepress::sim {
namespace {

// A Verilated engine needs a second of real time for what takes it microseconds.
constexpr std::uint64_t kPatienceNs = 30'000'000'000;

}  // namespace

// A bus with what goes with it.
class RemoteEngine::Link {
 public:
  virtual ~Link() = default;
  [[nodiscard]] virtual Bus& bus() = 0;
  [[nodiscard]] virtual DmaAllocator& memory() = 0;
  [[nodiscard]] virtual bool maps_pages() const { return true; }
  // Why the way to the device is gone; empty: it is not.
  [[nodiscard]] virtual std::string failure() const { return {}; }

  // what(); an error of the device whose bus has failed says why that is.
  template <class What>
  auto explained(What what) {
    try {
      return what();
    } catch (const DeviceError&) {
      check();
      throw;
    }
  }
  void check() const {
    if (std::string reason = failure(); !reason.empty()) {
      throw DeviceError(DeviceFault::kNotPresent, reason);
    }
  }
};

class RemoteEngine::SocketLink final : public Link {
 public:
  explicit SocketLink(const std::string& socket)
      : bus_(socket, {.reply_timeout_ns = kPatienceNs, .max_vectors = 0}) {}
  Bus& bus() override { return bus_; }
  DmaAllocator& memory() override { return bus_.memory(); }
  std::string failure() const override { return bus_.failure(); }

 private:
  VfioUserBus bus_;
};

class RemoteEngine::PciLink final : public Link {
 public:
  explicit PciLink(const std::string& target) : bus_(target, {.max_vectors = 0}) {}
  Bus& bus() override { return bus_; }
  DmaAllocator& memory() override { return bus_.memory(); }
  // Page files are not physically contiguous.
  bool maps_pages() const override { return bus_.iova_mode() == IovaMode::kVirtual; }

 private:
  VfioBus bus_;
};

// A queue of the device, taken while this lives.
class RemoteEngine::Lease {
 public:
  explicit Lease(RemoteEngine& engine) : engine_(engine), index_(engine.take_queue()) {}
  ~Lease() { engine_.return_queue(index_); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  [[nodiscard]] unsigned index() const noexcept { return index_; }

 private:
  RemoteEngine& engine_;
  unsigned index_;
};

// A codec with a queue pair of its own.
class RemoteEngine::QueueCodec final : public Codec {
 public:
  QueueCodec(RemoteEngine& engine, const std::string& name, Operation operation)
      : engine_(engine),
        lease_(engine),
        queue_(engine.device_, engine.map_, engine.link_->memory(), config(operation)),
        codec_(make_engine_codec(name, queue_, engine.map_, codec_config())) {}

  [[nodiscard]] std::string_view name() const noexcept override { return codec_->name(); }
  [[nodiscard]] std::size_t depth() const noexcept override { return codec_->depth(); }
  std::size_t submit(std::span<const Request> requests) override {
    return engine_.link_->explained([&] { return codec_->submit(requests); });
  }
  std::size_t poll(std::span<Completion> done) override {
    const std::size_t count = engine_.link_->explained([&] { return codec_->poll(done); });
    if (count == 0) engine_.link_->check();  // else its time-out would be the first to tell
    return count;
  }

 private:
  [[nodiscard]] EngineCodecConfig codec_config() const {
    EngineCodecConfig config;
    // Where pages are not mapped, a whole queue of them is bounced, both ways.
    if (!engine_.link_->maps_pages()) config.bounce_slots = 2 * engine_.depth_;
    return config;
  }
  [[nodiscard]] QueueConfig config(Operation operation) const {
    QueueConfig config;
    config.index = lease_.index();
    config.sq_depth = engine_.depth_;
    config.cq_depth = engine_.depth_;
    config.completion_timeout_ns = kPatienceNs;
    if (operation == Operation::kDecompress &&
        engine_.device_.capabilities().has(PP_FEAT_PRIORITY)) {
      config.priority = kDecompressPriority;
    }
    return config;
  }

  RemoteEngine& engine_;
  Lease lease_;
  QueuePair queue_;
  std::unique_ptr<Codec> codec_;
};

RemoteEngine::RemoteEngine(const RemoteBus& bus, unsigned depth)
    : depth_(depth),
      link_(open(bus)),
      device_(link_->explained([this] {
        return Device(link_->bus(), clock_,
                      {.register_timeout_ns = kPatienceNs, .register_poll_ns = 100'000});
      })),
      map_(link_->bus()),
      taken_(device_.capabilities().queues) {
  require_decompression(device_.capabilities());
}

RemoteEngine::~RemoteEngine() = default;

std::unique_ptr<RemoteEngine::Link> RemoteEngine::open(const RemoteBus& bus) {
  if (bus.kind == "vfio") return std::make_unique<PciLink>(bus.target);
  return std::make_unique<SocketLink>(bus.target);
}

unsigned RemoteEngine::take_queue() {
  const std::lock_guard lock(mutex_);
  const auto at = std::find(taken_.begin(), taken_.end(), false);
  if (at == taken_.end()) {
    throw CompareError(
        fmt::format("the device has {} queues; a worker needs one, and page faults one beside it",
                    taken_.size()));
  }
  *at = true;
  return static_cast<unsigned>(at - taken_.begin());
}

void RemoteEngine::return_queue(unsigned index) {
  const std::lock_guard lock(mutex_);
  taken_[index] = false;
}

RealBackend RemoteEngine::backend(const std::string& name) {
  RealBackend backend;
  backend.name = name;
  backend.make_codec = [this, name](Operation operation) -> std::unique_ptr<Codec> {
    return link_->explained([&] { return std::make_unique<QueueCodec>(*this, name, operation); });
  };
  backend.make_own_codec = [] { return make_cpu_lz4(); };
  backend.dma = &map_;
  backend.memory = &link_->memory();
  backend.maps_pages = link_->maps_pages();
  backend.device = device_.capabilities();
  return backend;
}

}  // namespace pagepress::sim
