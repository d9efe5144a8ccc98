// SPDX-License-Identifier: Apache-2.0
// RemoteEngine: an engine that another process serves by vfio-user, for a run in real time.
//
// The driver is whole: probe, a queue pair for each codec, page files mapped as they are (the
// server asks for them), destinations in memory that it shares.
// Limitations: the other process has a time of its own, so that no time measured here says
// anything of an engine. A server that dies or falls silent ends the run.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/vfio_user.hpp>

#include "sim/experiment/real_threads.hpp"

namespace pagepress::sim {

class RemoteEngine {
 public:
  // `depth`: of the queues. Connects, probes, resets. Throws DeviceError, CompareError (a device
  // that cannot decompress).
  RemoteEngine(const std::string& socket, unsigned depth);

  // What run_real() takes; valid while this lives. Its codecs throw DeviceError when the server
  // has gone, CompareError when there are no more queues.
  [[nodiscard]] RealBackend backend(const std::string& name);

 private:
  class Lease;
  class QueueCodec;
  [[nodiscard]] unsigned take_queue();
  void return_queue(unsigned index);

  unsigned depth_;
  VfioUserBus bus_;
  MonotonicClock clock_;
  Device device_;
  DmaMap map_;
  std::mutex mutex_;
  std::vector<bool> taken_;  // queues
};

}  // namespace pagepress::sim
