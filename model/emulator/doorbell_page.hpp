// SPDX-License-Identifier: Apache-2.0
// DoorbellPage: the doorbells of BAR 0 as a file that a client maps: one page a queue, at the
// offsets that the BAR has them. Nobody is told of a write there: scan() finds the words that
// are not what they were.
//
// A word that is written with the value that it has is not seen. So the words of a queue go to 0,
// where the device's indices start, whenever the queue does; and a trapped write sets the word.
// Limitation: an index must not go round (65,536 entries) between two scans; no ring is so deep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

class DoorbellPage {
 public:
  // Throws std::system_error, as renew() does.
  explicit DoorbellPage(unsigned queues);
  ~DoorbellPage();
  DoorbellPage(const DoorbellPage&) = delete;
  DoorbellPage& operator=(const DoorbellPage&) = delete;

  [[nodiscard]] std::size_t bytes() const;  // from PP_DOORBELL_BASE on
  // To be sent to a client. From then on the words must be looked at.
  [[nodiscard]] int share() noexcept;
  [[nodiscard]] bool shared() const noexcept { return shared_; }
  // A file of its own for the next client: what the former one has mapped is nobody's.
  void renew();

  // Calls changed(offset in the BAR, value) for each word that was written.
  template <class Changed>
  bool scan(Changed changed) {
    bool any = false;
    if (!shared_) return any;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const std::uint32_t value = word(i);
      if (value == seen_[i]) continue;
      seen_[i] = value;
      any = true;
      changed(offset_of(i), value);
    }
    return any;
  }

  void set(std::uint64_t offset, std::uint32_t value);  // ignores what is no doorbell
  void clear(unsigned queue);
  void clear_all();

 private:
  static constexpr std::size_t kWords = 2;  // a queue

  [[nodiscard]] static std::uint64_t offset_of(std::size_t index) noexcept;
  [[nodiscard]] std::uint32_t word(std::size_t index) const noexcept;
  void set_word(std::size_t index, std::uint32_t value) noexcept;
  void map_new_file();
  void unmap() noexcept;

  std::vector<std::uint32_t> seen_;  // sq_tail and cq_head of each queue
  FileDescriptor file_;
  std::byte* memory_ = nullptr;  // of PP_DOORBELL_BASE
  bool shared_ = false;
};

}  // namespace pagepress::emulator
