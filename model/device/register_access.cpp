// SPDX-License-Identifier: Apache-2.0
#include "model/device/register_access.hpp"

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {
namespace {

// TLM_INCOMPLETE_RESPONSE: none.
tlm::tlm_response_status refusal(const tlm::tlm_generic_payload& access) {
  if (access.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (access.get_address() >= PP_BAR0_SIZE) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (access.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  constexpr unsigned kWord = sizeof(std::uint32_t);
  if (access.get_data_length() != kWord || access.get_address() % kWord != 0) {
    return tlm::TLM_BURST_ERROR_RESPONSE;
  }
  return tlm::TLM_INCOMPLETE_RESPONSE;
}

}  // namespace

bool refuses(tlm::tlm_generic_payload& access) {
  const tlm::tlm_response_status status = refusal(access);
  if (status == tlm::TLM_INCOMPLETE_RESPONSE) return false;
  access.set_response_status(status);
  return true;
}

}  // namespace pagepress::model
