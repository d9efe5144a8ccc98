// SPDX-License-Identifier: Apache-2.0
// docs/engine.json, scripts/yosys_engine.py's figures, for bench_engine.
// Limitation: whether they are of the sources of today is yosys_engine.py --check's to say.
#pragma once

#include <filesystem>

#include "bench/engine/figures.hpp"

namespace pagepress::bench {

// Adds the figures of the configurations that the file has with the same parameters. What is
// missing stays so. Throws std::runtime_error if the file is there but no such JSON.
void add_synthesis(const std::filesystem::path& path, Figures& figures);

}  // namespace pagepress::bench
