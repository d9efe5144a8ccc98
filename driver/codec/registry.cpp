// SPDX-License-Identifier: Apache-2.0
// The table of back ends.
#include <pagepress/codecs.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <utility>

namespace pagepress {

CodecRegistry::CodecRegistry() {
  add("cpu:lz4", "liblz4, LZ4_compress_fast with acceleration 1, on the CPU",
      [] { return make_cpu_lz4(); });
}

void CodecRegistry::add(std::string name, std::string summary, Factory factory) {
  const auto [at, added] =
      entries_.try_emplace(std::move(name), Entry{std::move(summary), std::move(factory)});
  if (!added) {
    throw std::invalid_argument(fmt::format("back end '{}' exists already", at->first));
  }
}

const CodecRegistry::Entry& CodecRegistry::find(std::string_view name) const {
  const auto at = entries_.find(name);
  if (at == entries_.end()) {
    throw std::invalid_argument(
        fmt::format("unknown back end '{}'; there are: {}", name, fmt::join(names(), ", ")));
  }
  return at->second;
}

std::unique_ptr<Codec> CodecRegistry::make(std::string_view name) const {
  return find(name).factory();
}

void CodecRegistry::require(std::string_view name) const { (void)find(name); }

std::string_view CodecRegistry::summary(std::string_view name) const { return find(name).summary; }

std::vector<std::string> CodecRegistry::names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) {
    names.push_back(name);
  }
  return names;
}

}  // namespace pagepress
