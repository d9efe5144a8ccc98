// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/emulator.hpp"

#include <sys/prctl.h>

#include <span>
#include <utility>

#include <fmt/format.h>

#include "model/emulator/guarded_copy.hpp"
#include "model/emulator/socket_transport.hpp"
#include "model/link/register_access.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

using sc_core::sc_time;

constexpr std::size_t kStack = 1u << 20;  // of the thread: JSON and messages
// A request to stop may come between the look and the sleep.
constexpr std::chrono::milliseconds kLongestSleep{100};
constexpr double kRestWithinMs = 10;  // [ms] simulated: no unit takes so long

sc_time rest_deadline() {
  return sc_core::sc_time_stamp() + sc_time(kRestWithinMs, sc_core::SC_MS);
}

bool at_rest() { return !sc_core::sc_pending_activity(); }

}  // namespace

Emulator::Emulator(const sc_core::sc_module_name& name, std::unique_ptr<model::Device> device,
                   const model::LinkConfig& link, EmulatorConfig config)
    : sc_module(name),
      config_(std::move(config)),
      listener_(config_.socket),
      device_(std::move(device)),
      link_("link", link) {
  device_->dma.bind(link_.dma);
  link_.memory.bind(memory_);
  registers_.bind(link_.host);
  link_.registers.bind(device_->registers);
  device_->irq.bind(link_.irq_in);
  link_.irq.bind(*this);
  memory_.register_b_transport(this, &Emulator::memory_b_transport);
}

Emulator::~Emulator() = default;

void Emulator::run() {
  const SigbusGuard guard;
  ::prctl(PR_SET_TIMERSLACK, 1000);  // [ns] else a pause between looks takes 50 us more
  sc_core::sc_spawn_options options;
  options.set_stack_size(static_cast<int>(kStack));
  sc_core::sc_spawn([this] { main(); }, "main", &options);
  sc_core::sc_start();
  if (error_) std::rethrow_exception(error_);
}

void Emulator::main() {
  try {
    serve_clients();
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // SystemC's own way to end a process
  } catch (...) {
    error_ = std::current_exception();
  }
  sc_core::sc_pause();  // and never goes on; sc_stop() would write to standard output
}

void Emulator::serve_clients() {
  const std::uint32_t cap0 = read(PP_REG_CAP0);
  const std::uint32_t cap2 = read(PP_REG_CAP2);
  RegisterPort& registers = *this;
  function_.emplace(registers, /*queues=*/cap0 & 0x1ff, /*vectors=*/cap2 >> 16 & 0xfff);
  config_.ready();
  while (!config_.stop_requested()) {
    FileDescriptor client = listener_.accept(kLongestSleep);
    if (!client) continue;
    serve(std::move(client));
    if (config_.once) break;
  }
}

void Emulator::serve(FileDescriptor client) {
  config_.note("a client has come");
  function_->client_has_come();
  SocketTransport transport(std::move(client), config_.answer_within);
  Session session(transport, *function_, config_.answer_within);
  session_ = &session;
  std::string reason = "the server ends";
  try {
    while (!config_.stop_requested()) {
      bool something = function_->poll_doorbells();
      something |= session.turn();
      if (!at_rest()) {
        wait(config_.slice);
      } else if (!something) {
        session.wait(function_->doorbells().shared() ? config_.poll : kLongestSleep);
      }
    }
  } catch (const Disconnected& disconnected) {
    reason = disconnected.what();
  }
  session_ = nullptr;
  function_->client_has_gone();
  config_.note(fmt::format("a client has gone: {}", reason));
  settle();
}

void Emulator::settle() {
  const sc_time end = rest_deadline();
  while (!at_rest() && sc_core::sc_time_stamp() < end && !config_.stop_requested()) {
    wait(config_.slice);
  }
}

// ---- The device's registers --------------------------------------------------------------------

std::uint32_t Emulator::read(std::uint64_t offset) {
  std::uint32_t value = 0;
  return model::access_register(registers_, tlm::TLM_READ_COMMAND, offset, value) ? value
                                                                                  : 0xffffffffu;
}

void Emulator::write(std::uint64_t offset, std::uint32_t value) {
  // A posted write: an error has nowhere to go, as on PCIe.
  (void)model::access_register(registers_, tlm::TLM_WRITE_COMMAND, offset, value);
}

bool Emulator::reset() {
  const sc_time end = rest_deadline();
  write(PP_REG_CTRL, PP_CTRL_RESET);
  while ((read(PP_REG_CTRL) & PP_CTRL_RESET) != 0 || (read(PP_REG_STATE) & PP_STATE_READY) == 0) {
    if (sc_core::sc_time_stamp() >= end) return false;
  }
  settle();  // interrupts that were on their way
  return at_rest();
}

// ---- The device's DMA and interrupts -----------------------------------------------------------

void Emulator::memory_b_transport(tlm::tlm_generic_payload& trans, sc_time& /*delay*/) {
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  } else if (trans.get_streaming_width() < trans.get_data_length()) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else {
    trans.set_response_status(session_ != nullptr && dma(trans) ? tlm::TLM_OK_RESPONSE
                                                                : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

bool Emulator::dma(tlm::tlm_generic_payload& trans) {
  const std::uint64_t address = trans.get_address();
  const std::span data(reinterpret_cast<std::byte*>(trans.get_data_ptr()), trans.get_data_length());
  if (trans.is_read()) return session_->dma_read(address, data);
  const std::uint8_t* const enable = trans.get_byte_enable_ptr();
  if (enable == nullptr) return session_->dma_write(address, data);
  const unsigned enables = trans.get_byte_enable_length();
  if (enables == 0) return false;
  // Runs of enabled bytes; the enables repeat if they are fewer than the data.
  const auto enabled = [&](std::size_t i) { return enable[i % enables] != TLM_BYTE_DISABLED; };
  for (std::size_t from = 0, to = 0; from < data.size(); from = to) {
    for (to = from + 1; to < data.size() && enabled(to) == enabled(from);) ++to;
    if (enabled(from) && !session_->dma_write(address + from, data.subspan(from, to - from))) {
      return false;
    }
  }
  return true;
}

void Emulator::raise(unsigned vector) { function_->msix().raise(vector); }

}  // namespace pagepress::emulator
