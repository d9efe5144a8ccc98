// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/pending_outputs.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstring>

namespace pagepress::sim {
namespace {

// A signal handler reads this table, so it is static memory: a slot is claimed,
// written, and only then published.
enum class SlotState : int { kFree, kClaimed, kPublished };
struct Slot {
  std::atomic<SlotState> state = SlotState::kFree;
  std::size_t topmost_length = 0;  // of the topmost folder's path; 0: a file
  std::array<char, PATH_MAX> path = {};
};
std::array<Slot, 64> g_slots;
static_assert(std::atomic<SlotState>::is_always_lock_free);

int publish(const std::filesystem::path& path, std::size_t topmost_length) noexcept {
  const auto& name = path.native();
  if (name.size() >= PATH_MAX) {
    return -1;
  }
  for (std::size_t i = 0; i < g_slots.size(); ++i) {
    SlotState expected = SlotState::kFree;
    if (g_slots[i].state.compare_exchange_strong(expected, SlotState::kClaimed)) {
      std::memcpy(g_slots[i].path.data(), name.c_str(), name.size() + 1);
      g_slots[i].topmost_length = topmost_length;
      g_slots[i].state.store(SlotState::kPublished);
      return static_cast<int>(i);
    }
  }
  return -1;
}

// Async-signal-safe. The path in the slot does not survive it.
void remove_folders(Slot& slot) noexcept {
  char* const path = slot.path.data();
  while (std::strlen(path) >= slot.topmost_length) {
    ::rmdir(path);
    char* const last = std::strrchr(path, '/');
    if (last == nullptr) {
      return;
    }
    *last = '\0';
  }
}

}  // namespace

int publish_pending_file(const std::filesystem::path& file) noexcept { return publish(file, 0); }

int publish_pending_folder(const std::filesystem::path& folder,
                           const std::filesystem::path& topmost) noexcept {
  return publish(folder, topmost.native().size());
}

void retract_pending(int slot) noexcept {
  if (slot >= 0) {
    g_slots[static_cast<std::size_t>(slot)].state.store(SlotState::kFree);
  }
}

void discard_pending_outputs() noexcept {
  for (const bool folders : {false, true}) {  // files first: they may be in the folders
    for (Slot& slot : g_slots) {
      if (slot.state.load() == SlotState::kPublished && (slot.topmost_length > 0) == folders) {
        folders ? remove_folders(slot) : static_cast<void>(::unlink(slot.path.data()));
      }
    }
  }
}

}  // namespace pagepress::sim
