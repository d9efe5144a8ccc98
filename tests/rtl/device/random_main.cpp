// SPDX-License-Identifier: Apache-2.0
// test_rtl_device_random, test_fast_device_random [--seed N] [--descriptors N]: random traffic over
// the whole device. Exit status 0: all held. 1: something did not; seed, cycle, queue and entry are
// told.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "tests/rtl/device/make_device.hpp"
#include "tests/rtl/device/random_run.hpp"

int main(int argc, char** argv) {
  using namespace pagepress::bench;
  CLI::App app{"Random traffic over the whole device"};
  std::uint64_t seed = 1;
  std::uint64_t descriptors = 10000;
  std::uint64_t compressions = 0;
  std::uint64_t decompressions = 0;
  app.add_option("--seed", seed);
  app.add_option("--descriptors", descriptors);
  app.add_option("--least-compressions", compressions, "fail if fewer have completed");
  app.add_option("--least-decompressions", decompressions);
  CLI11_PARSE(app, argc, argv);

  constexpr unsigned kQueues = 8;
  const std::unique_ptr<Device> made = make_device(seed);
  Device& device = *made;
  RandomRun run(device, kQueues, kQueues + 1, seed);
  const auto begin = std::chrono::steady_clock::now();
  int result = 0;
  try {
    run.run(descriptors);
  } catch (const std::exception& error) {
    fmt::print(stderr, "seed {}, cycle {}, after {} descriptors: {}\n", seed, device.cycle(),
               run.submitted(), error.what());
    result = 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const Tally& total = run.host().total();
  fmt::print("seed {}: {} descriptors, {} completions, {} cycles, {:.0f} cycles/s\n", seed,
             run.submitted(), total.completed, device.cycle(),
             static_cast<double>(device.cycle()) / seconds.count());
  fmt::print("by status:");
  for (const std::uint64_t count : total.by_status) fmt::print(" {}", count);
  fmt::print("\nby operation:");
  for (unsigned op = PP_OP_NOP; op <= PP_OP_FILL_CHECK; ++op) {
    fmt::print(" {}", run.host().completed_by_opcode(op));
  }
  fmt::print("\n{} device resets, {} quiet points, {} queue stops, {} injections\n", run.resets(),
             run.quiets(), run.stops(), run.injections());
  const std::uint64_t compressed = run.host().completed_by_opcode(PP_OP_COMPRESS) +
                                   run.host().completed_by_opcode(PP_OP_COMPRESS_VERIFY);
  const std::uint64_t decompressed = run.host().completed_by_opcode(PP_OP_DECOMPRESS);
  if (result == 0 && (compressed < compressions || decompressed < decompressions)) {
    fmt::print(stderr, "only {} compressions and {} decompressions\n", compressed, decompressed);
    result = 1;
  }
  return result;
}
