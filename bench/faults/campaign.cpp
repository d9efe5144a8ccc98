// SPDX-License-Identifier: Apache-2.0
#include "bench/faults/campaign.hpp"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench/faults/random_plan.hpp"
#include "sim/experiment/child_process.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kMostSeconds = 300;  // of wall time a plan: more is a hang

struct Campaign {
  std::uint64_t plans = 1000;
  std::uint64_t first = 0;
  std::uint64_t pages = 1000;
  std::uint64_t seed = 1;
  bool trust = false;
  bool verbose = false;
};

std::uint64_t seed_of(const Campaign& campaign, std::uint64_t plan) {
  return campaign.seed * 1'000'003 + plan;
}

// Adds numbers of `from` to those of `to`, name by name.
void add(nlohmann::json& to, const nlohmann::json& from) {
  if (to.is_null()) to = nlohmann::json::object();
  for (const auto& [key, value] : from.items()) {
    if (value.is_object()) {
      add(to[key], value);
    } else if (value.is_number()) {
      to[key] = to.value(key, std::uint64_t{0}) + value.get<std::uint64_t>();
    }
  }
}

nlohmann::json run_one(const Campaign& campaign, std::uint64_t number, const std::string& text,
                       const std::vector<Page>& pages, MakeDevice make_device) {
  return sim::run_in_child(
      fmt::format("plan {}", number),
      [&](const sim::Emit&) {
        ::alarm(kMostSeconds);
        return run_plan(seed_of(campaign, number),
                        model::parse_fault_plan(fmt::format("plan {}", number), text), pages,
                        make_device, campaign.trust ? Belief::kTrusting : Belief::kChecking);
      },
      [](const nlohmann::json&) {});
}

int run(const Campaign& campaign, MakeDevice make_device) {
  const std::vector<Page> pages = make_pages(campaign.seed, campaign.pages);
  nlohmann::json sums;
  std::uint64_t failures = 0;
  for (std::uint64_t n = 0; n < campaign.plans; ++n) {
    const std::uint64_t number = campaign.first + n;
    const std::string text = random_plan(seed_of(campaign, number), campaign.pages);
    if (campaign.verbose) fmt::print("# plan {}\n{}", number, text);
    try {
      const nlohmann::json result = run_one(campaign, number, text, pages, make_device);
      if (campaign.verbose) fmt::print("{}\n", result.dump(1));
      add(sums, result);
    } catch (const std::exception& error) {
      ++failures;
      fmt::print("FAILED {}\n{}", error.what(), text);
    }
    std::fflush(stdout);
  }
  fmt::print("{} plans of {} pages, {} failed\n{}\n", campaign.plans, campaign.pages, failures,
             sums.dump(1));
  return failures == 0 ? 0 : 1;
}

}  // namespace

int run_campaign(int argc, char** argv, MakeDevice make_device) {
  Campaign campaign;
  CLI::App app{"Random fault plans: pages through driver and device and back, every one checked."};
  app.add_option("--plans", campaign.plans, "Plans")->capture_default_str();
  app.add_option("--first", campaign.first, "Number of the first")->capture_default_str();
  app.add_option("--pages", campaign.pages, "Pages a plan")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", campaign.seed, "Of pages and plans")->capture_default_str();
  app.add_flag("--trust", campaign.trust,
               "The driver believes what the device says; false answers are counted");
  app.add_flag("--verbose", campaign.verbose, "Print every plan and what it came to");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // SystemC's banner would be a child's last words.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", /*overwrite=*/1);
  return run(campaign, make_device);
}

}  // namespace pagepress::bench
