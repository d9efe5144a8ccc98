// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/replay.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "model/device/ticks.hpp"

namespace pagepress::emulator {
namespace {

bool is_dma(RecordKind kind) {
  return kind == RecordKind::kDmaRead || kind == RecordKind::kDmaWrite;
}

// The next record that is DMA, or is not.
std::optional<Record> next_of(RecordReader& reader, bool dma) {
  for (;;) {
    std::optional<Record> record = reader.next();
    if (!record || is_dma(record->kind) == dma) return record;
  }
}

// The start of a record's payload.
template <class T>
T body_of_record(const Record& record) {
  if (record.payload.size() < sizeof(T)) throw std::runtime_error("a record is too short");
  T body;
  std::memcpy(&body, record.payload.data(), sizeof body);
  return body;
}

}  // namespace

std::string read_setup(const ReplayConfig& config) {
  RecordReader reader(config.file, config.torn_too);
  const std::optional<Record> first = reader.next();
  if (!first || first->kind != RecordKind::kSetup) {
    throw std::runtime_error(fmt::format("{}: does not say how its device was made", config.file));
  }
  while (reader.next()) {
  }
  return {reinterpret_cast<const char*>(first->payload.data()), first->payload.size()};
}

Replay::Replay(const sc_core::sc_module_name& name, ServedDevice served, ReplayConfig config)
    : sc_module(name),
      config_(std::move(config)),
      events_(config_.file, config_.torn_too),
      dmas_(config_.file, config_.torn_too),
      port_("port", std::move(served), *this) {}

Replay::~Replay() = default;

void Replay::run() {
  process_.run([this] { play(); });
}

// ---- The recorded client -----------------------------------------------------------------------

void Replay::play() {
  function_ = port_.make_function();
  (void)events_.next();  // kSetup
  while (const std::optional<Record> record = next_of(events_, /*dma=*/false)) {
    go_to(*record);
    play(*record);
    if (process_.failed()) return;
  }
  if (events_.torn()) play_rest();
}

// The DMA behind the last event of a torn file; there is no kEnd that says for how long.
void Replay::play_rest() {
  RecordReader records(config_.file, /*torn_too=*/true);
  std::optional<Record> last;
  while (std::optional<Record> record = records.next()) last = std::move(record);
  if (last->time_ps > model::ticks_to_ps(model::now_ticks())) go_to(*last);
  sc_core::wait(1, sc_core::SC_PS);  // what happens at that time has happened
}

void Replay::go_to(const Record& record) {
  const model::Ticks at = model::ps_to_ticks(record.time_ps);
  const model::Ticks now = model::now_ticks();
  if (at < now) {
    differs(fmt::format("something was recorded at {} ps", record.time_ps));
  }
  if (at > now) sc_core::wait(sc_core::sc_time::from_value(at - now));
}

void Replay::play(const Record& record) {
  switch (record.kind) {
    case RecordKind::kClientCame:
      function_->client_has_come();
      session_.emplace(static_cast<Transport&>(*this), *function_, std::chrono::nanoseconds(0));
      return;
    case RecordKind::kRequest: {
      const auto body = body_of_record<RequestBody>(record);
      if (!session_) differs("a request was recorded without a client");
      next_.emplace();
      next_->header = body.header;
      next_->too_many_fds = body.too_many_fds != 0;
      next_->payload.assign(record.payload.begin() + sizeof body, record.payload.end());
      (void)session_->turn();
      return;
    }
    case RecordKind::kDoorbell: {
      const auto body = body_of_record<DoorbellBody>(record);
      port_.write(body.offset, body.value);
      return;
    }
    case RecordKind::kClientGone:
      session_.reset();
      function_->client_has_gone();
      return;  // the next record says for how long the device went on
    case RecordKind::kEnd:
      return;
    default:
      differs(fmt::format("a record of the unknown kind {}", static_cast<unsigned>(record.kind)));
  }
}

std::optional<Message> Replay::receive() { return std::exchange(next_, std::nullopt); }

// ---- The device --------------------------------------------------------------------------------

bool Replay::dma(tlm::tlm_generic_payload& trans) {
  if (!session_ || process_.failed()) return false;
  try {
    return recorded_dma(trans);
  } catch (...) {  // SystemC's processes are no place for it
    process_.fail(std::current_exception());
    return false;
  }
}

bool Replay::recorded_dma(tlm::tlm_generic_payload& trans) {
  const std::optional<Record> record = next_of(dmas_, /*dma=*/true);
  const std::string what =
      fmt::format("{} of {} bytes at {:#x}", trans.is_read() ? "a DMA read" : "a DMA write",
                  trans.get_data_length(), trans.get_address());
  if (!record) {
    if (!dmas_.torn()) differs(fmt::format("it makes {}; there is none any more", what));
    sc_core::sc_pause();  // so far the recording goes
    return false;
  }
  const auto body = body_of_record<DmaBody>(*record);
  const bool read = record->kind == RecordKind::kDmaRead;
  const std::size_t data = read && body.ok != 0 ? body.bytes : 0;
  if (read != trans.is_read() || body.address != trans.get_address() ||
      body.bytes != trans.get_data_length() || record->payload.size() != sizeof body + data ||
      record->time_ps != model::ticks_to_ps(model::now_ticks())) {
    differs(fmt::format("it makes {}; {} of {} bytes at {:#x} was recorded at {} ps", what,
                        read ? "a DMA read" : "a DMA write", body.bytes, body.address,
                        record->time_ps));
  }
  if (data != 0) std::memcpy(trans.get_data_ptr(), record->payload.data() + sizeof body, data);
  return body.ok != 0;
}

void Replay::raise(unsigned vector) { function_->msix().raise(vector); }

void Replay::differs(const std::string& what) const {
  throw std::runtime_error(fmt::format("{}: at {} ps the device is not as it was recorded: {}",
                                       config_.file, model::ticks_to_ps(model::now_ticks()), what));
}

}  // namespace pagepress::emulator
