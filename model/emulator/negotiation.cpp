// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/negotiation.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pagepress::emulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxJson = 16384;  // [B]: real ones have some hundred

Negotiation refuse(int error, std::string reason) {
  Negotiation result;
  result.error = error;
  result.reason = std::move(reason);
  return result;
}

// False if it is there and no number of at least `least`.
bool read_number(const json& capabilities, const char* name, std::uint64_t least,
                 std::uint64_t& value) {
  const auto it = capabilities.find(name);
  if (it == capabilities.end()) return true;
  if (!it->is_number_unsigned() || it->get<std::uint64_t>() < least) return false;
  value = it->get<std::uint64_t>();
  return true;
}

// The name of what is wrong, or empty.
std::string_view read_capabilities(std::string_view text, ClientCapabilities& client) {
  const json data = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!data.is_object()) return "version data is no JSON object";
  const json capabilities = data.value("capabilities", json::object());
  if (!capabilities.is_object()) return "capabilities";
  if (!read_number(capabilities, "max_msg_fds", 0, client.max_msg_fds)) return "max_msg_fds";
  // A descriptor is the least that the device reads at once.
  if (!read_number(capabilities, "max_data_xfer_size", 64, client.max_data_xfer_size)) {
    return "max_data_xfer_size";
  }
  if (const auto it = capabilities.find("write_multiple"); it != capabilities.end()) {
    if (!it->is_boolean()) return "write_multiple";
    client.write_multiple = it->get<bool>();
  }
  return {};
}

}  // namespace

Negotiation negotiate(std::span<const std::byte> payload) {
  VersionBody version{};
  if (payload.size() < sizeof version) return refuse(EINVAL, "VERSION is too short");
  if (payload.size() > kMaxJson) return refuse(EINVAL, "version data is too long");
  std::memcpy(&version, payload.data(), sizeof version);
  if (version.major != kProtocolMajor) {
    return refuse(ENOTSUP,
                  fmt::format("the client speaks version {}.{}, this server {}.{}", version.major,
                              version.minor, kProtocolMajor, kProtocolMinor));
  }
  Negotiation result;
  const auto data = payload.subspan(sizeof version);
  if (!data.empty()) {
    if (data.back() != std::byte{0}) return refuse(EINVAL, "version data does not end in NUL");
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size() - 1);
    if (const auto wrong = read_capabilities(text, result.client); !wrong.empty()) {
      return refuse(EINVAL, fmt::format("wrong in VERSION: {}", wrong));
    }
  }
  json capabilities = {{"max_msg_fds", kMaxMessageFds},
                       {"max_data_xfer_size", kMaxTransfer},
                       {"max_dma_maps", kMaxDmaMaps},
                       {"pgsizes", 4096}};
  if (result.client.write_multiple) capabilities["write_multiple"] = true;
  const std::string text = json{{"capabilities", std::move(capabilities)}}.dump();
  const VersionBody answer{kProtocolMajor, std::min(version.minor, kProtocolMinor)};
  result.answer.resize(sizeof answer + text.size() + 1);  // with its NUL
  std::memcpy(result.answer.data(), &answer, sizeof answer);
  std::memcpy(result.answer.data() + sizeof answer, text.c_str(), text.size() + 1);
  return result;
}

}  // namespace pagepress::emulator
