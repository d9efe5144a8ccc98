// SPDX-License-Identifier: Apache-2.0
// RemoteEngine: an engine outside of this process, for a run in real time: one that another process
// serves by vfio-user, or one on PCI that vfio-pci has.
//
// The driver is whole: probe, a queue pair for each codec, page files mapped as they are (a
// server asks for them), destinations in memory that it shares. With physical IOVAs only rings and
// bounce buffers are mapped.
// Limitations: another process has a time of its own, so that no time measured here says
// anything of an engine. A server that dies or falls silent ends the run.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/monotonic_clock.hpp>

#include "sim/experiment/config.hpp"
#include "sim/experiment/real_threads.hpp"

namespace pagepress::sim {

class RemoteEngine {
 public:
  // `depth`: of the queues. Opens the bus, probes, resets. Throws DeviceError, CompareError (a
  // device that cannot decompress).
  ~RemoteEngine();
  RemoteEngine(const RemoteEngine&) = delete;
  RemoteEngine& operator=(const RemoteEngine&) = delete;
  RemoteEngine(const RemoteBus& bus, unsigned depth);

  // What run_real() takes; valid while this lives. Its codecs throw DeviceError when the server
  // has gone, CompareError when there are no more queues.
  [[nodiscard]] RealBackend backend(const std::string& name);

 private:
  class Lease;
  class QueueCodec;
  [[nodiscard]] unsigned take_queue();
  void return_queue(unsigned index);

  class Link;
  class SocketLink;
  class PciLink;
  [[nodiscard]] static std::unique_ptr<Link> open(const RemoteBus& bus);

  unsigned depth_;
  std::unique_ptr<Link> link_;
  MonotonicClock clock_;
  Device device_;
  DmaMap map_;
  std::mutex mutex_;
  std::vector<bool> taken_;  // queues
};

}  // namespace pagepress::sim
