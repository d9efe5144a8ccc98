// SPDX-License-Identifier: Apache-2.0
// WorkerCrew: kcompressd's workers as SystemC processes. The process that calls run() is the
// first worker; each other has a process of its own that sleeps between two runs.
// Limitation: one run() at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include <pagepress/kcompressd.hpp>

namespace pagepress::sim {

class WorkerCrew {
 public:
  using Workers = std::vector<std::unique_ptr<Kcompressd>>;
  // Calls its argument, and sees to it that no exception comes out.
  using Guard = std::function<void(const std::function<void()>&)>;

  // During elaboration: makes the processes of workers 1 to count - 1.
  void spawn(std::size_t count, const Guard& guard, const sc_core::sc_spawn_options& options) {
    for (std::size_t i = 1; i < count; ++i) {
      sc_core::sc_spawn([this, i, guard] { guard([this, i] { follow(i); }); },
                        ("kcompressd_" + std::to_string(i)).c_str(), &options);
    }
  }

  // Runs as many workers as were spawned, until each has ended (Kcompressd::run()).
  void run(Workers& workers) {
    workers_ = &workers;
    running_ = workers.size() - 1;
    begin_.notify(sc_core::SC_ZERO_TIME);  // not before the others wait for it
    workers.front()->run();
    while (running_ != 0) sc_core::wait(ended_);
  }

 private:
  void follow(std::size_t index) {
    for (;;) {
      sc_core::wait(begin_);
      (*workers_)[index]->run();
      --running_;
      ended_.notify();
    }
  }

  Workers* workers_ = nullptr;
  std::size_t running_ = 0;
  sc_core::sc_event begin_{"workers_begin"};
  sc_core::sc_event ended_{"worker_ended"};
};

}  // namespace pagepress::sim
