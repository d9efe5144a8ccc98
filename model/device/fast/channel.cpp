// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/channel.hpp"

#include <algorithm>
#include <utility>

#include "model/device/fast/compress_pipe.hpp"
#include "model/device/fast/decompress_pipe.hpp"

namespace pagepress::model::fast {
namespace {

std::unique_ptr<Pipe> make_pipe(bool decompress, unsigned w, PipeObserver& observer) {
  if (decompress) return std::make_unique<DecompressPipe>(observer);
  return std::make_unique<CompressPipe>(w, observer);
}

}  // namespace

Channel::Channel(EventQueue& events, ReadPort& reads, WritePort& writes, const Geometry& geometry,
                 Counters& counters, Evaluated& results, unsigned engine, bool decompress)
    : events_(events),
      engine_(engine),
      counters_(counters),
      results_(results),
      pipe_(make_pipe(decompress, geometry.w, *this)),
      reader_(reads, geometry, decompress ? geometry.read_buffer / 2 : geometry.read_buffer, *this),
      writer_(writes, geometry, *this) {
  reads.add(reader_);
  writes.add(writer_);
}

void Channel::job(unsigned slot, const Job& job, Cycle now) {
  std::unique_ptr<Flow> flow;
  if (spare_.empty()) {
    flow = std::make_unique<Flow>();
  } else {
    // Its buffers stay allocated.
    flow = std::move(spare_.back());
    spare_.pop_back();
    Flow fresh;
    fresh.data.swap(flow->data);
    fresh.out.swap(flow->out);
    fresh.pieces.swap(flow->pieces);
    fresh.src.swap(flow->src);
    fresh.dst.swap(flow->dst);
    fresh.out.clear();
    fresh.pieces.clear();
    fresh.src.clear();
    fresh.dst.clear();
    *flow = std::move(fresh);
  }
  flow->job = job;
  flow->slot = slot;
  flow->came = now;
  Flow& unit = *flow;
  if (flows_.empty()) counters_.engine_busy(engine_, true, now);
  flows_.push_back(std::move(flow));
  reader_.job(unit, now);
}

// ---- Join: the engine's result, the reads' outcome and what was injected ---------------------

void Channel::offered(Flow& flow) {
  Cycle at = std::max(flow.offered, writer_.free());
  if (flow.job.inject == PP_INJECT_STUCK_ENGINE) {
    if (flow.job.inject_arg == 0) return;  // until reset
    at += flow.job.inject_arg;
  }
  offered_.push_back(&flow);
  events_.at(at, *this);
}

void Channel::act(Cycle now, std::uint32_t /*what*/) {
  Flow& flow = *offered_.front();
  offered_.pop_front();
  flow.taken = now;
  join(flow);
  if (flow.result.out_len != 0) {
    writer_.start(flow);
    return;
  }
  writer_.skip(flow);
  flow.written = now + 1;
  flow.left = now;
  output_written(flow);
  pipe_->left(flow);
}

void Channel::join(Flow& flow) {
  const bool bad_read = flow.fault || flow.job.inject == PP_INJECT_DMA_READ;
  Result& result = flow.result;
  if (flow.bad_list) {
    result = {.status = PP_STATUS_BAD_DESCRIPTOR, .detail = PP_BAD_SGL};
  } else if (flow.list_fault || bad_read) {
    result = {.status = PP_STATUS_DMA_FAULT,
              .detail = PP_FAULT_READ,
              .list_fault = flow.list_fault,
              .info = flow.list_fault || flow.fault ? flow.fault_address : flow.job.src_addr};
  } else {
    result.engine_error = flow.job.verify && result.status == PP_STATUS_VERIFY_FAILED;
  }
  result.on_engine = true;
  result.engine = static_cast<std::uint8_t>(engine_);
}

void Channel::output_written(Flow& flow) {
  if (&flow == flows_.front().get()) results_.wake(flow.written);
}

Result Channel::result() const {
  const Flow& flow = *flows_.front();
  Result result = flow.result;
  if (flow.write_fault || (flow.job.inject == PP_INJECT_DMA_WRITE && result.out_len != 0)) {
    result = {.status = PP_STATUS_DMA_FAULT,
              .detail = PP_FAULT_WRITE,
              .on_engine = true,
              .engine = static_cast<std::uint8_t>(engine_),
              .info = flow.write_fault ? flow.write_fault_address : flow.job.dst_addr};
  }
  if (flow.job.inject == PP_INJECT_BAD_COMPLETION) {
    result.status = static_cast<std::uint8_t>(flow.job.inject_arg);
  }
  return result;
}

void Channel::result_taken(Cycle now) {
  taken_at_ = now;
  spare_.push_back(std::move(flows_.front()));
  flows_.pop_front();
  if (flows_.empty()) {
    counters_.engine_busy(engine_, false, now);
  } else if (flows_.front()->written != kNever) {
    results_.wake(std::max(now + 1, flows_.front()->written));
  }
}

}  // namespace pagepress::model::fast
