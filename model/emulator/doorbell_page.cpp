// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/doorbell_page.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <system_error>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

DoorbellPage::DoorbellPage(unsigned queues) : seen_(queues * kWords) { map_new_file(); }

DoorbellPage::~DoorbellPage() { unmap(); }

std::size_t DoorbellPage::bytes() const { return seen_.size() / kWords * PP_DOORBELL_STRIDE; }

int DoorbellPage::share() noexcept {
  shared_ = true;
  return file_.get();
}

void DoorbellPage::renew() {
  unmap();
  map_new_file();
  shared_ = false;
  for (std::size_t i = 0; i < seen_.size(); ++i) set_word(i, seen_[i]);
}

void DoorbellPage::map_new_file() {
  FileDescriptor file(::memfd_create("pagepress-doorbells", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) fail("cannot make a file of doorbells");
  // Offsets are those of the BAR; what lies before the doorbells takes no memory. Sealed, so that
  // no client can take the pages away from under scan().
  if (::ftruncate(file.get(), static_cast<off_t>(PP_DOORBELL_BASE + bytes())) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    fail("cannot size the file of doorbells");
  }
  void* const memory = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(),
                              static_cast<off_t>(PP_DOORBELL_BASE));
  if (memory == MAP_FAILED) fail("cannot map the doorbells");
  file_ = std::move(file);
  memory_ = static_cast<std::byte*>(memory);
}

void DoorbellPage::unmap() noexcept {
  if (memory_ != nullptr) ::munmap(std::exchange(memory_, nullptr), bytes());
}

std::uint64_t DoorbellPage::offset_of(std::size_t index) noexcept {
  return PP_DOORBELL_BASE + index / kWords * PP_DOORBELL_STRIDE +
         (index % kWords == 0 ? PP_DB_SQ_TAIL : PP_DB_CQ_HEAD);
}

std::uint32_t DoorbellPage::word(std::size_t index) const noexcept {
  auto* const at =
      reinterpret_cast<std::uint32_t*>(memory_ + (offset_of(index) - PP_DOORBELL_BASE));
  // What the client wrote before its doorbell is there when the doorbell is seen.
  return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

void DoorbellPage::set_word(std::size_t index, std::uint32_t value) noexcept {
  auto* const at =
      reinterpret_cast<std::uint32_t*>(memory_ + (offset_of(index) - PP_DOORBELL_BASE));
  __atomic_store_n(at, value, __ATOMIC_RELEASE);
  seen_[index] = value;
}

void DoorbellPage::set(std::uint64_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (offset_of(i) == offset) set_word(i, value);
  }
}

void DoorbellPage::clear(unsigned queue) {
  for (std::size_t i = 0; i < kWords; ++i) set_word(queue * kWords + i, 0);
}

void DoorbellPage::clear_all() {
  for (std::size_t i = 0; i < seen_.size(); ++i) set_word(i, 0);
}

}  // namespace pagepress::emulator
