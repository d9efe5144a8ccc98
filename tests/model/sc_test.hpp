// SPDX-License-Identifier: Apache-2.0
// googletest inside sc_main. SystemC elaborates once per process: each test binary
// makes its modules in elaborate(), then runs its tests one after another on the
// same timeline.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

namespace pagepress::model {

// The modules of a test binary; destroyed after its last test.
using Modules = std::vector<std::unique_ptr<sc_core::sc_module>>;

// Defined by each test binary: makes the modules that its tests use.
Modules elaborate();

// Makes a module that `modules` owns.
template <class M, class... Args>
M* make_module(Modules& modules, const char* name, Args&&... args) {
  auto module = std::make_unique<M>(name, std::forward<Args>(args)...);
  M* const raw = module.get();
  modules.push_back(std::move(module));
  return raw;
}

// Runs `body` as an SC_THREAD until it returns. Fails the test if it never does
// (nothing is left to happen). Exceptions of any process arrive as sc_report.
inline void in_thread(const std::function<void()>& body) {
  bool done = false;
  sc_core::sc_spawn([&] {
    body();
    done = true;
    sc_core::sc_pause();
  });
  sc_core::sc_start();
  ASSERT_TRUE(done) << "the simulation has run dry: something waits for ever";
}

inline void wait_ns(double ns) { sc_core::wait(sc_core::sc_time(ns, sc_core::SC_NS)); }

// Whole and half nanoseconds are exact.
[[nodiscard]] inline double to_ns(const sc_core::sc_time& time) {
  return static_cast<double>(time.value()) / 1000.0;
}
[[nodiscard]] inline double now_ns() { return to_ns(sc_core::sc_time_stamp()); }

}  // namespace pagepress::model
