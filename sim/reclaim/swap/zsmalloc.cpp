// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/zsmalloc.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {

Zsmalloc::Zsmalloc(SizeClasses classes, FrameSource& frames)
    : classes_(std::move(classes)), frames_(frames), groups_(classes_.all().size()) {
  for (auto& heads : groups_) heads.fill(kNone);
}

std::optional<Zsmalloc::Handle> Zsmalloc::allocate(std::uint32_t bytes, bool memalloc) {
  const auto size_class = static_cast<std::uint8_t>(classes_.of(bytes));
  std::uint32_t index = find(size_class);
  if (index == kNone) {
    index = make(size_class, memalloc);
    if (index == kNone) return std::nullopt;
  }
  ++zspages_[index].in_use;
  ++objects_;
  regroup(index);
  return index;
}

void Zsmalloc::free(Handle handle) {
  if (handle >= zspages_.size() || zspages_[handle].in_use == 0) {
    throw ConservationError(fmt::format("zsmalloc: zspage {} has no object to free", handle));
  }
  Zspage& zspage = zspages_[handle];
  --zspage.in_use;
  --objects_;
  regroup(handle);
  if (zspage.group != kEmpty) return;
  unlink(handle);
  const std::uint32_t pages = class_of(zspage).zspage_pages;
  held_ -= pages;
  zspage.next = unused_;
  unused_ = handle;
  frames_.give_frames(pages);
}

// find_get_zspage(): the fullest group first; in a group, the one that came last.
std::uint32_t Zsmalloc::find(std::uint8_t size_class) const noexcept {
  const auto& heads = groups_[size_class];
  for (std::uint8_t group = kFull; group-- != 0;) {
    if (heads[group] != kNone) return heads[group];
  }
  return kNone;
}

std::uint32_t Zsmalloc::make(std::uint8_t size_class, bool memalloc) {
  const std::uint32_t pages = classes_.all()[size_class].zspage_pages;
  if (!frames_.take_frames(pages, memalloc)) return kNone;
  held_ += pages;
  peak_ = std::max(peak_, held_);
  std::uint32_t index = unused_;
  if (index == kNone) {
    index = static_cast<std::uint32_t>(zspages_.size());
    zspages_.emplace_back();
  } else {
    unused_ = zspages_[index].next;
  }
  zspages_[index] = {};
  zspages_[index].size_class = size_class;
  link(index, kEmpty);
  return index;
}

void Zsmalloc::regroup(std::uint32_t index) {
  const std::uint8_t group = group_of(zspages_[index]);
  if (group == zspages_[index].group) return;
  unlink(index);
  link(index, group);
}

void Zsmalloc::link(std::uint32_t index, std::uint8_t group) {
  Zspage& zspage = zspages_[index];
  std::uint32_t& head = groups_[zspage.size_class][group];
  zspage.group = group;
  zspage.previous = kNone;
  zspage.next = head;
  if (head != kNone) zspages_[head].previous = index;
  head = index;
}

void Zsmalloc::unlink(std::uint32_t index) {
  const Zspage& zspage = zspages_[index];
  if (zspage.previous == kNone) {
    groups_[zspage.size_class][zspage.group] = zspage.next;
  } else {
    zspages_[zspage.previous].next = zspage.next;
  }
  if (zspage.next != kNone) zspages_[zspage.next].previous = zspage.previous;
}

// get_fullness_group(): by tenths; one object is not "empty".
std::uint8_t Zsmalloc::group_of(const Zspage& zspage) const noexcept {
  const std::uint32_t objects = class_of(zspage).zspage_objects;
  if (zspage.in_use == 0) return kEmpty;
  if (zspage.in_use == objects) return kFull;
  return static_cast<std::uint8_t>(100U * zspage.in_use / objects / 10 + 1);
}

void Zsmalloc::check() const {
  std::uint64_t frames = 0;
  std::uint64_t objects = 0;
  for (std::size_t size_class = 0; size_class != groups_.size(); ++size_class) {
    for (std::uint8_t group = 0; group != kGroups; ++group) {
      for (std::uint32_t at = groups_[size_class][group]; at != kNone; at = zspages_[at].next) {
        const Zspage& zspage = zspages_[at];
        if (zspage.size_class != size_class || zspage.group != group || zspage.in_use == 0 ||
            group_of(zspage) != group) {
          throw ConservationError(fmt::format("zsmalloc: zspage {} is in a wrong list", at));
        }
        frames += class_of(zspage).zspage_pages;
        objects += zspage.in_use;
      }
    }
  }
  if (frames != held_ || objects != objects_) {
    throw ConservationError(
        fmt::format("zsmalloc: {} objects on {} frames in lists, but {} on {} were counted",
                    objects, frames, objects_, held_));
  }
}

}  // namespace pagepress::reclaim
