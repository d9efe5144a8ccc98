// SPDX-License-Identifier: Apache-2.0
// OutputFile: a result that is either there whole or not at all.
//
// What is written goes to a temporary file (".pagepress-XXXXXX") beside the
// target; commit() makes it durable and renames it over the target. A failure,
// an exception or a caught signal removes it, and an older target stays as it
// was. A symbolic link is followed: the file that it names is replaced or made.
//
// Limitations: a target that exists and is no regular file (a FIFO, /dev/full)
// is written directly, as there is nothing that could be renamed over it.
// SIGKILL leaves the temporary file. One thread an OutputFile.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace pagepress::sim {

class OutputFile {
 public:
  // Opens the temporary file, so that a folder that cannot be written to is
  // known before any work is done. `mode` is narrowed by the umask.
  // This and all below throw FileError, which names the target.
  explicit OutputFile(std::filesystem::path target, mode_t mode = 0666);
  // Removes the temporary file unless commit() has returned.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::uint8_t> bytes);
  void write(std::string_view text);
  // Makes durable what was written: after it, commit() only has to rename.
  // At most once; nothing may be written afterwards.
  void finish();
  // At most once; with finish() if that has not been called.
  void commit();

  // Whether the target is written directly (see Limitations).
  [[nodiscard]] bool direct() const noexcept { return direct_; }

 private:
  void flush();
  void open_temporary(mode_t mode);

  std::filesystem::path target_;     // as given: what messages name
  std::filesystem::path real_path_;  // with symbolic links followed
  std::filesystem::path temporary_;
  std::vector<std::uint8_t> buffer_;
  int fd_ = -1;
  int slot_ = -1;  // in the table of pending temporary files
  bool direct_ = false;
};

// Writes `text` to `target` in the same way, in one step.
void write_file(const std::filesystem::path& target, std::string_view text);

}  // namespace pagepress::sim
