// SPDX-License-Identifier: Apache-2.0
// Replay: runs a device again as a recording has it, without any client. The device sees the same
// requests at the same simulated times and reads the same bytes, so that it does the same: its log
// is that of the recorded run, byte for byte.
//
// A device that does otherwise (another model, another version) is found out at the first DMA that
// is not the recorded one.
// Limitations: once a process; replies go nowhere.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <systemc>

#include "model/emulator/device_port.hpp"
#include "model/emulator/main_process.hpp"
#include "model/emulator/recording.hpp"
#include "model/emulator/session.hpp"

namespace pagepress::emulator {

struct ReplayConfig {
  std::string file;
  bool torn_too = false;  // a torn recording: as far as it goes
};

// What the recording was made with (RecordWriter's `setup`). Reads the file to its end, so that
// nothing is run of a file that is damaged or torn. Throws std::runtime_error.
[[nodiscard]] std::string read_setup(const ReplayConfig& config);

class Replay final : public sc_core::sc_module, private DeviceUser, private Transport {
 public:
  Replay(const sc_core::sc_module_name& name, ServedDevice served, ReplayConfig config);
  ~Replay() override;

  // Throws std::runtime_error: the device does something else than was recorded.
  void run();

 private:
  void play();  // in the SC_THREAD
  void play(const Record& record);
  void play_rest();
  void go_to(const Record& record);
  [[noreturn]] void differs(const std::string& what) const;

  // DeviceUser.
  bool dma(tlm::tlm_generic_payload& trans) override;
  bool recorded_dma(tlm::tlm_generic_payload& trans);
  void raise(unsigned vector) override;
  void doorbell(std::uint64_t /*offset*/, std::uint32_t /*value*/) override {}

  // Transport: of the recorded client.
  std::optional<Message> receive() override;
  void send(Header /*header*/, std::span<const std::byte> /*payload*/,
            std::span<const int> /*fds*/) override {}
  void wait(std::chrono::nanoseconds /*longest*/) override {}

  const ReplayConfig config_;
  RecordReader events_;  // what is not DMA
  RecordReader dmas_;    // nothing else
  DevicePort port_;
  std::unique_ptr<PciFunction> function_;
  std::optional<Session> session_;  // while the recorded client is there
  std::optional<Message> next_;     // its next message
  MainProcess process_;
};

}  // namespace pagepress::emulator
