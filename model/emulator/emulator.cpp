// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/emulator.hpp"

#include <sys/prctl.h>

#include <span>
#include <utility>

#include <fmt/format.h>

#include "model/emulator/guarded_copy.hpp"

namespace pagepress::emulator {
namespace {

// A request to stop may come between the look and the sleep.
constexpr std::chrono::milliseconds kLongestSleep{100};

}  // namespace

Emulator::Emulator(const sc_core::sc_module_name& name, ClientSource& clients, ServedDevice served,
                   EmulatorConfig config)
    : sc_module(name),
      config_(std::move(config)),
      clients_(clients),
      log_(served.log),
      port_("port", std::move(served), *this) {}

Emulator::~Emulator() = default;

void Emulator::run() {
  const SigbusGuard guard;
  ::prctl(PR_SET_TIMERSLACK, 1000);  // [ns] else a pause between looks takes 50 us more
  process_.run([this] { serve_clients(); });
}

void Emulator::serve_clients() {
  function_ = port_.make_function();
  config_.ready();
  while (!config_.stop_requested()) {
    flush();
    const std::unique_ptr<Client> client = clients_.next(*function_, *this, kLongestSleep);
    if (client == nullptr) continue;
    serve(*client);
    if (config_.once) break;
  }
  if (config_.recording != nullptr) config_.recording->end();
  flush();
}

void Emulator::serve(Client& client) {
  config_.note("a client has come");
  if (config_.recording != nullptr) config_.recording->client_came();
  function_->client_has_come();
  client_ = &client;
  std::string reason = "the server ends";
  try {
    while (!config_.stop_requested()) {
      bool something = function_->poll_doorbells();
      something |= client.turn();
      if (!DevicePort::at_rest()) {
        wait(config_.slice);
      } else if (!something) {
        sleep();
      }
    }
  } catch (const Disconnected& disconnected) {
    reason = disconnected.what();
  }
  client_ = nullptr;
  if (config_.recording != nullptr) config_.recording->client_gone();
  function_->client_has_gone();
  config_.note(fmt::format("a client has gone: {}", reason));
  port_.settle(config_.stop_requested);
}

void Emulator::sleep() {
  flush();
  client_->wait(function_->doorbells().shared() ? config_.poll : kLongestSleep);
}

void Emulator::flush() {
  if (config_.recording != nullptr) config_.recording->flush();
  if (log_ != nullptr) log_->flush();
}

// ---- What the device does, and what comes to it ------------------------------------------------

bool Emulator::dma(tlm::tlm_generic_payload& trans) {
  if (client_ == nullptr) return false;
  const bool ok = dma_parts(trans);
  if (config_.recording != nullptr) {
    config_.recording->dma(
        trans.is_read(), trans.get_address(),
        {reinterpret_cast<std::byte*>(trans.get_data_ptr()), trans.get_data_length()}, ok);
  }
  return ok;
}

bool Emulator::dma_parts(tlm::tlm_generic_payload& trans) {
  const std::uint64_t address = trans.get_address();
  const std::span data(reinterpret_cast<std::byte*>(trans.get_data_ptr()), trans.get_data_length());
  if (trans.is_read()) return client_->dma_read(address, data);
  const std::uint8_t* const enable = trans.get_byte_enable_ptr();
  if (enable == nullptr) return client_->dma_write(address, data);
  const unsigned enables = trans.get_byte_enable_length();
  if (enables == 0) return false;
  // Runs of enabled bytes; the enables repeat if they are fewer than the data.
  const auto enabled = [&](std::size_t i) { return enable[i % enables] != TLM_BYTE_DISABLED; };
  for (std::size_t from = 0, to = 0; from < data.size(); from = to) {
    for (to = from + 1; to < data.size() && enabled(to) == enabled(from);) ++to;
    if (enabled(from) && !client_->dma_write(address + from, data.subspan(from, to - from))) {
      return false;
    }
  }
  return true;
}

void Emulator::raise(unsigned vector) { function_->msix().raise(vector); }

void Emulator::doorbell(std::uint64_t offset, std::uint32_t value) {
  if (config_.recording != nullptr) config_.recording->doorbell(offset, value);
}

void Emulator::request(const Message& message) {
  if (config_.recording != nullptr) config_.recording->request(message);
}

}  // namespace pagepress::emulator
