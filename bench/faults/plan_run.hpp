// SPDX-License-Identifier: Apache-2.0
// One fault plan: a device with its link, the driver's ReliableCodec, and an Owner who sends all
// pages there and back, on one SystemC timeline.
// Limitation: once a process (SystemC elaborates once).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <nlohmann/json.hpp>

#include "bench/faults/owner.hpp"
#include "bench/faults/page_maker.hpp"
#include "model/device/device.hpp"
#include "model/fault/fault_plan.hpp"

namespace pagepress::bench {

using MakeDevice = std::unique_ptr<model::Device> (*)();

// What it came to: counters of the driver, of the owner and of the faults. `seed` chooses how
// the driver waits, and whether the device verifies and destinations are bounced. Throws
// CampaignFailure for a page that did not come back right or at all, and what the driver throws.
[[nodiscard]] nlohmann::json run_plan(std::uint64_t seed, const model::FaultPlan& plan,
                                      std::span<const Page> pages, MakeDevice make_device,
                                      Belief belief);

}  // namespace pagepress::bench
