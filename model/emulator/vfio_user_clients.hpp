// SPDX-License-Identifier: Apache-2.0
// VfioUserClients: those that connect to a socket and speak vfio-user, one after the other.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "model/emulator/client.hpp"
#include "model/emulator/listener.hpp"

namespace pagepress::emulator {

class VfioUserClients final : public ClientSource {
 public:
  // `patience`: for a DMA message's answer, and for a client to read what is sent. Throws as
  // Listener does.
  VfioUserClients(std::string path, std::chrono::milliseconds patience);

  std::unique_ptr<Client> next(PciFunction& function, RequestWatch& watch,
                               std::chrono::milliseconds longest) override;

 private:
  Listener listener_;
  std::chrono::milliseconds patience_;
};

}  // namespace pagepress::emulator
