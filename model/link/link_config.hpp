// SPDX-License-Identifier: Apache-2.0
// LinkConfig: what a link between a device and its host costs, with the basis
// of every value, so that results can name it.
//
// Directions: *upstream* is device to host (read requests, write data,
// interrupts), *downstream* is host to device (read data, register accesses).
// Presets are TOML files (model/link/presets), built in: a table for each setting, with value
// and source. What a file does not name has the value below, which costs nothing.
// Limitations: one device on the link; credits are one number of bytes.
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
  double switch_latency_ns = 0.0;         // [ns] of switches, each way
  double root_latency_ns = 0.0;           // [ns] of the root complex, each way
  double memory_latency_ns = 60.0;        // [ns] from a read's arrival at memory to its first byte
  double upstream_bytes_per_ns = 64.0;    // [B/ns]
  double downstream_bytes_per_ns = 64.0;  // [B/ns]
  std::uint32_t header_bytes = 0;         // [B] a packet occupies besides its data
  std::uint32_t max_payload_bytes = 0;    // [B] of a packet of write data; 0: a transaction is one
  std::uint32_t read_completion_bytes = 0;  // [B] of a packet of read data, likewise
  std::uint32_t tags = 0;                   // reads outstanding; 0: any number
  std::uint32_t write_buffer_bytes = 4096;  // [B] of write data taken ahead of the wire
  bool reads_queue_behind_writes = false;   // read requests share the write data's wire
  bool registers_share_wires = false;       // so do register accesses and interrupts
  double memory_bytes_per_ns = 0.0;         // [B/ns] of host memory; 0: not limited
  double cpu_bytes_per_ns = 0.0;            // [B/ns] of it that the CPUs' own traffic takes
  std::uint32_t iotlb_entries = 0;          // translations held; 0: no IOMMU
  std::uint32_t iotlb_page_bytes = 4096;    // [B] that a translation covers
  double iotlb_miss_ns = 0.0;               // [ns] of a walk
  double iommu_map_ns = 0.0;                // [ns] of CPU time to map or unmap a page (TlmBus)
};

// One effective setting, for the record of a run.
struct LinkSetting {
  std::string name;
  double value;
  std::string provenance;  // "assumed", or "given" (differs from the preset's)
  std::string source;      // what the value stands on
};

// A built-in preset's name, or the path of a TOML file like theirs (it has a '/' or ends in
// ".toml"). Throws std::invalid_argument for an unknown name, a file that cannot be read, an
// unknown setting or a wrong type.
[[nodiscard]] LinkConfig link_preset(std::string_view name);
[[nodiscard]] std::vector<std::string_view> link_presets();

// Every setting as a preset's TOML text, and back; `name` becomes the preset's. Throws as above.
[[nodiscard]] std::string to_toml(const LinkConfig& config);
[[nodiscard]] LinkConfig link_from_toml(std::string_view name, std::string_view text);

// Throws std::invalid_argument naming the setting that cannot be.
void validate(const LinkConfig& config);

// Every setting with its provenance and source.
[[nodiscard]] std::vector<LinkSetting> describe(const LinkConfig& config);

}  // namespace pagepress::model
