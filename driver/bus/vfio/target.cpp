// SPDX-License-Identifier: Apache-2.0
// What a user writes to name a device.
#include <fmt/format.h>
#include <pagepress/vfio.hpp>

#include <regex>
#include <stdexcept>

namespace pagepress {
namespace {

IovaMode iova_mode(std::string_view option) {
  constexpr std::string_view kKey = "iova=";
  if (option.starts_with(kKey)) {
    const std::string_view value = option.substr(kKey.size());
    if (value == "auto") return IovaMode::kAuto;
    if (value == "va") return IovaMode::kVirtual;
    if (value == "pa") return IovaMode::kPhysical;
  }
  throw std::invalid_argument(
      fmt::format("vfio: unknown option '{}' (known: iova=auto, iova=va, iova=pa)", option));
}

}  // namespace

VfioTarget parse_vfio_target(std::string_view text) {
  const std::size_t comma = text.find(',');
  std::string address(text.substr(0, comma));
  static const std::regex kAddress("([0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]");
  std::smatch parts;
  if (!std::regex_match(address, parts, kAddress)) {
    throw std::invalid_argument(fmt::format(
        "vfio: '{}' is no PCI address; one looks like 0000:00:01.0 (lspci -D shows them)",
        address));
  }
  VfioTarget target{.address = parts[1].matched ? address : "0000:" + address};
  if (comma != std::string_view::npos) {
    target.iova = iova_mode(text.substr(comma + 1));
  }
  return target;
}

}  // namespace pagepress
