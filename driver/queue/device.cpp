// SPDX-License-Identifier: Apache-2.0
// Probe, reset, enable, error log and counters of a device.
#include <pagepress/device.hpp>

#include <fmt/format.h>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

constexpr std::uint32_t kGone = 0xffffffffu;  // what a bus reads of a device that is not there

constexpr unsigned field(std::uint32_t value, unsigned high, unsigned low) {
  return (value >> low) & ((1u << (high - low + 1)) - 1u);
}

const char* condition_name(unsigned condition) {
  switch (condition) {
    case PP_ERR_DOORBELL_RANGE:
      return "sq_tail doorbell out of range";
    case PP_ERR_CQ_HEAD_RANGE:
      return "cq_head doorbell out of range";
    case PP_ERR_DOORBELL_DISABLED:
      return "doorbell of a queue that is not running";
    case PP_ERR_QUEUE_SIZE:
      return "bad queue size";
    case PP_ERR_RING_BASE:
      return "ring base not aligned";
    case PP_ERR_SQ_FETCH:
      return "bus error fetching a submission";
    case PP_ERR_CQ_WRITE:
      return "bus error writing a completion";
    case PP_ERR_REGISTER_LOCKED:
      return "write of a register that is locked while enabled";
    case PP_ERR_SGL_FETCH:
      return "bus error fetching a scatter list";
    case PP_ERR_ENGINE:
      return "internal check of an engine failed";
    default:
      return "unknown condition";
  }
}

}  // namespace

std::string to_string(const ErrorLogEntry& entry) {
  return fmt::format("{} (condition {}, queue {}, index {:#x}, address {:#x})",
                     condition_name(entry.condition), entry.condition, entry.queue, entry.index,
                     entry.address);
}

Device::Device(Bus& bus, Clock& clock, const DeviceConfig& config)
    : bus_(bus), clock_(clock), config_(config) {
  capabilities_ = probe();
  reset();
}

Device::Control::Control(Device& device) : device_(device) {
  while (device_.control_.test_and_set(std::memory_order_acquire)) {
    device_.clock_.pause_ns(device_.config_.register_poll_ns);
  }
}

Device::Control::~Control() { device_.control_.clear(std::memory_order_release); }

Device::~Device() {
  try {
    disable();
  } catch (const std::exception&) {
    // A device that no longer answers cannot be made to; its mappings go next.
  }
}

Capabilities Device::probe() {
  const std::uint32_t id = bus_.read32(PP_REG_ID);
  if (id == kGone) {
    throw DeviceError(DeviceFault::kNotPresent, "no device: PP_REG_ID reads all ones");
  }
  if (id != PP_ID_VALUE) {
    throw DeviceError(DeviceFault::kNotPresent,
                      fmt::format("not a page-compression engine: PP_REG_ID reads {:#010x}, not "
                                  "{:#010x}",
                                  id, PP_ID_VALUE));
  }
  Capabilities caps;
  const std::uint32_t version = bus_.read32(PP_REG_VERSION);
  caps.version_major = field(version, 31, 16);
  caps.version_minor = field(version, 15, 0);
  if (caps.version_major != PP_VERSION_MAJOR) {
    throw DeviceError(DeviceFault::kUnsupported,
                      fmt::format("PP_REG_VERSION: the device has contract {}.{}, this driver "
                                  "speaks {}.x",
                                  caps.version_major, caps.version_minor, PP_VERSION_MAJOR));
  }
  const std::uint32_t cap0 = bus_.read32(PP_REG_CAP0);
  caps.queues = field(cap0, 8, 0);
  caps.engines = field(cap0, 15, 9);
  caps.depth_log2 = field(cap0, 20, 16);
  caps.unit_log2 = field(cap0, 28, 24);
  const std::uint32_t cap1 = bus_.read32(PP_REG_CAP1);
  caps.algorithms = field(cap1, 15, 0);
  caps.operations = field(cap1, 31, 16);
  const std::uint32_t cap2 = bus_.read32(PP_REG_CAP2);
  caps.positions = field(cap2, 7, 0);
  caps.align_log2 = field(cap2, 11, 8);
  caps.sge_max = field(cap2, 15, 12);
  caps.vectors = field(cap2, 27, 16);
  caps.features = bus_.read32(PP_REG_FEATURES_LO) |
                  static_cast<std::uint64_t>(bus_.read32(PP_REG_FEATURES_HI)) << 32;

  const auto need = [](bool there, const char* what) {
    if (!there) {
      throw DeviceError(DeviceFault::kUnsupported, fmt::format("the device lacks {}", what));
    }
  };
  need(caps.queues >= 1, "queues (PP_REG_CAP0)");
  need(caps.depth_log2 >= 1 && caps.depth_log2 <= PP_DEPTH_LOG2_MAX,
       "a ring depth that the contract knows (PP_REG_CAP0)");
  need(caps.unit_log2 >= PP_UNIT_LOG2_MIN, "units of 4 KiB (PP_REG_CAP0)");
  need((caps.algorithms >> PP_ALG_LZ4_BLOCK & 1u) != 0, "LZ4 blocks (PP_REG_CAP1)");
  need((caps.operations >> PP_OP_COMPRESS & 1u) != 0, "compression (PP_REG_CAP1)");
  return caps;
}

std::uint32_t Device::wait_register(std::uint64_t offset, std::uint32_t mask, std::uint32_t want,
                                    const std::string& name) {
  const std::uint64_t start = clock_.now_ns();
  for (;;) {
    const std::uint32_t value = bus_.read32(offset);
    if (value == kGone) {
      throw DeviceError(DeviceFault::kNotPresent,
                        fmt::format("the device is gone: {} reads all ones", name));
    }
    if ((value & mask) == want) {
      return value;
    }
    if (clock_.now_ns() - start >= config_.register_timeout_ns) {
      throw DeviceError(DeviceFault::kTimeout,
                        fmt::format("{} stays {:#x} for {} us, waiting for {:#x} of {:#x}", name,
                                    value, config_.register_timeout_ns / 1000, want, mask));
    }
    clock_.pause_ns(config_.register_poll_ns);
  }
}

void Device::reset() {
  const Control control(*this);
  reset(control);
}

void Device::reset(const Control& /*control*/) {
  generation_.fetch_add(1, std::memory_order_acq_rel);
  lost_.store(true, std::memory_order_release);  // unless it ends
  bus_.write32(PP_REG_CTRL, PP_CTRL_RESET);
  wait_register(PP_REG_CTRL, PP_CTRL_RESET, 0, "PP_REG_CTRL after reset");
  wait_register(PP_REG_STATE, PP_STATE_READY | PP_STATE_RESETTING, PP_STATE_READY,
                "PP_REG_STATE after reset");
  lost_.store(false, std::memory_order_release);
}

void Device::revive(const Control& control) {
  if (!lost()) {
    return;
  }
  if (probe() != capabilities_) {
    throw DeviceError(DeviceFault::kUnsupported,
                      "the device that answers now has other capabilities than the one before");
  }
  reset(control);
}

void Device::enable() { bus_.write32(PP_REG_CTRL, PP_CTRL_ENABLE); }

void Device::disable() {
  bus_.write32(PP_REG_CTRL, 0);
  wait_register(PP_REG_STATE, PP_STATE_BUSY | PP_STATE_RESETTING, 0, "PP_REG_STATE after disable");
}

std::optional<ErrorLogEntry> Device::pop_error() {
  const Control control(*this);
  return next_error();
}

std::optional<ErrorLogEntry> Device::next_error() {
  if (!capabilities_.has(PP_FEAT_ERROR_LOG)) {
    return std::nullopt;
  }
  const std::uint32_t status = bus_.read32(PP_REG_ERR_STATUS);
  if (status == kGone || (status & PP_ERR_STATUS_VALID) == 0) {
    return std::nullopt;
  }
  const std::uint32_t condition = bus_.read32(PP_REG_ERR_COND);
  ErrorLogEntry entry;
  entry.condition = field(condition, 7, 0);
  entry.queue = field(condition, 23, 8);
  entry.index = bus_.read32(PP_REG_ERR_INDEX);
  entry.address = bus_.read32(PP_REG_ERR_ADDR_LO) |
                  static_cast<std::uint64_t>(bus_.read32(PP_REG_ERR_ADDR_HI)) << 32;
  bus_.write32(PP_REG_ERR_POP, 1);
  return entry;
}

std::string Device::drain_errors() {
  const Control control(*this);
  return drain_errors(control);
}

std::string Device::drain_errors(const Control& /*control*/) {
  constexpr int kMost = 64;  // a device that always has one more must not hold us
  std::string text;
  for (int i = 0; i < kMost; ++i) {
    const auto entry = next_error();
    if (!entry) {
      break;
    }
    text += (i == 0 ? "error log: " : ", ") + to_string(*entry);
  }
  return text.empty() ? "error log empty" : text;
}

std::uint64_t Device::counter(unsigned scope, unsigned instance, unsigned counter) {
  if (!capabilities_.has(PP_FEAT_COUNTERS)) {
    throw DeviceError(DeviceFault::kUnsupported, "the device lacks counters (PP_FEAT_COUNTERS)");
  }
  const Control control(*this);
  bus_.write32(PP_REG_PERF_SELECT, scope << 28 | (instance & 0xfffu) << 16 | (counter & 0xffffu));
  return bus_.read32(PP_REG_PERF_LO) | static_cast<std::uint64_t>(bus_.read32(PP_REG_PERF_HI))
                                           << 32;
}

}  // namespace pagepress
