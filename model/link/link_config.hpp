// SPDX-License-Identifier: Apache-2.0
// LinkConfig: what a link between a device and its host costs, with the basis
// of every value, so that results can name it.
//
// Directions: *upstream* is device to host (read requests, write data,
// interrupts), *downstream* is host to device (read data, register accesses).
// Limitations: one number a direction; no credits, tags or IOMMU misses yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress::model {

struct LinkConfig {
  std::string preset = "soc";
  double upstream_latency_ns = 20.0;      // [ns] one way
  double downstream_latency_ns = 20.0;    // [ns] one way
  double memory_latency_ns = 60.0;        // [ns] from a read's arrival at memory to its first byte
  double upstream_bytes_per_ns = 64.0;    // [B/ns]
  double downstream_bytes_per_ns = 64.0;  // [B/ns]
  std::uint32_t header_bytes = 0;         // [B] a transaction occupies besides its data
  std::uint32_t write_buffer_bytes = 4096;  // [B] of write data taken ahead of the wire
  bool reads_queue_behind_writes = false;   // read requests share the write data's wire
};

// One effective setting, for the record of a run.
struct LinkSetting {
  std::string name;
  double value;
  std::string provenance;  // "assumed", "measured" or "given" (differs from the preset's)
  std::string source;      // what the value stands on
};

// "soc": an on-chip port. Throws std::invalid_argument for an unknown name.
[[nodiscard]] LinkConfig link_preset(std::string_view name);
[[nodiscard]] std::vector<std::string_view> link_presets();

// Throws std::invalid_argument naming the setting that cannot be.
void validate(const LinkConfig& config);

// Every setting with its provenance and source.
[[nodiscard]] std::vector<LinkSetting> describe(const LinkConfig& config);

}  // namespace pagepress::model
