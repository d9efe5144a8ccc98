// SPDX-License-Identifier: Apache-2.0
// pagepress: the command line. Each subcommand has a file of its own; this one
// puts them together and is the only place that turns errors into messages.
#include <fmt/format.h>

#include <exception>
#include <sstream>
#include <string>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/experiment/config.hpp"

namespace pagepress::app {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 an error at run time; 2 a wrong command line or configuration;\n"
    "3 compare or sweep found a page that did not decode to what it was. A result that cannot be\n"
    "written whole is not written, and an older one stays as it was.\n";

// The subcommand that was given, or the program itself.
const CLI::App& given_command(const CLI::App& app) {
  const auto given = app.get_subcommands();
  return given.empty() ? app : *given.front();
}

int usage_error(const CLI::App& app, const std::string& message) {
  complain(message);
  const CLI::App& command = given_command(app);
  say(fmt::format("See 'pagepress {}--help'.\n", &command == &app ? "" : command.get_name() + " "));
  return kExitUsage;
}

int run(int argc, char** argv) {
  CLI::App app("Run a page-compression engine before there is silicon, on pages of real programs.",
               "pagepress");
  app.set_version_flag("--version", "pagepress " PAGEPRESS_VERSION, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  app.footer(examples({"pagepress capture -o redis.pages --pid $(pidof redis-server)",
                       "pagepress pages redis.pages", "pagepress compare redis.pages -o out",
                       "pagepress emulate --vfio-user /tmp/pagepress.sock"}) +
             "\n'pagepress COMMAND --help' says more about a command.\n\n" + kExitCodes);
  Action action;
  add_capture_command(app, action);
  add_pages_command(app, action);
  add_compare_command(app, action, {argv, argv + argc});
  add_sweep_command(app, action, {argv, argv + argc});
  add_reclaim_command(app, action, {argv, argv + argc});
  add_record_command(app, action);
  add_emulate_command(app, action);
  add_completion_command(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    app.exit(success, text, text);
    print(text.str());
    return kExitOk;
  } catch (const CLI::RequiredError& error) {
    // An unknown command shows as none at all.
    const auto rest = app.remaining();
    return usage_error(app, app.get_subcommands().empty() && !rest.empty()
                                ? fmt::format("there is no command '{}'", rest.front())
                                : error.what());
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error.what());
  } catch (const sim::ConfigError& error) {
    return usage_error(app, error.what());
  }
  try {
    return action();
  } catch (const UsageError& error) {
    return usage_error(app, error.what());
  } catch (const sim::ConfigError& error) {
    return usage_error(app, error.what());
  }
}

}  // namespace
}  // namespace pagepress::app

int main(int argc, char** argv) {
  using namespace pagepress::app;
  int code = kExitError;
  try {
    install_signal_handlers();
    code = run(argc, argv);
  } catch (const Interrupted& interrupted) {
    die_by_signal(interrupted.signal);
  } catch (const std::exception& error) {
    // A signal makes system calls fail: then it is the reason.
    if (pending_signal() == 0) {
      complain(error.what());
    }
  }
  if (pending_signal() != 0) {
    die_by_signal(pending_signal());
  }
  return code;
}
