// SPDX-License-Identifier: Apache-2.0
// What the engine's benches share: a clock, a reset, and chances for idle cycles
// and back-pressure. Limitation: one clock, `clk_i`, and `rst_ni`.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>

namespace pagepress::test {

// How lively the two sides of a bench are, in percent of cycles.
struct Traffic {
  unsigned offered = 100;   // a producer has something
  unsigned accepted = 100;  // a consumer is ready
  std::uint64_t seed = 1;
};

template <class Model>
class Bench {
 public:
  explicit Bench(const Traffic& traffic) : traffic_(traffic), rng_(traffic.seed) {
    model_->clk_i = 0;
    model_->rst_ni = 0;
    model_->eval();
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->rst_ni = 1;
    model_->eval();
  }
  ~Bench() { model_->final(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Model* operator->() { return model_.get(); }
  [[nodiscard]] bool offers() { return rng_() % 100 < traffic_.offered; }
  [[nodiscard]] bool accepts() { return rng_() % 100 < traffic_.accepted; }
  [[nodiscard]] std::uint64_t random() { return rng_(); }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }

  // Outputs follow the inputs that were just set.
  void settle() { model_->eval(); }
  void tick() {
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->eval();
    if (++cycle_ > kLongest) throw std::runtime_error("the device under test hangs");
    if (context_->gotFinish()) throw std::runtime_error("an assertion stopped the simulation");
  }

 private:
  static constexpr std::uint64_t kLongest = 50'000'000;
  Traffic traffic_;
  std::mt19937_64 rng_;
  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Model> model_ = std::make_unique<Model>(context_.get());
  std::uint64_t cycle_ = 0;
};

}  // namespace pagepress::test
