// SPDX-License-Identifier: Apache-2.0
#include <pagepress/enqueue_gate.hpp>

namespace pagepress {

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::kNone:
      return "none";
    case Refusal::kNoThread:
      return "no_thread";
    case Refusal::kNotKswapd:
      return "not_kswapd";
    case Refusal::kNotAnonymous:
      return "not_anonymous";
    case Refusal::kMemcg:
      return "memcg";
    case Refusal::kSlowSwap:
      return "slow_swap";
    case Refusal::kNoRoom:
      return "no_room";
  }
  return "unknown";
}

Refusal refuse(EnqueueRule rule, const EnqueueContext& context, const PageOrigin& origin) noexcept {
  if (rule == EnqueueRule::kAny) {
    return Refusal::kNone;
  }
  const bool rfc = rule == EnqueueRule::kRfc;
  if (rfc && !context.thread_exists) {
    return Refusal::kNoThread;
  }
  if (!origin.kswapd) {
    return Refusal::kNotKswapd;
  }
  if (rfc && !origin.anonymous) {
    return Refusal::kNotAnonymous;
  }
  if (rfc && !origin.memcg_allows_writeback) {
    return Refusal::kMemcg;
  }
  if (rfc && !context.zswap_on && !context.synchronous_io) {
    return Refusal::kSlowSwap;
  }
  return Refusal::kNone;
}

Refusal EnqueueGate::check(const PageOrigin& origin) noexcept {
  const Refusal refusal = refuse(rule_, context_, origin);
  count(refusal);
  return refusal;
}

}  // namespace pagepress
