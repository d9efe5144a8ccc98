// SPDX-License-Identifier: Apache-2.0
// When the router leaves the engine, probes it and comes back.
#include <pagepress/codec_router.hpp>

#include <algorithm>

namespace pagepress {
namespace {

bool is_failure(Status status) {
  return status == Status::kAborted || status == Status::kInternal || status == Status::kDmaFault;
}

}  // namespace

void CodecRouter::judge(std::span<const Completion> done, std::uint64_t now) {
  window_.pages += done.size();
  window_.busy_ns += now - busy_since_;
  for (const Completion& completion : done) {
    const bool failed = is_failure(completion.status);
    counters_.failures += failed ? 1u : 0u;
    failed_in_a_row_ = failed ? failed_in_a_row_ + 1 : 0;
  }
  if (route_ == Route::kEngine) {
    if (failed_in_a_row_ >= config_.sick_after) {
      leave(Route::kCpuSick, now);
    } else if (window_.pages >= config_.window_pages) {
      judge_window();
      if (cpu_ns_ && *engine_ns_ > config_.leave_ratio * *cpu_ns_) {
        leave(Route::kCpuSlow, now);
      }
    }
  } else if (probe_.under_way && failed_in_a_row_ != 0) {
    end_probe(false, now);
  } else if (probe_.under_way && window_.pages >= probe_.pages) {
    judge_window();
    end_probe(true, now);
  }
}

void CodecRouter::judge_window() {
  engine_ns_ = static_cast<double>(window_.busy_ns) / static_cast<double>(window_.pages);
  window_ = {};
}

// Silence: pages with the engine and no completion, or pages that it does not even take.
void CodecRouter::watch(std::uint64_t now) {
  const bool silent = held_ != 0 && now - busy_since_ >= config_.stall_ns;
  const bool refuses = refused_since_ && now - *refused_since_ >= config_.stall_ns;
  if (!silent && !refuses) {
    return;
  }
  if (route_ == Route::kEngine) {
    leave(Route::kCpuSick, now);
  } else if (probe_.under_way) {
    route_ = Route::kCpuSick;
    end_probe(false, now);
  }
}

void CodecRouter::leave(Route to, std::uint64_t now) {
  route_ = to;
  ++(to == Route::kCpuSlow ? counters_.left_slow : counters_.left_sick);
  refused_since_.reset();
  probe_ = {.interval_ns = config_.probe_interval_ns};
  probe_.next_ns = now + probe_.interval_ns;
}

void CodecRouter::begin_probe() {
  ++counters_.probes;
  window_ = {};
  failed_in_a_row_ = 0;
  probe_.under_way = true;
  probe_.pages = probe_.unsent = route_ == Route::kCpuSick ? 1 : config_.probe_pages;
}

void CodecRouter::end_probe(bool good, std::uint64_t now) {
  probe_.under_way = false;
  probe_.unsent = 0;
  refused_since_.reset();
  if (good && route_ == Route::kCpuSick) {
    route_ = Route::kCpuSlow;  // well, as it seems: how fast is it?
    probe_.next_ns = now;
    return;
  }
  if (good && (!cpu_ns_ || *engine_ns_ <= config_.return_ratio * *cpu_ns_)) {
    ++counters_.returned;
    route_ = Route::kEngine;
    window_ = {};
    return;
  }
  ++counters_.failed_probes;
  probe_.interval_ns = std::min(2 * probe_.interval_ns, config_.probe_interval_max_ns);
  probe_.next_ns = now + probe_.interval_ns;
}

// In a handler of DeviceError.
void CodecRouter::recover_or_throw(std::uint64_t now) {
  if (route_ == Route::kEngine) {
    leave(Route::kCpuSick, now);
  } else {
    route_ = Route::kCpuSick;
    if (probe_.under_way) {
      end_probe(false, now);
    }
  }
  if (!config_.recover || !config_.recover()) {
    throw;
  }
  busy_since_ = clock_.now_ns();
  ++counters_.recoveries;
}

}  // namespace pagepress
