// SPDX-License-Identifier: Apache-2.0
// A device behind a link, driven as a driver would, but by registers and
// raw memory only: no driver code, so that model and RTL are tested by themselves.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <systemc>
#include <vector>

#include "model/device/device.hpp"
#include "model/fault/fault_injector.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "tests/model/probes.hpp"

namespace pagepress::model {

// Memory aligned as rings and pages want it.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t len) : bytes_(len + kAlign) {
    const std::size_t over = reinterpret_cast<std::uintptr_t>(bytes_.data()) % kAlign;
    start_ = over == 0 ? 0 : kAlign - over;
  }
  [[nodiscard]] std::uint8_t* data() noexcept { return bytes_.data() + start_; }

 private:
  static constexpr std::size_t kAlign = 4096;
  std::vector<std::uint8_t> bytes_;
  std::size_t start_;
};

// One completion and the time at which the poller saw it.
struct Seen {
  pp_cqe cqe;
  double ns;
  bool operator==(const Seen& other) const {
    return std::memcmp(&cqe, &other.cqe, sizeof cqe) == 0 && ns == other.ns;
  }
};

// The device that the binary is linked with: make_rtl_device.cpp or make_fast_device.cpp.
std::unique_ptr<Device> make_test_device();

class PagepressBench : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t kSq = 0x10'0000, kCq = 0x20'0000, kPages = 0x1'0000'0000;
  static constexpr unsigned kDepthLog2 = 6, kDepth = 1U << kDepthLog2;
  static constexpr std::size_t kSlot = 8192;  // source page, then destination page
  static constexpr unsigned kSlots = 256;

  std::unique_ptr<Device> made;
  Device& device;
  Link link{"link", link_preset("soc")};
  HostMemory memory{"memory"};
  RegisterMaster registers{"registers"};
  IrqProbe irq;
  AlignedBytes sq{kDepth * sizeof(pp_sqe)};
  AlignedBytes cq{kDepth * sizeof(pp_cqe)};
  AlignedBytes pages{kSlots * kSlot};

  // `between`: an injector that stands between device and link.
  explicit PagepressBench(const sc_core::sc_module_name& name,
                          std::unique_ptr<Device> (*make)() = make_test_device,
                          FaultInjector* between = nullptr)
      : sc_module(name), made(make()), device(*made) {
    if (between == nullptr) {
      device.dma.bind(link.dma);
      link.registers.bind(device.registers);
      device.irq.bind(link.irq_in);
    } else {
      between->bind(device, link);
    }
    link.memory.bind(memory.socket);
    registers.socket.bind(link.host);
    link.irq.bind(irq);
    memory.add_range(kSq, sq.data(), kDepth * sizeof(pp_sqe), false);
    memory.add_range(kCq, cq.data(), kDepth * sizeof(pp_cqe), true);
    memory.add_range(kPages, pages.data(), kSlots * kSlot, true);
  }

  std::uint8_t* source(unsigned slot) { return pages.data() + slot * kSlot; }
  std::uint8_t* destination(unsigned slot) { return source(slot) + 4096; }
  static std::uint64_t source_iova(unsigned slot) { return kPages + slot * kSlot; }
  static std::uint64_t destination_iova(unsigned slot) { return source_iova(slot) + 4096; }

  // Everything from reset to a running queue. `irq_ctrl`: PP_Q_IRQ_CTRL.
  void start(std::uint32_t irq_ctrl = 0) {
    write(PP_REG_CTRL, PP_CTRL_RESET);
    while ((read(PP_REG_CTRL) & PP_CTRL_RESET) != 0) wait_ns(50);
    sq_tail_ = cq_head_ = 0;
    std::memset(cq.data(), 0, kDepth * sizeof(pp_cqe));
    write(PP_REG_CTRL, PP_CTRL_ENABLE);
    queue_write(PP_Q_SIZE, kDepthLog2 | (kDepthLog2 << 8));
    queue_write(PP_Q_SQ_BASE_LO, static_cast<std::uint32_t>(kSq));
    queue_write(PP_Q_SQ_BASE_HI, static_cast<std::uint32_t>(kSq >> 32));
    queue_write(PP_Q_CQ_BASE_LO, static_cast<std::uint32_t>(kCq));
    queue_write(PP_Q_CQ_BASE_HI, static_cast<std::uint32_t>(kCq >> 32));
    queue_write(PP_Q_IRQ_CTRL, irq_ctrl);
    queue_write(PP_Q_CTRL, PP_Q_CTRL_ENABLE);
    ASSERT_EQ(queue_read(PP_Q_STATE) & 0xf, PP_QSTATE_RUNNING);
  }

  // The descriptor that compresses a slot's page.
  static pp_sqe compress(unsigned slot) {
    pp_sqe sqe{};
    sqe.opcode = PP_OP_COMPRESS;
    sqe.algorithm = PP_ALG_LZ4_BLOCK;
    sqe.src_len = 4096;
    sqe.src_addr = source_iova(slot);
    sqe.dst_addr = destination_iova(slot);
    sqe.dst_capacity = 4096;
    sqe.tag = 0x7a60'0000'0000 + slot;
    return sqe;
  }

  void push(const pp_sqe& sqe) {
    std::memcpy(sq.data() + (sq_tail_ % kDepth) * sizeof sqe, &sqe, sizeof sqe);
    ++sq_tail_;
  }
  void ring() { write(PP_DOORBELL_BASE + PP_DB_SQ_TAIL, sq_tail_); }

  // The next completion if it is there; returns its entry to the device.
  bool poll(pp_cqe& cqe) {
    const std::uint8_t* const at = cq.data() + (cq_head_ % kDepth) * sizeof cqe;
    const unsigned phase = ((cq_head_ / kDepth) & 1U) == 0 ? 1 : 0;
    if ((at[sizeof cqe - 1] & PP_CQE_F_PHASE) != phase) return false;
    std::memcpy(&cqe, at, sizeof cqe);
    ++cq_head_;
    write(PP_DOORBELL_BASE + PP_DB_CQ_HEAD, cq_head_);
    return true;
  }

  // Keeps the ring full until every descriptor has completed, polling each `poll_ns`.
  std::vector<Seen> run(const std::vector<pp_sqe>& descriptors, double poll_ns = 50) {
    std::vector<Seen> seen;
    std::size_t pushed = 0;
    const double deadline = now_ns() + 1e6 + 5e3 * static_cast<double>(descriptors.size());
    while (seen.size() < descriptors.size() && now_ns() < deadline) {
      const std::size_t before = pushed;
      while (pushed < descriptors.size() && pushed - seen.size() < kDepth) {
        push(descriptors[pushed++]);
      }
      if (pushed != before) ring();
      pp_cqe cqe;
      while (poll(cqe)) seen.push_back({cqe, now_ns()});
      wait_ns(poll_ns);
    }
    EXPECT_EQ(seen.size(), descriptors.size()) << "completions are missing";
    return seen;
  }

  void write(std::uint64_t offset, std::uint32_t value) {
    EXPECT_EQ(registers.write(offset, value), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t read(std::uint64_t offset) { return registers.read(offset); }
  void queue_write(std::uint64_t offset, std::uint32_t value) {
    write(PP_QUEUE_BASE + offset, value);
  }
  std::uint32_t queue_read(std::uint64_t offset) { return read(PP_QUEUE_BASE + offset); }

 private:
  std::uint16_t sq_tail_ = 0;  // free-running
  std::uint16_t cq_head_ = 0;
};

}  // namespace pagepress::model
