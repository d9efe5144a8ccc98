// SPDX-License-Identifier: Apache-2.0
#include "model/link/host_memory.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pagepress::model {
namespace {

// Copies with TLM byte enables: a byte moves where its enable is not 0. The
// enable array repeats if it is shorter than the data.
void copy_enabled(std::uint8_t* to, const std::uint8_t* from, std::size_t len,
                  const std::uint8_t* enable, std::size_t enable_len, std::size_t phase) {
  for (std::size_t i = 0; i < len; ++i) {
    if (enable[(phase + i) % enable_len] != TLM_BYTE_DISABLED) to[i] = from[i];
  }
}

}  // namespace

HostMemory::HostMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_b_transport(this, &HostMemory::b_transport);
  socket.register_transport_dbg(this, &HostMemory::transport_dbg);
}

void HostMemory::add_range(std::uint64_t iova, void* ptr, std::size_t len, bool writable) {
  if (ptr == nullptr || len == 0) throw std::invalid_argument("host memory: empty range");
  if (len - 1 > std::numeric_limits<std::uint64_t>::max() - iova) {
    throw std::invalid_argument("host memory: range wraps around the address space");
  }
  const Window window{iova, iova + (len - 1), static_cast<std::uint8_t*>(ptr), writable};
  const auto next = std::lower_bound(windows_.begin(), windows_.end(), iova,
                                     [](const Window& w, std::uint64_t a) { return w.last < a; });
  if (next != windows_.end() && next->first <= window.last) {
    throw std::invalid_argument("host memory: range overlaps another");
  }
  windows_.insert(next, window);
}

bool HostMemory::remove_range(std::uint64_t iova) {
  const std::size_t i = find(iova);
  if (i == windows_.size() || windows_[i].first != iova) return false;
  windows_.erase(windows_.begin() + static_cast<std::ptrdiff_t>(i));
  return true;
}

std::size_t HostMemory::find(std::uint64_t iova) const noexcept {
  if (last_found_ < windows_.size() && windows_[last_found_].first <= iova &&
      iova <= windows_[last_found_].last) {
    return last_found_;
  }
  const auto it = std::lower_bound(windows_.begin(), windows_.end(), iova,
                                   [](const Window& w, std::uint64_t a) { return w.last < a; });
  if (it == windows_.end() || it->first > iova) return windows_.size();
  last_found_ = static_cast<std::size_t>(it - windows_.begin());
  return last_found_;
}

bool HostMemory::access(tlm::tlm_generic_payload& trans) {
  const std::uint64_t first = trans.get_address();
  const std::size_t len = trans.get_data_length();
  if (len == 0 || len - 1 > std::numeric_limits<std::uint64_t>::max() - first) return false;
  const std::uint64_t last = first + (len - 1);
  const bool write = trans.is_write();

  // Every byte must be reachable before any of them moves.
  const std::size_t begin = find(first);
  for (std::size_t i = begin;; ++i) {
    if (i >= windows_.size() || (write && !windows_[i].writable)) return false;
    if (i != begin && windows_[i].first != windows_[i - 1].last + 1) return false;
    if (windows_[i].last >= last) break;
  }

  std::size_t done = 0;
  for (std::size_t i = begin; done < len; ++i) {
    const Window& w = windows_[i];
    const std::uint64_t at = first + done;
    const std::size_t n = static_cast<std::size_t>(std::min(last, w.last) - at) + 1;
    std::uint8_t* const host = w.host + (at - w.first);
    std::uint8_t* const data = trans.get_data_ptr() + done;
    std::uint8_t* const to = write ? host : data;
    const std::uint8_t* const from = write ? data : host;
    if (trans.get_byte_enable_ptr() == nullptr) {
      std::memcpy(to, from, n);
    } else {
      copy_enabled(to, from, n, trans.get_byte_enable_ptr(), trans.get_byte_enable_length(), done);
    }
    done += n;
  }
  return true;
}

void HostMemory::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  } else if (trans.get_streaming_width() < trans.get_data_length()) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (trans.get_byte_enable_ptr() != nullptr && trans.get_byte_enable_length() == 0) {
    trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else {
    trans.set_response_status(access(trans) ? tlm::TLM_OK_RESPONSE
                                            : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
}

unsigned HostMemory::transport_dbg(tlm::tlm_generic_payload& trans) {
  return access(trans) ? trans.get_data_length() : 0;
}

}  // namespace pagepress::model
