// SPDX-License-Identifier: Apache-2.0
// pagepress emulate: the device for other processes, over vfio-user.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/signals.hpp"
#include "model/emulator/emulator.hpp"
#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"

namespace pagepress::app {
namespace {

struct Flags {
  std::string socket;
  std::string device = "fast";
  // Its [engine] and [link] are what an emulator has, too.
  std::shared_ptr<sim::CompareConfig> config = std::make_shared<sim::CompareConfig>();
  unsigned poll_us = 50;
  unsigned answer_ms = 1000;
  bool once = false;
  bool quiet = false;
};

std::unique_ptr<model::Device> make_device(const Flags& flags, const sim::BackendTable& table) {
  const sim::CompareConfig& config = *flags.config;
  return table.find(config.backends.front())
      .make_device({.clock_period = sim::clock_period(config.clock_mhz),
                    .engines = static_cast<unsigned>(config.engines),
                    .w = static_cast<unsigned>(config.w)});
}

int run(const Flags& flags) {
  flags.config->backends = {"engine:" + flags.device};
  sim::check(*flags.config);
  const sim::BackendTable table;
  table.check(*flags.config);

  const DeferredSignals deferred;  // the socket must be removed
  emulator::EmulatorConfig config;
  config.socket = flags.socket;
  config.answer_within = std::chrono::milliseconds(flags.answer_ms);
  config.poll = std::chrono::microseconds(flags.poll_us);
  config.once = flags.once;
  config.stop_requested = [] { return pending_signal() != 0; };
  config.ready = [&flags] {
    if (!flags.quiet) print(fmt::format("listening on {}\n", flags.socket));
  };
  config.note = [&flags](std::string_view text) {
    if (!flags.quiet) fmt::print(stderr, "pagepress: {}\n", text);
  };
  emulator::Emulator emulator("emulator", make_device(flags, table), flags.config->link_config(),
                              std::move(config));
  emulator.run();
  check_signals();
  return kExitOk;
}

// An option of a CompareConfig's field.
template <class T>
void add_setting(CLI::App& command, const std::string& name, Flags& flags,
                 T sim::CompareConfig::*field, const std::string& type,
                 const std::string& description) {
  command
      .add_option_function<T>(
          name, [config = flags.config, field](const T& value) { (*config).*field = value; },
          description)
      ->type_name(type)
      ->default_str(fmt::format("{}", (*flags.config).*field));
}

}  // namespace

void add_emulate_command(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const sub =
      add_command(app, "emulate", "Serve the device to another process or a virtual machine.",
                  "emulate --vfio-user SOCKET [--device fast|rtl] [--link NAME] [OPTIONS]");
  // First, as the parser calls the options in the order of their definition.
  sub->add_option_function<std::string>(
         "-c,--config",
         [config = flags->config](const std::string& file) { sim::load_toml(file, *config); },
         "TOML file as compare has it; [engine] and [link] count, flags override it")
      ->type_name("FILE");
  sub->add_option("--vfio-user", flags->socket, "Unix socket to listen on; a stale one is replaced")
      ->required()
      ->type_name("FILE");
  sub->add_option("--device", flags->device, "fast: the device as events; rtl: the RTL, Verilated")
      ->check(CLI::IsMember({"fast", "rtl"}))
      ->type_name("NAME")
      ->capture_default_str();
  add_setting(*sub, "--link", *flags, &sim::CompareConfig::link_preset, "FILE",
              "Link to the host: a preset's name, or a TOML file like theirs");
  add_setting(*sub, "--engines", *flags, &sim::CompareConfig::engines, "N", "Engines (fast only)");
  add_setting(*sub, "--w", *flags, &sim::CompareConfig::w, "N",
              "Positions that an engine looks at in a cycle (fast only)");
  add_setting(*sub, "--clock-mhz", *flags, &sim::CompareConfig::clock_mhz, "N", "Device clock");
  sub->add_option("--poll-us", flags->poll_us,
                  "Pause between looks at mapped doorbells while the device is idle; 0: none")
      ->check(CLI::Range(0, 1'000'000).description(""))
      ->type_name("N")
      ->capture_default_str();
  sub->add_option("--answer-ms", flags->answer_ms,
                  "A client that does not answer a DMA message for so long: a bus error")
      ->check(CLI::Range(1, 3'600'000).description(""))
      ->type_name("N")
      ->capture_default_str();
  sub->add_flag("--once", flags->once, "End when the first client has gone");
  sub->add_flag("--quiet", flags->quiet, "Say nothing but errors");
  sub->footer(
      "Clients are served one after the other; the device keeps its state in between. Ends with\n"
      "SIGINT or SIGTERM, and removes its socket.\n\n" +
      examples({"pagepress emulate --vfio-user /tmp/pagepress.sock",
                "pagepress emulate --vfio-user /tmp/pagepress.sock --device rtl --link pcie5x16",
                "pagepress emulate --vfio-user /tmp/pagepress.sock --once --quiet"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
