// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/main_process.hpp"

#include <cstddef>
#include <systemc>
#include <utility>

namespace pagepress::emulator {
namespace {

constexpr std::size_t kStack = 1u << 20;  // of the thread: JSON and messages

}  // namespace

void MainProcess::run(const std::function<void()>& body) {
  const auto guarded = [this, &body] {
    try {
      body();
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      error_ = std::current_exception();
    }
    sc_core::sc_pause();  // and never goes on; sc_stop() would write to standard output
  };
  sc_core::sc_spawn_options options;
  options.set_stack_size(static_cast<int>(kStack));
  sc_core::sc_spawn(guarded, "main", &options);
  sc_core::sc_start();
  if (error_) std::rethrow_exception(error_);
}

void MainProcess::fail(std::exception_ptr error) {
  error_ = std::move(error);
  sc_core::sc_pause();
}

}  // namespace pagepress::emulator
