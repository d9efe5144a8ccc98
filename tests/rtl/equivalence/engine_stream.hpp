// SPDX-License-Identifier: Apache-2.0
// A Verilated compressor or decompressor under a stream of units one behind the other: input
// always offered, results and output always taken. Made for speed: one evaluation an edge, so
// that outputs are read before the inputs of their cycle are set.
//
// Limitation: right only while no output depends on an input of the same cycle; the first
// kWatched cycles check that.
#pragma once

#include <verilated.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace pagepress::test {

inline constexpr unsigned kBeatBytes = 32;
inline constexpr unsigned kOutputBeats = 4096 / kBeatBytes;

// What a unit came to.
struct UnitResult {
  unsigned status = 0;
  std::uint32_t out_len = 0;  // bytes
  std::uint32_t crc32c = 0;
  std::uint64_t word = 0;     // of a same-filled unit; compressor only
  std::uint32_t cycles = 0;   // as the engine says
  std::uint64_t offered = 0;  // cycle in which its result was first there, from the first beat on
  std::array<std::uint8_t, 4096> bytes{};
};

// Job: has `beats` beats at `data`; set_inputs(Model&, const Job&) sets what goes with them.
template <class Model, class Job>
class EngineStream {
 public:
  EngineStream() {
    model_->rst_ni = 0;
    edge(0);
    edge(1);
    edge(0);
    model_->rst_ni = 1;
    model_->in_valid_i = 0;
    model_->res_ready_i = 1;
    model_->res_drop_i = 0;
    model_->out_ready_i = 1;
    model_->in_flip_i = 0;
    edge(0);
    // What an engine does after a reset before it takes a unit is no part of any unit's time.
    for (unsigned n = 0; n < kWarmUp; ++n) tick();
  }
  ~EngineStream() {
    model_->final();
    // Verilator 5.006 takes a model with assertions out of the thread's last context, whoever's.
    Verilated::threadContextp(context_.get());
    model_.reset();
  }
  EngineStream(const EngineStream&) = delete;
  EngineStream& operator=(const EngineStream&) = delete;

  Model& model() { return *model_; }
  void push(Job job) { jobs_.push_back(std::move(job)); }
  // Jobs that have not been taken as a whole.
  [[nodiscard]] std::size_t waiting() const { return jobs_.size(); }
  // Cycles since the reset.
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }

  // One cycle; true if a unit is complete with it, in result().
  template <class SetInputs>
  bool step(const SetInputs& set_inputs) {
    Model& m = *model_;
    const bool ready = m.in_ready_o != 0;
    const bool with_result = m.res_valid_o != 0;
    const bool with_output = m.out_valid_o != 0;
    bool complete = false;
    if (with_result) {
      if (draining_) throw std::runtime_error("a result before the last output has left");
      take_result();
      complete = !draining_;
    }
    if (with_output) complete = take_output();
    idle_ = with_result || with_output ? 0 : idle_ + 1;
    if (idle_ > kPatience) throw std::runtime_error("the engine hangs");

    m.in_valid_i = !jobs_.empty();
    if (!jobs_.empty()) {
      Job& job = jobs_.front();
      if (beat_ == 0) set_inputs(m, job);
      std::memcpy(m.in_data_i.data(), job.data() + std::size_t{kBeatBytes} * beat_, kBeatBytes);
      if (ready) {
        if (beat_ == 0 && began_ == 0) began_ = cycle_;
        if (++beat_ == job.beats()) {
          beat_ = 0;
          // Its data must stay until the clock edge.
          last_taken_ = std::move(job);
          jobs_.pop_front();
        }
      }
    }
    if (cycle_ < kWatched) watch();
    tick();
    return complete;
  }

  [[nodiscard]] const UnitResult& result() const { return result_; }

 private:
  static constexpr std::uint64_t kWatched = 20000;
  static constexpr unsigned kWarmUp = 300;
  static constexpr unsigned kPatience = 20000;

  void edge(std::uint8_t level) {
    model_->clk_i = level;
    model_->eval();
  }

  void tick() {
    edge(1);
    edge(0);
    ++cycle_;
  }

  void watch() {
    const auto outputs = [this] {
      return std::tuple(model_->in_ready_o, model_->res_valid_o, model_->out_valid_o,
                        model_->out_last_o);
    };
    const auto before = outputs();
    model_->eval();
    if (outputs() != before) throw std::runtime_error("an output depends on an input at once");
  }

  void take_result() {
    Model& m = *model_;
    result_.status = m.res_status_o;
    result_.out_len = m.res_len_o;
    result_.crc32c = m.res_crc32c_o;
    result_.cycles = m.res_cycles_o;
    result_.offered = cycle_ - began_;
    if constexpr (requires { m.res_info_o; }) result_.word = m.res_info_o;
    draining_ = result_.out_len != 0;
    out_beat_ = 0;
  }

  bool take_output() {
    if (!draining_ || out_beat_ == kOutputBeats) throw std::runtime_error("output of no unit");
    std::memcpy(&result_.bytes[std::size_t{kBeatBytes} * out_beat_], model_->out_data_o.data(),
                kBeatBytes);
    ++out_beat_;
    if (model_->out_last_o == 0) return false;
    if (out_beat_ != (result_.out_len + kBeatBytes - 1) / kBeatBytes) {
      throw std::runtime_error("an output of another length than its result says");
    }
    draining_ = false;
    return true;
  }

  std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
  std::unique_ptr<Model> model_ = std::make_unique<Model>(context_.get());
  std::deque<Job> jobs_;
  Job last_taken_{};
  unsigned beat_ = 0;      // of the first job
  unsigned out_beat_ = 0;  // of the output that drains
  bool draining_ = false;
  unsigned idle_ = 0;
  std::uint64_t cycle_ = 0;
  std::uint64_t began_ = 0;  // cycle of the first beat
  UnitResult result_;
};

}  // namespace pagepress::test
