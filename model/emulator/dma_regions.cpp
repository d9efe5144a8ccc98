// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/dma_regions.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>

#include "model/emulator/guarded_copy.hpp"
#include "model/emulator/protocol.hpp"

namespace pagepress::emulator {
namespace {

constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();

}  // namespace

int DmaRegions::check(std::uint64_t address, std::uint64_t size) const {
  if (size == 0 || size - 1 > kTop - address) return EINVAL;
  const auto next = regions_.upper_bound(address + (size - 1));
  if (next != regions_.begin() && std::prev(next)->second.last >= address) return EEXIST;
  return regions_.size() < kMaxDmaMaps ? 0 : ENOSPC;
}

int DmaRegions::add(std::uint64_t address, std::uint64_t size, Permission permission) {
  if (const int error = check(address, size); error != 0) return error;
  regions_[address] = {.last = address + (size - 1), .permission = permission};
  return 0;
}

int DmaRegions::add_file(std::uint64_t address, std::uint64_t size, Permission permission,
                         const FileDescriptor& file, std::uint64_t offset) {
  if (const int error = check(address, size); error != 0) return error;
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return errno;
  const auto bytes = static_cast<std::uint64_t>(about.st_size);
  if (!S_ISREG(about.st_mode) || offset > bytes || size > bytes - offset) return EINVAL;
  // Huge pages want an offset and a length that are multiples of theirs.
  const auto grain = std::max(static_cast<std::uint64_t>(about.st_blksize),
                              static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  const std::uint64_t lead = offset % grain;
  const std::size_t length = (lead + size + grain - 1) / grain * grain;
  const int protection =
      (permission.read ? PROT_READ : PROT_NONE) | (permission.write ? PROT_WRITE : PROT_NONE);
  void* const mapping = ::mmap(nullptr, length, protection, MAP_SHARED | MAP_NORESERVE, file.get(),
                               static_cast<off_t>(offset - lead));
  if (mapping == MAP_FAILED) return errno;
  regions_[address] = {.last = address + (size - 1),
                       .permission = permission,
                       .memory = static_cast<std::byte*>(mapping) + lead,
                       .mapping = mapping,
                       .mapping_bytes = length};
  return 0;
}

int DmaRegions::remove(std::uint64_t address, std::uint64_t size) {
  const auto it = regions_.find(address);
  if (it == regions_.end() || size == 0 || it->second.last - address != size - 1) return ENOENT;
  unmap(it->second);
  regions_.erase(it);
  return 0;
}

void DmaRegions::clear() {
  for (auto& [address, region] : regions_) unmap(region);
  regions_.clear();
}

void DmaRegions::unmap(Region& region) {
  if (region.mapping != nullptr) ::munmap(region.mapping, region.mapping_bytes);
}

DmaRegions::Map::iterator DmaRegions::find(std::uint64_t address) {
  const auto next = regions_.upper_bound(address);
  if (next == regions_.begin()) return regions_.end();
  const auto it = std::prev(next);
  return it->second.last >= address ? it : regions_.end();
}

bool DmaRegions::reachable(std::uint64_t address, std::size_t bytes, bool write) {
  if (bytes == 0 || bytes - 1 > kTop - address) return false;
  const std::uint64_t last = address + (bytes - 1);
  std::uint64_t reached = address;
  for (auto it = find(address);; ++it) {
    if (it == regions_.end() || it->first > reached) return false;
    const Permission& permission = it->second.permission;
    if (!(write ? permission.write : permission.read)) return false;
    if (it->second.last >= last) return true;
    reached = it->second.last + 1;
  }
}

template <class Part>
bool DmaRegions::for_each_part(std::uint64_t address, std::size_t bytes, bool write, Part part) {
  if (!reachable(address, bytes, write)) return false;
  for (std::size_t done = 0; done < bytes;) {
    const std::uint64_t at = address + done;
    const auto it = find(at);
    // A message may have been answered by the client's unmapping this.
    if (it == regions_.end()) return false;
    const Region& region = it->second;
    const std::uint64_t rest = region.last - at;
    const std::size_t n =
        rest < bytes - done - 1 ? static_cast<std::size_t>(rest) + 1 : bytes - done;
    std::byte* const memory = region.memory == nullptr ? nullptr : region.memory + (at - it->first);
    if (!part(memory, at, done, n)) return false;
    done += n;
  }
  return true;
}

bool DmaRegions::read(std::uint64_t address, std::span<std::byte> to, ClientMemory& client) {
  const auto part = [&](std::byte* memory, std::uint64_t at, std::size_t done, std::size_t n) {
    return memory != nullptr ? guarded_load(to.subspan(done, n), memory)
                             : client.read_by_message(at, to.subspan(done, n));
  };
  return for_each_part(address, to.size(), /*write=*/false, part);
}

bool DmaRegions::write(std::uint64_t address, std::span<const std::byte> from,
                       ClientMemory& client) {
  const auto part = [&](std::byte* memory, std::uint64_t at, std::size_t done, std::size_t n) {
    return memory != nullptr ? guarded_store(memory, from.subspan(done, n))
                             : client.write_by_message(at, from.subspan(done, n));
  };
  return for_each_part(address, from.size(), /*write=*/true, part);
}

}  // namespace pagepress::emulator
