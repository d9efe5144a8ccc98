// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/vfio_user_clients.hpp"

#include <utility>

#include "model/emulator/session.hpp"
#include "model/emulator/socket_transport.hpp"

namespace pagepress::emulator {
namespace {

// A session with the transport that it needs.
class Connection final : public Client {
 public:
  Connection(FileDescriptor socket, PciFunction& function, std::chrono::milliseconds patience,
             RequestWatch& watch)
      : transport_(std::move(socket), patience), session_(transport_, function, patience, &watch) {}

  bool turn() override { return session_.turn(); }
  void wait(std::chrono::nanoseconds longest) override { session_.wait(longest); }
  bool dma_read(std::uint64_t address, std::span<std::byte> to) override {
    return session_.dma_read(address, to);
  }
  bool dma_write(std::uint64_t address, std::span<const std::byte> from) override {
    return session_.dma_write(address, from);
  }

 private:
  SocketTransport transport_;
  Session session_;
};

}  // namespace

VfioUserClients::VfioUserClients(std::string path, std::chrono::milliseconds patience)
    : listener_(std::move(path)), patience_(patience) {}

std::unique_ptr<Client> VfioUserClients::next(PciFunction& function, RequestWatch& watch,
                                              std::chrono::milliseconds longest) {
  FileDescriptor socket = listener_.accept(longest);
  if (!socket) return nullptr;
  return std::make_unique<Connection>(std::move(socket), function, patience_, watch);
}

}  // namespace pagepress::emulator
