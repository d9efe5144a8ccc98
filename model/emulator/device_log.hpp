// SPDX-License-Identifier: Apache-2.0
// DeviceLog: what a served device does, as text: a line for each register access that it answers,
// each DMA and each interrupt, with its simulated time in ps.
//
//   1234000 write 0x000020 0x00000001     1236000 dma-read 0x40000000 64 ok
//   1235000 read 0x000024 0x00000001      1240000 dma-write 0x40001000 32 ok 0x1c291ca3 (CRC32C)
//                                         1241000 interrupt 3
//
// Two runs in which the device did the same give the same file, byte for byte.
// Limitation: nothing of what it does inside.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>

namespace pagepress::emulator {

class DeviceLog {
 public:
  // Throws std::runtime_error, as flush() does: the file cannot be written.
  explicit DeviceLog(const std::string& path);

  void register_access(bool write, std::uint64_t offset, std::uint32_t value);
  void dma_read(std::uint64_t address, std::size_t bytes, bool ok);
  void dma_write(std::uint64_t address, std::span<const std::uint8_t> data, bool ok);
  void interrupt(unsigned vector);
  void flush();

 private:
  void line(const std::string& text);

  std::string path_;
  std::ofstream file_;
};

}  // namespace pagepress::emulator
