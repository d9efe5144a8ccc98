// SPDX-License-Identifier: Apache-2.0
#include "verilated_cover.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

// One line a point: seen, kind, file, line, column, lines it stands for, name.
struct Points {
  std::mutex mutex;
  std::unordered_map<std::string, std::uint32_t> index;
  std::vector<bool> seen{false};
};

Points& points() {
  static auto* const all = [] {  // never destroyed: models may be later
    std::atexit([] {
      const char* folder = std::getenv("PP_RTL_COVERAGE_DIR");
      if (folder == nullptr) return;
      const std::string name = std::string(folder) + "/" + std::to_string(getpid()) + ".points";
      std::FILE* file = std::fopen(name.c_str(), "w");
      bool written = file != nullptr;
      const Points& p = points();
      for (auto it = p.index.begin(); written && it != p.index.end(); ++it) {
        const int seen = p.seen[it->second] ? 1 : 0;
        written = std::fprintf(file, "%d\t%s\n", seen, it->first.c_str()) > 0;
      }
      if (file != nullptr && std::fclose(file) != 0) written = false;
      if (!written) {
        std::fprintf(stderr, "cannot write RTL coverage to %s\n", name.c_str());
        std::_Exit(1);  // a figure without this process's part would be wrong
      }
    });
    return new Points;
  }();
  return *all;
}

}  // namespace

void pp_cover_count::pp_cover_seen(std::uint32_t index) {
  Points& p = points();
  const std::lock_guard lock(p.mutex);
  p.seen[index] = true;
}

void pp_cover_insert(pp_cover_count* count, const char* file, int line, int column,
                     const char* page, const char* comment, const char* lines) {
  std::string key(page);  // "v_line/module"
  key.resize(key.find('/'));
  key += std::string("\t") + file + '\t' + std::to_string(line) + '\t' + std::to_string(column) +
         '\t' + lines + '\t' + comment;
  Points& p = points();
  const std::lock_guard lock(p.mutex);
  const auto index = static_cast<std::uint32_t>(p.seen.size());
  const auto [point, added] = p.index.try_emplace(std::move(key), index);
  if (added) p.seen.push_back(false);
  count->set_point(point->second);
}
