// SPDX-License-Identifier: Apache-2.0
// The fixture of all cases: a device just probed at the binary's site, memory for jobs, and how
// jobs are run. When a case is over, the driver must have come down in good order.
#pragma once

#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>
#include <pagepress/queue_pair.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/driver_suite/jobs.hpp"
#include "tests/driver_suite/site.hpp"

namespace pagepress::suite {

class DriverSuite : public ::testing::Test {
 protected:
  DriverSuite();
  // The site has no complaint.
  ~DriverSuite() override;

  [[nodiscard]] const Capabilities& caps() const { return device_->capabilities(); }
  [[nodiscard]] Bus& bus() { return site_->bus(); }
  [[nodiscard]] Clock& clock() { return site_->clock(); }
  [[nodiscard]] QueueConfig queue_config(unsigned index = 0, unsigned depth = 32) const;
  // Memory of the site for so many jobs, mapped for the device.
  [[nodiscard]] std::unique_ptr<DmaBuffer> job_memory(std::size_t jobs);
  [[nodiscard]] std::unique_ptr<EngineCodec> engine_codec(QueuePair& queue,
                                                          const EngineCodecConfig& config = {});
  // Lets all happen that could still happen.
  void settle() { clock().pause_ns(pace_.settle_ns); }
  // Waits until `holds`; false if it never does.
  template <class Condition>
  [[nodiscard]] bool within_patience(Condition holds) {
    const std::uint64_t end = clock().now_ns() + pace_.patience_ns;
    while (!holds()) {
      if (clock().now_ns() > end) {
        return false;
      }
      clock().pause_ns(pace_.poll_ns);
    }
    return true;
  }
  void write_register(std::uint64_t offset, std::uint32_t value) { bus().write32(offset, value); }
  // Arms one of PP_INJECT_*: the `first`-th unit of queue 0 from now on, counted from 0.
  void inject(unsigned kind, unsigned first, std::uint32_t argument);

  std::unique_ptr<Site> site_;
  Pace pace_;
  std::optional<DmaMap> map_;
  std::optional<Device> device_;
  std::optional<JobMaker> make_;
};

// All requests of `layout` through `codec`, no more than `burst` at once and as many outstanding
// as the codec takes; each completion is checked.
void run_jobs(Codec& codec, Layout& layout, std::size_t burst, Clock& clock,
              std::uint64_t patience_ns);
// Polls until `layout` has `count` completions checked, which `check` does.
void collect(Codec& codec, Layout& layout, std::size_t count, Clock& clock,
             std::uint64_t patience_ns, const std::function<void(const Completion&)>& check);

}  // namespace pagepress::suite
