// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/workers.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pagepress::reclaim {

Workers::Workers(const WorkersConfig& config, PageQueue& queue, Scheduler& scheduler, Trace* trace,
                 MakeTools make_tools, Sink sink, std::function<void()> taken)
    : config_(config),
      queue_(queue),
      clock_(scheduler),
      trace_(trace),
      make_tools_(std::move(make_tools)),
      sink_(std::move(sink)),
      taken_(std::move(taken)) {
  if (trace_ != nullptr) queue_track_ = trace_->track("queue", "queued pages");
  for (std::size_t i = 0; i < config_.shape.workers; ++i) {
    const std::string name = fmt::format("kcompressd{}", i);
    workers_.emplace_back(name);
    scheduler.spawn(
        {.name = name, .group = config_.group, .nice = config_.nice, .cores = config_.cores},
        [this, i](Task& task) { run(task, i); });
  }
}

void Workers::run(Task& task, std::size_t index) {
  const WorkerTools tools = make_tools_(task, index);
  Worker& worker = workers_[index];
  if (trace_ != nullptr && tools.draw_batches) {
    worker.track = trace_->track("engine", task.config().name);
  }
  worker.kcompressd.emplace(
      queue_, config_.shape.fifo_of(static_cast<unsigned>(index)), *tools.codec, clock_,
      tools.destinations,
      [this, &task, &worker](const PageDone& done) {
        draw(worker, done);
        sink_(task, done);
      },
      KcompressdConfig{.batch = config_.shape.batch,
                       .limit = config_.limit_bytes,
                       .poll_interval_ns = tools.look_ns,
                       .costs = tools.costs});
  work(task, index, tools);
  draw_batch(worker);
  worker.ended = true;
  ended_.notify();
}

void Workers::work(Task& task, std::size_t index, const WorkerTools& tools) {
  Worker& worker = workers_[index];
  Kcompressd& kcompressd = *worker.kcompressd;
  const unsigned fifo = config_.shape.fifo_of(static_cast<unsigned>(index));
  for (;;) {
    worker.poked = false;
    const Kcompressd::Step step = kcompressd.run_once();
    if (step.dequeued != 0) note_taken();
    if (step.completed != 0) next_batch(worker);
    if (!step.idle()) continue;
    task.settle();
    if (kcompressd.in_flight() != 0) {
      const Ns from = now_ns();
      tools.codec->wait(tools.look_ns);
      worker.engine_wait_ns += now_ns() - from;
    } else if (queue_.drained(fifo)) {
      return;
    } else if (!worker.poked) {
      sleep(task, worker);
    }
  }
}

void Workers::note_taken() {
  taken_();
  if (trace_ != nullptr) trace_->counter(queue_track_, now_ns(), queue_.queued());
}

void Workers::sleep(Task& task, Worker& worker) {
  const Ns from = now_ns();
  worker.asleep = true;
  task.wait(worker.event);
  worker.asleep = false;
  worker.asleep_ns += now_ns() - from;
}

// True: it slept.
bool Workers::poke(Worker& worker) {
  worker.poked = true;
  if (!worker.asleep) return false;
  worker.asleep = false;  // a second one wakes another
  ++worker.wake_ups;
  worker.event.notify();
  return true;
}

void Workers::wake(Task& waker) {
  if (trace_ != nullptr) trace_->counter(queue_track_, now_ns(), queue_.queued());
  bool woken = false;
  for (std::size_t i = 0; i < workers_.size() && !woken; ++i) {
    if (queue_.queued(config_.shape.fifo_of(static_cast<unsigned>(i))) == 0) continue;
    woken = poke(workers_[i]);
  }
  if (woken) waker.charge(config_.wake_up_ns, "wake up");
}

// Those who found that all of a joined batch was taken slept; the next one opens when the last page
// of it has completed, which is `finisher`'s.
void Workers::next_batch(const Worker& finisher) {
  if (config_.shape.split != WorkSplit::kChunks) return;
  const PageQueueCounters counters = queue_.counters();
  std::uint64_t waiting = queue_.queued();
  if (counters.enqueued - counters.taken_back - waiting != counters.completed) return;
  for (Worker& worker : workers_) {
    if (waiting <= 1) return;  // one is for the finisher
    if (&worker != &finisher && poke(worker)) --waiting;
  }
}

void Workers::end(Task& current) {
  queue_.stop();
  for (Worker& worker : workers_) (void)poke(worker);
  for (const Worker& worker : workers_) {
    while (!worker.ended) {
      for (Worker& other : workers_) (void)poke(other);  // joined batches wait for one another
      (void)current.wait_for(ended_, 1'000'000);
    }
  }
}

void Workers::draw(Worker& worker, const PageDone& done) {
  if (!worker.track) return;
  if (done.submit_ns != worker.batch_from) {
    draw_batch(worker);
    worker.batch_from = done.submit_ns;
  }
  worker.batch_until = done.complete_ns;
}

// A batch begins where the one before ends, on a track that shows one at a time.
void Workers::draw_batch(Worker& worker) {
  if (!worker.track) return;
  const Ns from = std::max(worker.batch_from, worker.drawn_until);
  if (worker.batch_until > from) trace_->slice(*worker.track, "batch", from, worker.batch_until);
  worker.drawn_until = std::max(worker.drawn_until, worker.batch_until);
}

nlohmann::json Workers::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const Worker& worker : workers_) {
    const KcompressdCounters counters =
        worker.kcompressd ? worker.kcompressd->counters() : KcompressdCounters{};
    const double mean = counters.doorbells == 0 ? 0
                                                : static_cast<double>(counters.submitted) /
                                                      static_cast<double>(counters.doorbells);
    list.push_back({{"batches", counters.batches},
                    {"doorbells", counters.doorbells},
                    {"mean_batch", mean},
                    {"submitted", counters.submitted},
                    {"completed", counters.completed},
                    {"polls", counters.polls},
                    {"empty_polls", counters.empty_polls},
                    {"steps_ns", counters.charged_ns},
                    {"engine_wait_ns", worker.engine_wait_ns},
                    {"asleep_ns", worker.asleep_ns},
                    {"wake_ups", worker.wake_ups}});
  }
  return list;
}

}  // namespace pagepress::reclaim
