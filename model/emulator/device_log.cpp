// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/device_log.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "model/codec/crc32c.hpp"
#include "model/device/ticks.hpp"

namespace pagepress::emulator {

DeviceLog::DeviceLog(const std::string& path) : path_(path), file_(path, std::ios::trunc) {
  flush();
}

void DeviceLog::line(const std::string& text) {
  file_ << model::ticks_to_ps(model::now_ticks()) << ' ' << text << '\n';
}

void DeviceLog::register_access(bool write, std::uint64_t offset, std::uint32_t value) {
  line(fmt::format("{} {:#08x} {:#010x}", write ? "write" : "read", offset, value));
}

void DeviceLog::dma_read(std::uint64_t address, std::size_t bytes, bool ok) {
  line(fmt::format("dma-read {:#x} {} {}", address, bytes, ok ? "ok" : "error"));
}

void DeviceLog::dma_write(std::uint64_t address, std::span<const std::uint8_t> data, bool ok) {
  line(fmt::format("dma-write {:#x} {} {} {:#010x}", address, data.size(), ok ? "ok" : "error",
                   model::crc32c(data)));
}

void DeviceLog::interrupt(unsigned vector) { line(fmt::format("interrupt {}", vector)); }

void DeviceLog::flush() {
  if (!file_.flush())
    throw std::runtime_error(fmt::format("{}: cannot write the device log", path_));
}

}  // namespace pagepress::emulator
