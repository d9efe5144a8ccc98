// SPDX-License-Identifier: Apache-2.0
// pagepress completion: a shell completion script, made from the same tree of
// options that parses the command line, so that it cannot fall behind.
// Limitations: bash only.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/pagepress/cli.hpp"

namespace pagepress::app {
namespace {

constexpr const char* kBashHead = R"(# bash completion for pagepress. Load it with:
#   source <(pagepress completion bash)
_pagepress() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local options= files= folders=
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

std::string bash_script(const CLI::App& app) {
  std::string script = kBashHead;
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
  std::string tail = kBashTail;
  tail.replace(tail.find("{top}"), 5, trimmed(top));
  return script + tail;
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
