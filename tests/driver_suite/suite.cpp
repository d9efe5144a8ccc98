// SPDX-License-Identifier: Apache-2.0
#include "tests/driver_suite/suite.hpp"

#include <algorithm>

namespace pagepress::suite {

DriverSuite::DriverSuite() : site_(open_site()), pace_(site_->pace()) {
  map_.emplace(site_->bus());
  device_.emplace(
      site_->bus(), site_->clock(),
      DeviceConfig{.register_timeout_ns = pace_.patience_ns, .register_poll_ns = pace_.poll_ns});
  make_.emplace(caps().positions);
}

DriverSuite::~DriverSuite() {
  device_.reset();
  map_.reset();
  EXPECT_EQ(site_->complaint(), "");
}

QueueConfig DriverSuite::queue_config(unsigned index, unsigned depth) const {
  return {.index = index,
          .sq_depth = depth,
          .cq_depth = depth,
          .priority = 0,
          .completion_timeout_ns = pace_.patience_ns,
          .wait = {.poll_ns = pace_.poll_ns}};
}

std::unique_ptr<DmaBuffer> DriverSuite::job_memory(std::size_t jobs) {
  return std::make_unique<DmaBuffer>(*map_, site_->memory(), jobs * Layout::kSlotBytes);
}

std::unique_ptr<EngineCodec> DriverSuite::engine_codec(QueuePair& queue,
                                                       const EngineCodecConfig& config) {
  return make_engine_codec("engine", queue, *map_, config);
}

void DriverSuite::inject(unsigned kind, unsigned first, std::uint32_t argument) {
  write_register(PP_REG_INJECT_ARG, argument);
  write_register(PP_REG_INJECT_COUNT, first | 1u << 16);
  write_register(PP_REG_INJECT, kind | PP_INJECT_ARMED);
}

void collect(Codec& codec, Layout& layout, std::size_t count, Clock& clock,
             std::uint64_t patience_ns, const std::function<void(const Completion&)>& check) {
  std::vector<Completion> done(64);
  std::uint64_t heard = clock.now_ns();
  // Once at least: a codec that takes nothing may have to be asked before it does again.
  for (bool first = true; first || layout.checked() < count; first = false) {
    const std::size_t found = codec.poll(done);
    std::for_each(done.begin(), done.begin() + static_cast<std::ptrdiff_t>(found), check);
    if (found != 0) {
      heard = clock.now_ns();
    } else if (clock.now_ns() - heard > patience_ns) {
      ADD_FAILURE() << layout.checked() << " of " << count << " jobs are done, and no more come";
      return;
    } else {
      codec.wait(patience_ns);
    }
  }
}

void run_jobs(Codec& codec, Layout& layout, std::size_t burst, Clock& clock,
              std::uint64_t patience_ns) {
  std::vector<Request> requests;
  std::uint64_t taken_ns = clock.now_ns();
  for (std::size_t at = 0; at < layout.size();) {
    requests.clear();
    for (std::size_t i = at; i < layout.size() && requests.size() < burst; ++i) {
      requests.push_back(layout.request(i));
    }
    const std::size_t taken = codec.submit(requests);
    at += taken;
    taken_ns = taken != 0 ? clock.now_ns() : taken_ns;
    ASSERT_LT(clock.now_ns() - taken_ns, patience_ns) << "job " << at << " is not taken";
    // Full: one more must be done before the next can be taken.
    const std::size_t wanted = at == layout.size() ? at : layout.checked() + 1;
    collect(codec, layout, std::min(wanted, at), clock, patience_ns,
            [&](const Completion& completion) { layout.check(completion); });
    if (::testing::Test::HasFailure()) {
      return;
    }
  }
  EXPECT_EQ(layout.checked(), layout.size());
  layout.check_canaries();
}

}  // namespace pagepress::suite
