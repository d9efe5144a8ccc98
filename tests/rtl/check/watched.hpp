// SPDX-License-Identifier: Apache-2.0
// A protocol checker alone, whose complaints are collected instead of ending the process.
#pragma once

#include <verilated.h>
#include <verilated_print.h>

#include <memory>
#include <string>

namespace pagepress::bench {

template <class Model>
class Watched {
 public:
  Watched() {
    context_.fatalOnError(false);
    Verilated::threadContextp(&context_);
    static_cast<void>(pp_take_verilated_messages());
    model_ = std::make_unique<Model>(&context_);
    reset();
  }
  ~Watched() {
    model_->final();
    static_cast<void>(pp_take_verilated_messages());
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  Model* operator->() { return model_.get(); }
  Model& operator*() { return *model_; }

  void reset() {
    model_->rst_ni = 0;
    edge();
    model_->rst_ni = 1;
  }
  // One rising edge with the inputs as they are.
  void edge() {
    Verilated::threadContextp(&context_);
    model_->clk_i = 1;
    model_->eval();
    model_->clk_i = 0;
    model_->eval();
  }
  // What the checker said since the last call; empty if the simulation goes on.
  std::string complaints() {
    std::string text = pp_take_verilated_messages();
    if (context_.gotFinish() == text.empty()) text += " (message and stop do not agree)";
    context_.gotFinish(false);
    return text;
  }

 private:
  VerilatedContext context_;
  std::unique_ptr<Model> model_;
};

}  // namespace pagepress::bench
