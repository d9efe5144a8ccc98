// SPDX-License-Identifier: Apache-2.0
// kcompressd's queue of a run, from [queue] of the configuration: its shape with what the
// user changed of it, the back-pressure policy, and which CPU codecs that takes.
// Limitation: the software path of an engine is cpu:lz4, as its blocks are LZ4's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <pagepress/back_pressure.hpp>
#include <pagepress/queue_shape.hpp>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"

namespace pagepress::sim {

inline constexpr std::string_view kSoftwareCodec = "cpu:lz4";

// Sets all that belongs to config.shape to what that shape has. An unknown name changes
// nothing; check_queue() refuses it.
void apply_shape(CompareConfig& config);

// Names and combinations of [queue]. Throws ConfigError.
void check_queue(const CompareConfig& config);

// The shape with the numbers of `config`, which passed check_queue().
[[nodiscard]] QueueShape queue_shape_of(const CompareConfig& config);

// Whether pages may be compressed elsewhere than by the back end's workers.
[[nodiscard]] bool needs_software(const CompareConfig& config);

// Whether an engine's run needs a CPU codec: for that, or for what an engine with faults leaves.
[[nodiscard]] bool needs_cpu_codec(const CompareConfig& config);

// CPU codecs of which a run has to know the costs: the back ends, and an engine's software path.
[[nodiscard]] std::vector<std::string> cpu_codecs(const CompareConfig& config,
                                                  const BackendTable& backends);

// The policy of `config`. `path` may be null with "wait".
[[nodiscard]] std::unique_ptr<BackPressure> make_policy(const CompareConfig& config,
                                                        SynchronousPath* path);

}  // namespace pagepress::sim
