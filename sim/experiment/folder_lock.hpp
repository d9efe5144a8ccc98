// SPDX-License-Identifier: Apache-2.0
// FolderLock: one user of a folder at a time. The kernel lets go of it when the process ends,
// however it ends, so that no lock is ever stale.
// Children that are forked do not hold it: a sweep that is killed can be started again at once.
// Limitation: fcntl(2)'s locks are between processes, not within one.
#pragma once

#include <filesystem>

namespace pagepress::sim {

class FolderLock {
 public:
  // Locks FOLDER/.lock. Throws FileError, which names the other process if there is one.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace pagepress::sim
