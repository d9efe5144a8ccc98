// SPDX-License-Identifier: Apache-2.0
// fault_campaign's command line: many random fault plans, each in a process of its own.
#pragma once

#include "bench/faults/plan_run.hpp"

namespace pagepress::bench {

// main(). 0: every page of every plan came back right; 1: not so; 2: usage.
int run_campaign(int argc, char** argv, MakeDevice make_device);

}  // namespace pagepress::bench
