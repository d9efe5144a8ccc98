// SPDX-License-Identifier: Apache-2.0
// Names of operations and completion statuses, and the proof that the enum follows rtl/abi.
#include <pagepress/codec.hpp>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

static_assert(static_cast<unsigned>(Status::kOk) == PP_STATUS_OK);
static_assert(static_cast<unsigned>(Status::kSameFilled) == PP_STATUS_SAME_FILLED);
static_assert(static_cast<unsigned>(Status::kIncompressible) == PP_STATUS_INCOMPRESSIBLE);
static_assert(static_cast<unsigned>(Status::kMalformed) == PP_STATUS_MALFORMED);
static_assert(static_cast<unsigned>(Status::kVerifyFailed) == PP_STATUS_VERIFY_FAILED);
static_assert(static_cast<unsigned>(Status::kDmaFault) == PP_STATUS_DMA_FAULT);
static_assert(static_cast<unsigned>(Status::kBadDescriptor) == PP_STATUS_BAD_DESCRIPTOR);
static_assert(static_cast<unsigned>(Status::kAborted) == PP_STATUS_ABORTED);
static_assert(static_cast<unsigned>(Status::kInternal) == PP_STATUS_INTERNAL);
static_assert(PP_STATUS_COUNT == 9u);
static_assert(static_cast<unsigned>(Status::kDeadlineMissed) >= PP_STATUS_COUNT);

std::string_view to_string(Operation operation) noexcept {
  return operation == Operation::kCompress ? "compress" : "decompress";
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::kOk:
      return "ok";
    case Status::kSameFilled:
      return "same_filled";
    case Status::kIncompressible:
      return "incompressible";
    case Status::kMalformed:
      return "malformed";
    case Status::kVerifyFailed:
      return "verify_failed";
    case Status::kDmaFault:
      return "dma_fault";
    case Status::kBadDescriptor:
      return "bad_descriptor";
    case Status::kAborted:
      return "aborted";
    case Status::kInternal:
      return "internal";
    case Status::kDeadlineMissed:
      return "deadline_missed";
  }
  return "unknown";
}

}  // namespace pagepress
