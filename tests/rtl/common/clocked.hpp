// SPDX-License-Identifier: Apache-2.0
// Reset and clock of a Verilated module with clk_i and rst_ni.
//
// A cycle of a bench: set the inputs, settle(), look at the outputs (that is what
// the rising edge will see), then edge().
#pragma once

#include <verilated.h>

#include <cstdint>
#include <memory>

namespace pagepress::bench {

template <class Model>
class Clocked {
 public:
  Clocked() : model_(std::make_unique<Model>(&context_)) {
    model_->rst_ni = 1;
    model_->clk_i = 0;
    model_->eval();
    model_->rst_ni = 0;
    model_->eval();
    edge();
    model_->rst_ni = 1;
    settle();
  }
  ~Clocked() {
    Verilated::threadContextp(&context_);  // whom the design's scopes leave
    model_->final();
  }
  Clocked(const Clocked&) = delete;
  Clocked& operator=(const Clocked&) = delete;

  Model* operator->() { return model_.get(); }
  Model& operator*() { return *model_; }

  void settle() { model_->eval(); }
  void edge() {
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->eval();
    ++cycle_;
  }
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }

 private:
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
  std::uint64_t cycle_ = 0;
};

}  // namespace pagepress::bench
