// SPDX-License-Identifier: Apache-2.0
// pagepress emulate: the device for other processes, over vfio-user or as QEMU's proxied device.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/signals.hpp"
#include "model/emulator/emulator.hpp"
#include "model/emulator/qemu_session.hpp"
#include "model/emulator/replay.hpp"
#include "model/emulator/vfio_user_clients.hpp"
#include "model/toml/toml_file.hpp"
#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"

namespace pagepress::app {
namespace {

struct Flags {
  std::string socket;
  int qemu_proxy = -1;  // a socket's descriptor
  int qtest = -1;       // likewise
  std::string device = "fast";
  // Its [engine], [link] and run.faults are what an emulator has, too.
  std::shared_ptr<sim::CompareConfig> config = std::make_shared<sim::CompareConfig>();
  unsigned poll_us = 50;
  unsigned answer_ms = 1000;
  bool once = false;
  bool quiet = false;
  std::string record;
  std::string replay;
  std::string device_log;
  bool until_tear = false;
};

std::unique_ptr<model::Device> make_device(const Flags& flags, const sim::BackendTable& table) {
  const sim::CompareConfig& config = *flags.config;
  return table.find(config.backends.front())
      .make_device({.clock_period = sim::clock_period(config.clock_mhz),
                    .engines = static_cast<unsigned>(config.engines),
                    .w = static_cast<unsigned>(config.w)});
}

// How a recorded device was made, so that a replay can make it again.
std::string setup_of(const Flags& flags) {
  const sim::CompareConfig& config = *flags.config;
  const model::LinkConfig link = config.link_config();
  return nlohmann::json{
      {"device", flags.device},
      {"engines", config.engines},
      {"w", config.w},
      {"clock_mhz", config.clock_mhz},
      {"link_preset", link.preset},
      {"link", to_toml(link)},
      {"faults", config.faults.string()},
      {"fault_plan", config.faults.empty()
                         ? std::string()
                         : model::read_text(config.faults.string(), "fault plan")}}
      .dump();
}

emulator::ServedDevice make_served(Flags& flags, const sim::BackendTable& table,
                                   emulator::DeviceLog* log) {
  flags.config->backends = {"engine:" + flags.device};
  sim::check(*flags.config);
  table.check(*flags.config);
  return {.device = make_device(flags, table),
          .link = flags.config->link_config(),
          .faults = flags.config->fault_plan(),
          .log = log};
}

// As `setup_of` said it.
emulator::ServedDevice make_recorded(Flags& flags, const sim::BackendTable& table,
                                     const std::string& text, emulator::DeviceLog* log) {
  try {
    const nlohmann::json setup = nlohmann::json::parse(text);
    setup.at("device").get_to(flags.device);
    setup.at("engines").get_to(flags.config->engines);
    setup.at("w").get_to(flags.config->w);
    setup.at("clock_mhz").get_to(flags.config->clock_mhz);
    emulator::ServedDevice served = make_served(flags, table, log);
    served.link = model::link_from_toml(setup.at("link_preset").get<std::string>(),
                                        setup.at("link").get<std::string>());
    if (const auto file = setup.at("faults").get<std::string>(); !file.empty()) {
      served.faults = model::parse_fault_plan(file, setup.at("fault_plan").get<std::string>());
    }
    return served;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(
        fmt::format("{}: says wrongly how its device was made: {}", flags.replay, error.what()));
  }
}

int replay(Flags& flags) {
  const emulator::ReplayConfig config{.file = flags.replay, .torn_too = flags.until_tear};
  const std::string setup = emulator::read_setup(config);
  std::optional<emulator::DeviceLog> log;
  if (!flags.device_log.empty()) log.emplace(flags.device_log);
  const sim::BackendTable table;
  emulator::Replay replay("replay", make_recorded(flags, table, setup, log ? &*log : nullptr),
                          config);
  replay.run();
  if (log) log->flush();
  return kExitOk;
}

std::unique_ptr<emulator::ClientSource> make_clients(const Flags& flags) {
  if (flags.qemu_proxy >= 0) {
    return std::make_unique<emulator::QemuProxy>(flags.qemu_proxy, flags.qtest);
  }
  return std::make_unique<emulator::VfioUserClients>(flags.socket,
                                                     std::chrono::milliseconds(flags.answer_ms));
}

int serve(Flags& flags) {
  const sim::BackendTable table;
  const DeferredSignals deferred;  // the socket must be removed
  // First: if another one serves there, it writes to the files below.
  const std::unique_ptr<emulator::ClientSource> clients = make_clients(flags);
  std::optional<emulator::DeviceLog> log;
  if (!flags.device_log.empty()) log.emplace(flags.device_log);
  emulator::ServedDevice served = make_served(flags, table, log ? &*log : nullptr);
  std::optional<emulator::RecordWriter> recording;
  if (!flags.record.empty()) recording.emplace(flags.record, setup_of(flags));

  emulator::EmulatorConfig config;
  config.poll = std::chrono::microseconds(flags.poll_us);
  config.once = flags.once || flags.socket.empty();
  config.recording = recording ? &*recording : nullptr;
  config.stop_requested = [] { return pending_signal() != 0; };
  config.ready = [&flags] {
    if (flags.quiet) return;
    print(flags.socket.empty() ? "serving QEMU\n" : fmt::format("listening on {}\n", flags.socket));
  };
  config.note = [&flags](std::string_view text) {
    if (!flags.quiet) say(fmt::format("pagepress: {}\n", text));
  };
  emulator::Emulator emulator("emulator", *clients, std::move(served), std::move(config));
  emulator.run();
  check_signals();
  return kExitOk;
}

// A file that is written must be no other one: opening it empties it.
void check_files(const Flags& flags) {
  const std::string faults = flags.config->faults.string();
  const auto differ = [](const char* one, const std::string& file, const char* other,
                         const std::string& other_file) {
    if (file.empty() || other_file.empty()) return;
    std::error_code ignored;  // what is not there is named by its path
    const auto path = [&](const std::string& name) {
      return std::filesystem::weakly_canonical(std::filesystem::absolute(name), ignored);
    };
    if (!std::filesystem::equivalent(file, other_file, ignored) && path(file) != path(other_file)) {
      return;
    }
    throw UsageError(fmt::format("{} and {} are the same file, {}", one, other, file));
  };
  differ("--device-log", flags.device_log, "--replay", flags.replay);
  differ("--device-log", flags.device_log, "--record", flags.record);
  differ("--device-log", flags.device_log, "--faults", faults);
  differ("--record", flags.record, "--faults", faults);
}

int run(Flags& flags) {
  if (static_cast<int>(!flags.socket.empty()) + static_cast<int>(!flags.replay.empty()) +
          static_cast<int>(flags.qemu_proxy >= 0) !=
      1) {
    throw UsageError("emulate needs either --vfio-user or --qemu-proxy or --replay");
  }
  check_files(flags);
  return flags.replay.empty() ? serve(flags) : replay(flags);
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

void add_recording(CLI::App& command, Flags& flags) {
  command
      .add_option_function<std::string>(
          "--faults", [config = flags.config](const std::string& file) { config->faults = file; },
          "Plan of what goes wrong with the device (docs/faults.md)")
      ->type_name("FILE");
  command.add_option("--device-log", flags.device_log, "Write what the device does here, as text")
      ->type_name("FILE");
  command
      .add_option("--record", flags.record,
                  "Write here what comes from clients, and what the device reads of their memory")
      ->type_name("FILE");
  CLI::Option* const replay =
      command
          .add_option("--replay", flags.replay,
                      "Run the recorded device again, without a client: the same device log")
          ->type_name("FILE");
  command.add_flag("--until-tear", flags.until_tear, "Replay a torn recording as far as it goes")
      ->needs(replay);
  for (const char* other : {"--vfio-user", "--qemu-proxy", "--device", "--link", "--engines", "--w",
                            "--clock-mhz", "--config", "--faults", "--record"}) {
    replay->excludes(command.get_option(other));
  }
}

}  // namespace

void add_emulate_command(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const sub =
      add_command(app, "emulate", "Serve the device to another process or a virtual machine.",
                  "emulate (--vfio-user SOCKET | --qemu-proxy FD --qtest FD) [OPTIONS]");
  // First, as the parser calls the options in the order of their definition.
  sub->add_option_function<std::string>(
         "-c,--config",
         [config = flags->config](const std::string& file) {
           sim::load_toml(file, *config);
           config->time = sim::CompareConfig().time;  // that of a model
           config->bus = sim::CompareConfig().bus;
         },
         "TOML file as compare has it; [engine], [link] and run.faults count, flags override it")
      ->type_name("FILE");
  sub->add_option("--vfio-user", flags->socket, "Unix socket to listen on; a stale one is replaced")
      ->type_name("FILE");
  CLI::Option* const proxy =
      sub->add_option("--qemu-proxy", flags->qemu_proxy,
                      "Inherited socket whose peer is QEMU's x-pci-proxy-dev (docs/linux.md)")
          ->check(CLI::NonNegativeNumber.description(""))
          ->type_name("FD");
  CLI::Option* const qtest =
      sub->add_option("--qtest", flags->qtest,
                      "Inherited socket whose peer is QEMU's qtest: interrupts go there")
          ->check(CLI::NonNegativeNumber.description(""))
          ->type_name("FD");
  proxy->needs(qtest);
  qtest->needs(proxy);
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
      ->check(CLI::Range(1, 60'000).description(""))
      ->type_name("N")
      ->capture_default_str();
  sub->add_flag("--once", flags->once, "End when the first client has gone");
  add_recording(*sub, *flags);
  // A replay is of vfio-user's messages.
  proxy->excludes("--vfio-user")->excludes("--record")->excludes("--answer-ms");
  sub->add_flag("--quiet", flags->quiet, "Say nothing but errors");
  sub->footer(
      "Clients are served one after the other; the device keeps its state in between. Ends with\n"
      "SIGINT or SIGTERM, and removes its socket.\n\n" +
      examples({"pagepress emulate --vfio-user /tmp/pagepress.sock",
                "pagepress emulate --vfio-user /tmp/pagepress.sock --device rtl --link pcie5x16",
                "pagepress emulate --vfio-user /tmp/pagepress.sock --once --quiet",
                "pagepress emulate --vfio-user /tmp/pagepress.sock --record session.rec",
                "pagepress emulate --replay session.rec --device-log again.log"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
