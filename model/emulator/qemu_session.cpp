// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/qemu_session.hpp"

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "model/emulator/requests.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

constexpr std::uint64_t kAllOnes = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kDone = 0;

template <class Body>
Body need(const QemuMessage& message) {
  const auto body = body_of<Body>(message.payload);
  if (!body || message.payload.size() != sizeof *body) {
    throw Disconnected(fmt::format("message {} with {} bytes: it has {}", message.header.command,
                                   message.payload.size(), sizeof(Body)));
  }
  return *body;
}

FileDescriptor take_socket(int fd, const char* option) {
  struct stat about {};
  if (::fstat(fd, &about) != 0 || !S_ISSOCK(about.st_mode)) {
    throw std::runtime_error(fmt::format("{} {}: is no socket", option, fd));
  }
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return FileDescriptor(fd);
}

}  // namespace

QemuSession::QemuSession(FileDescriptor proxy, FileDescriptor qtest, PciFunction& function)
    : transport_(std::move(proxy)), interrupts_(std::move(qtest)), function_(function) {
  function_.msix().deliver_by(
      [this](std::uint64_t address, std::uint32_t data) { interrupts_.send(address, data); });
}

QemuSession::~QemuSession() { function_.msix().deliver_by(nullptr); }

bool QemuSession::turn() {
  const std::optional<QemuMessage> message = transport_.receive();
  if (!message) return false;
  handle(*message);
  return true;
}

void QemuSession::wait(std::chrono::nanoseconds longest) {
  interrupts_.flush();
  transport_.wait(longest);
}

void QemuSession::handle(const QemuMessage& message) {
  switch (message.header.command) {
    case mpqemu::kSyncSysmem:
      return map_memory(message);
    case mpqemu::kConfigWrite:
      return transport_.reply(config_write(message));
    case mpqemu::kConfigRead:
      return transport_.reply(config_read(message));
    case mpqemu::kBarWrite:
      return transport_.reply(bar_write(message));
    case mpqemu::kBarRead:
      return transport_.reply(bar_read(message));
    case mpqemu::kSetIrqFd:
      return;  // for INTx, which the function has not; its descriptors go with the message
    case mpqemu::kDeviceReset:
      return transport_.reply(function_.reset() == 0 ? kDone : kAllOnes);
    default:
      throw Disconnected(fmt::format("the unknown message {}", message.header.command));
  }
}

// ---- Memory ------------------------------------------------------------------------------------

void QemuSession::map_memory(const QemuMessage& message) {
  const auto body = need<mpqemu::SysmemBody>(message);
  GuestMemory wanted{.ranges = body, .files = {}};
  for (const FileDescriptor& file : message.fds) {
    struct stat about {};
    ::fstat(file.get(), &about);
    wanted.files.emplace_back(about.st_dev, about.st_ino);
  }
  // It comes about a hundred times while a guest boots, almost always as it was.
  if (wanted == mapped_) return;
  regions_.clear();
  for (std::size_t i = 0; i < message.fds.size(); ++i) {
    const int error =
        regions_.add_file(body.addresses[i], body.sizes[i], {.read = true, .write = true},
                          message.fds[i], body.offsets[i]);
    if (error != 0) {
      throw Disconnected(fmt::format("cannot map {:#x} bytes of guest memory at {:#x}: {}",
                                     body.sizes[i], body.addresses[i], std::strerror(error)));
    }
  }
  mapped_ = std::move(wanted);
}

bool QemuSession::dma_read(std::uint64_t address, std::span<std::byte> to) {
  return function_.bus_master() && regions_.read(address, to, *this);
}

bool QemuSession::dma_write(std::uint64_t address, std::span<const std::byte> from) {
  return function_.bus_master() && regions_.write(address, from, *this);
}

// ---- Configuration space and BARs --------------------------------------------------------------

std::uint64_t QemuSession::config_read(const QemuMessage& message) {
  const auto body = need<mpqemu::ConfigBody>(message);
  std::uint32_t value = 0;
  if (body.bytes < 1 || body.bytes > 4) return kAllOnes;
  const auto data = std::as_writable_bytes(std::span(&value, 1));
  const int error = function_.read(VFIO_PCI_CONFIG_REGION_INDEX, body.address,
                                   data.first(static_cast<std::size_t>(body.bytes)));
  return error == 0 ? value : kAllOnes;
}

std::uint64_t QemuSession::config_write(const QemuMessage& message) {
  const auto body = need<mpqemu::ConfigBody>(message);
  if (body.bytes < 1 || body.bytes > 4) return kAllOnes;
  const auto data = std::as_bytes(std::span(&body.value, 1));
  const int error = function_.write(VFIO_PCI_CONFIG_REGION_INDEX, body.address,
                                    data.first(static_cast<std::size_t>(body.bytes)));
  return error == 0 ? kDone : kAllOnes;
}

std::optional<std::pair<unsigned, std::uint64_t>> QemuSession::locate(std::uint64_t address) {
  for (const unsigned bar : {PP_BAR_REGISTERS, PP_BAR_MSIX}) {
    std::uint32_t base = 0;
    if (function_.read(VFIO_PCI_CONFIG_REGION_INDEX, PCI_BASE_ADDRESS_0 + 4 * bar,
                       std::as_writable_bytes(std::span(&base, 1))) != 0) {
      continue;
    }
    base &= PCI_BASE_ADDRESS_MEM_MASK;
    if (address >= base && address - base < PciFunction::region_size(bar)) {
      return std::pair(bar, address - base);
    }
  }
  return std::nullopt;
}

std::uint64_t QemuSession::bar_read(const QemuMessage& message) {
  const auto body = need<mpqemu::BarBody>(message);
  const auto place = locate(body.address);
  std::uint64_t value = 0;
  if (!place || body.memory == 0 || body.bytes > sizeof value) return kAllOnes;
  const auto data = std::as_writable_bytes(std::span(&value, 1)).first(body.bytes);
  return function_.read(place->first, place->second, data) == 0 ? value : kAllOnes;
}

std::uint64_t QemuSession::bar_write(const QemuMessage& message) {
  const auto body = need<mpqemu::BarBody>(message);
  const auto place = locate(body.address);
  if (!place || body.memory == 0 || body.bytes > sizeof body.value) return kAllOnes;
  const auto data = std::as_bytes(std::span(&body.value, 1)).first(body.bytes);
  return function_.write(place->first, place->second, data) == 0 ? kDone : kAllOnes;
}

// ---- Where it comes from -----------------------------------------------------------------------

QemuProxy::QemuProxy(int proxy, int qtest)
    : proxy_(take_socket(proxy, "--qemu-proxy")), qtest_(take_socket(qtest, "--qtest")) {}

std::unique_ptr<Client> QemuProxy::next(PciFunction& function, RequestWatch& /*watch*/,
                                        std::chrono::milliseconds /*longest*/) {
  if (!proxy_) throw std::runtime_error("QEMU comes only once");
  return std::make_unique<QemuSession>(std::move(proxy_), std::move(qtest_), function);
}

}  // namespace pagepress::emulator
