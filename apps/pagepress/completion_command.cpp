// SPDX-License-Identifier: Apache-2.0
// pagepress completion: a shell completion script, made from the same tree of
// options that parses the command line, so that it cannot fall behind.
// Limitations: bash only.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pagepress/cli.hpp"
#include "sim/experiment/compare.hpp"

namespace pagepress::app {
namespace {

constexpr const char* kBashHead = R"(# bash completion for pagepress. Load it with:
#   source <(pagepress completion bash)
_pagepress() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local options= files= folders=
  # Readline breaks words at ':', '@' and '=', which names of back ends hold: the line says more.
  local word=$current option=$previous line=${COMP_LINE:0:${COMP_POINT:-0}}
  if [[ -n $line ]]; then
    word=${line##*[[:space:]]}
    line=${line%"$word"}
    line=${line%"${line##*[![:space:]]}"}
    option=${line##*[[:space:]]}
  fi
  local values=
  case $option in
{values}  esac
  if [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
    COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*[:@=]}"}"}")
    return
  fi
  case ${COMP_CWORD:+${COMP_WORDS[1]}} in
)";
// Names of values say what completes them: FILE... and DIR.
constexpr const char* kBashTail = R"(    *) options='{top}';;
  esac
  case " $folders " in *" $previous "*) COMPREPLY=($(compgen -d -- "$current")); return;; esac
  case " $files " in *" $previous "*) COMPREPLY=($(compgen -f -- "$current")); return;; esac
  if [[ $current == -* || $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _pagepress pagepress
)";

std::string dashed(const CLI::Option& option) {
  std::string words;
  for (const std::string& name : option.get_snames()) {
    words += fmt::format("-{} ", name);
  }
  for (const std::string& name : option.get_lnames()) {
    words += fmt::format("--{} ", name);
  }
  return words;
}

std::string trimmed(std::string words) {
  if (words.ends_with(' ')) {
    words.pop_back();
  }
  return words;
}

// What an option with a fixed set of values takes; empty: no such option.
std::vector<std::string> values_of(const CLI::Option& option) {
  if (option.check_lname("backend")) return sim::known_backends();
  if (option.check_lname("time")) return {"simulated", "real"};
  return {};
}

// A line of a `case` over option names, for each option with a fixed set of values.
std::string value_cases(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* const command : app.get_subcommands({})) {
    for (const CLI::Option* const option : command->get_options()) {
      const std::vector<std::string> values = values_of(*option);
      if (values.empty()) continue;
      for (const std::string& name : option->get_lnames()) {
        cases += fmt::format("    --{}) values='{}';;\n", name, fmt::join(values, " "));
      }
    }
  }
  return cases;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  return text.replace(text.find(what), what.size(), with);
}

std::string bash_script(const CLI::App& app) {
  std::string script = replaced(kBashHead, "{values}", value_cases(app));
  std::string top;
  for (const CLI::App* const command : app.get_subcommands({})) {
    top += command->get_name() + " ";
    std::string options;
    std::string files;
    std::string folders;
    for (const CLI::Option* const option : command->get_options()) {
      const std::string words = dashed(*option);
      options += words;
      const std::string type = option->get_type_name();
      if (type.starts_with("FILE")) {
        files += words;
      } else if (type.starts_with("DIR")) {
        folders += words;
      }
    }
    script += fmt::format("    {}) options='{}' files='{}' folders='{}';;\n", command->get_name(),
                          trimmed(options), trimmed(files), trimmed(folders));
  }
  for (const CLI::Option* const option : app.get_options()) {
    top += dashed(*option);
  }
  return script + replaced(kBashTail, "{top}", trimmed(top));
}

}  // namespace

void add_completion_command(CLI::App& app, Action& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* const sub =
      add_command(app, "completion", "Print a shell completion script.", "completion bash");
  sub->add_option("SHELL", *shell, "The shell: bash")
      ->required()
      ->check(CLI::IsMember({"bash"}))
      ->type_name("");
  sub->footer(examples({"source <(pagepress completion bash)"}));
  sub->callback([&app, shell, &chosen] {
    chosen = [&app, shell] {
      print(bash_script(app));
      return kExitOk;
    };
  });
}

}  // namespace pagepress::app
