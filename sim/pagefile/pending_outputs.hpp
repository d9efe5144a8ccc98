// SPDX-License-Identifier: Apache-2.0
// What a signal that ends the program has to remove: temporary files of results,
// and folders made for results that are not there yet.
//
// Limitations: 64 at a time, with paths below PATH_MAX. Others are left behind
// by a signal; the objects that own them remove them in all other cases.
#pragma once

#include <filesystem>

namespace pagepress::sim {

// All paths absolute. Both return a slot, or -1 if there is no room.
[[nodiscard]] int publish_pending_file(const std::filesystem::path& file) noexcept;
// `folder` and its parents up to `topmost` are removed if they are empty: may
// be called before they are made.
[[nodiscard]] int publish_pending_folder(const std::filesystem::path& folder,
                                         const std::filesystem::path& topmost) noexcept;
// -1 is allowed.
void retract_pending(int slot) noexcept;

// Removes all that is pending. Async-signal-safe: for a handler that is about to
// end the program.
void discard_pending_outputs() noexcept;

}  // namespace pagepress::sim
