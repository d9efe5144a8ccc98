// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/random_run.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kSlotBytes = std::uint64_t{4} * kLargestUnit;
constexpr unsigned kGoodSlots = 1200;
constexpr unsigned kFaultySlots = 16;
constexpr std::uint64_t kRound = 1000;  // descriptors

const std::array<AxiTiming, 7> kBuses = {{{0, 0, 0},
                                          {0, 40, 10},
                                          {100, 140, 0},
                                          {0, 400, 0},
                                          {5, 60, 40},
                                          {0, 60, 20, true},
                                          {600, 800, 5}}};

}  // namespace

RandomRun::RandomRun(Device& device, unsigned queues, unsigned vectors, std::uint64_t seed)
    : device_(device),
      random_(seed),
      arena_(device.memory(), device.axi(), random_.bits(), kSlotBytes, kGoodSlots, kFaultySlots),
      generator_(device.memory(), arena_, random_.bits()),
      host_(device, arena_, queues, vectors, random_.bits()),
      vectors_(vectors) {}

void RandomRun::run(std::uint64_t descriptors) {
  bring_up();
  while (submitted_ < descriptors) {
    begin_round();
    const std::uint64_t until = std::min(descriptors, submitted_ + kRound);
    // Behind a stuck engine all rings fill up.
    while (submitted_ < until && (!stuck_ || device_.cycle() < stuck_until_)) step();
    if (end_ == End::kQuiet) {
      settle();
    } else {
      for (unsigned i = static_cast<unsigned>(random_.below(200)); i != 0; --i) step();
      chosen_.reset();
      host_.reset_device();
      ++resets_;
      stuck_ = false;
      bring_up();
    }
  }
  settle();
}

void RandomRun::bring_up() {
  host_.enable_device(true);
  host_.set_error_interrupt(random_.percent(70), vectors_ - 1);
}

void RandomRun::begin_round() {
  device_.axi().set_timing(kBuses[random_.below(kBuses.size())]);
  device_.axil().set_wait_percent(random_.percent(30) ? 40 : 0);
  mix_ = {};
  if (random_.percent(70)) {
    // More that is quickly done.
    mix_.compress = 5;
    mix_.verify = 2;
    mix_.decompress = 6;
    mix_.copy = 5;
    mix_.check = 5;
    mix_.bad = 35;
  }
  if (random_.percent(20)) mix_.irq = 100;
  if (random_.percent(20)) mix_.faulty = mix_.bad_list = 10;
  if (random_.percent(20)) mix_.sgl = 80;
  if (random_.percent(10)) mix_.relaxed = 100;
  const std::uint64_t dice = random_.below(100);
  end_ = dice < 75 ? End::kQuiet : dice < 95 ? End::kReset : End::kStuck;
  eager_ = static_cast<unsigned>(random_.below(60));
}

MessageBoard::Setting RandomRun::interrupt(unsigned q) {
  static constexpr std::array<std::uint32_t, 6> kCounts = {0, 1, 2, 4, 16, 255};
  MessageBoard::Setting setting;
  setting.enable = random_.percent(75);
  setting.mask = random_.percent(10);
  setting.count = kCounts[random_.below(kCounts.size())];
  setting.time = random_.percent(30) ? 0 : static_cast<std::uint32_t>(random_.below(3000));
  setting.vector = q;
  if (random_.percent(20)) setting.vector = static_cast<std::uint32_t>(random_.below(vectors_ - 1));
  if (random_.percent(3)) {
    setting.vector = vectors_ + static_cast<std::uint32_t>(random_.below(4096 - vectors_));
  }
  return setting;
}

void RandomRun::start(unsigned q) {
  if (random_.percent(15)) host_.misuse(q);
  if (random_.percent(15)) host_.start_wrongly(q);
  QueueSetting setting;
  setting.sq_log2 =
      static_cast<unsigned>(random_.percent(70) ? random_.between(3, 6) : random_.between(1, 8));
  setting.cq_log2 =
      static_cast<unsigned>(random_.percent(70) ? random_.between(3, 6) : random_.between(1, 8));
  setting.priority = static_cast<unsigned>(random_.below(8));
  setting.paused = random_.percent(5);
  setting.irq = interrupt(q);
  if (random_.percent(10)) {
    if (random_.percent(50)) {
      setting.sq_log2 = static_cast<unsigned>(random_.between(7, 8));
      setting.refused_sq_page =
          static_cast<unsigned>(random_.below(std::uint64_t{1} << (setting.sq_log2 - 6)));
    } else {
      setting.cq_log2 = 8;
      setting.refused_cq_page = static_cast<unsigned>(random_.below(2));
    }
  }
  host_.start(q, setting);
}

void RandomRun::submit(unsigned q) {
  const unsigned room = host_.room(q);
  std::uint64_t batch = std::min<std::uint64_t>(random_.between(1, 12), room);
  batch = std::min<std::uint64_t>(batch, arena_.free_slots() / Generator::kSlots);
  for (; batch != 0; --batch) {
    host_.submit(q, generator_.make(mix_));
    ++submitted_;
  }
  if (random_.percent(85)) host_.ring(q);
}

// Whoever waits for room in its completion ring first.
void RandomRun::consume() {
  for (unsigned q = 0; q < host_.queues(); ++q) {
    const unsigned waiting = host_.unconsumed(q);
    if (waiting == 0) continue;
    const unsigned depth = 1U << host_.setting(q).cq_log2;
    if (2 * waiting < depth && !random_.percent(10)) continue;
    if (random_.percent(50)) {
      host_.consume(
          q, random_.percent(70) ? waiting : static_cast<unsigned>(random_.between(1, waiting)));
    }
  }
}

void RandomRun::inject(unsigned q) {
  const auto kind =
      static_cast<std::uint32_t>(random_.between(PP_INJECT_BAD_COMPLETION, PP_INJECT_DROP_IRQ));
  Injected what{kind, 0};
  if (kind == PP_INJECT_BAD_COMPLETION) {
    do {
      what.argument = static_cast<std::uint32_t>(random_.below(random_.percent(50) ? 9 : 256));
    } while (what.argument == PP_STATUS_ABORTED);
  } else if (kind == PP_INJECT_STUCK_ENGINE) {
    what.argument = static_cast<std::uint32_t>(random_.between(1, 3000));
    if (end_ == End::kStuck) {
      what.argument = 0;
      stuck_ = true;
      stuck_until_ = device_.cycle() + random_.below(30000);
    }
  } else if (kind == PP_INJECT_FLIP_OUTPUT) {
    what.argument =
        static_cast<std::uint32_t>(random_.percent(80) ? random_.below(8 * 1500) : random_.bits());
  } else {
    what.argument = static_cast<std::uint32_t>(random_.bits());
  }
  host_.inject(q, what, static_cast<unsigned>(random_.below(4)),
               static_cast<unsigned>(random_.between(1, 4)));
  ++injections_;
}

// Once the chosen queue has nothing outstanding: which units are hit can then be told.
void RandomRun::inject_into_chosen() {
  const unsigned q = *chosen_;
  if (host_.phase(q) != Phase::kRunning || host_.injecting() || host_.setting(q).refused_sq_page ||
      host_.setting(q).refused_cq_page) {
    chosen_.reset();
    return;
  }
  host_.ring(q);
  if (host_.outstanding(q) != 0) return;
  inject(q);
  submit(q);
  host_.ring(q);
  chosen_.reset();
}

// Something other than traffic.
void RandomRun::event(unsigned q) {
  const Phase phase = host_.phase(q);
  const bool active = phase == Phase::kRunning || phase == Phase::kPaused;
  switch (random_.below(16)) {
    case 0:
    case 1:
      if (active && !stuck_ && random_.percent(60)) {
        host_.stop(q, random_.percent(40)   ? Stop::kAbort
                      : random_.percent(50) ? Stop::kDrain
                                            : Stop::kDisable);
        ++stops_;
      }
      break;
    case 2:
    case 3:
      if (active) host_.pause(q, phase == Phase::kRunning && random_.percent(50));
      break;
    case 4:
      if (active) host_.set_priority(q, static_cast<unsigned>(random_.below(8)));
      break;
    case 5:
      if (active) host_.set_interrupt(q, interrupt(q));
      break;
    case 6:
    case 7:
      if (active) {
        MessageBoard::Setting setting = host_.setting(q).irq;
        setting.mask = !setting.mask;
        host_.set_interrupt(q, setting);
      }
      break;
    case 8:
      host_.enable_device(!host_.device_enabled());
      break;
    case 9:
    case 10:
      host_.poke();
      break;
    case 11:
    case 12:
      host_.misuse(q);
      break;
    default:
      if (stuck_) break;
      if (host_.injecting()) {
        if (random_.percent(40)) host_.end_injection();
      } else if (phase == Phase::kRunning) {
        chosen_ = q;
      }
      break;
  }
}

void RandomRun::step() {
  const unsigned q = any_queue();
  switch (host_.phase(q)) {
    case Phase::kDisabled:
      if (random_.percent(50)) start(q);
      break;
    case Phase::kStopping:
      if (host_.stopped(q) && random_.percent(70)) start(q);
      break;
    default:
      if (!stuck_) host_.recover(q);
      break;
  }
  if (host_.phase(q) == Phase::kRunning || host_.phase(q) == Phase::kPaused) {
    if (q != chosen_ && random_.percent(70)) submit(q);
    if (random_.percent(30)) host_.ring(q);
  }
  if (chosen_) inject_into_chosen();
  consume();
  if (random_.percent(15)) host_.poll_errors();
  if (random_.percent(8)) event(any_queue());
  if (!host_.device_enabled() && random_.percent(30)) host_.enable_device(true);
  if (!random_.percent(eager_)) device_.tick(random_.below(200));
  host_.check_messages();
  watch();
}

void RandomRun::watch() {
  if (stuck_ || !host_.device_enabled()) return;
  if (device_.cycle() < host_.last_completion() + kPatience) return;
  for (unsigned q = 0; q < host_.queues(); ++q) {
    const unsigned depth = 1U << host_.setting(q).cq_log2;
    const bool stopping = host_.phase(q) == Phase::kStopping;
    if ((host_.phase(q) == Phase::kRunning || stopping) && !host_.broken(q) &&
        (host_.outstanding(q) != 0 || stopping) && host_.unconsumed(q) < depth) {
      throw Violation("no progress in queue " + std::to_string(q) + "\n" + host_.describe());
    }
  }
}

void RandomRun::settle() {
  chosen_.reset();
  if (!host_.device_enabled()) host_.enable_device(true);
  for (unsigned q = 0; q < host_.queues(); ++q) {
    if (host_.phase(q) == Phase::kPaused) host_.pause(q, false);
  }
  for (bool done = false; !done;) {
    done = true;
    for (unsigned q = 0; q < host_.queues(); ++q) {
      host_.recover(q);
      if (host_.phase(q) == Phase::kStopping) {
        done = host_.stopped(q) && done;
      } else if (host_.phase(q) == Phase::kRunning) {
        host_.ring(q);
        done = done && host_.outstanding(q) == 0;
      }
      host_.consume(q);
    }
    host_.poll_errors();
    device_.tick(random_.below(200));
    host_.check_messages();
    watch();
  }
  for (unsigned q = 0; q < host_.queues(); ++q) {
    host_.consume(q);
    MessageBoard::Setting setting = host_.setting(q).irq;
    if (host_.phase(q) == Phase::kRunning && setting.mask) {
      setting.mask = false;
      host_.set_interrupt(q, setting);
    }
  }
  host_.end_injection();
  host_.check_quiet();
  ++quiets_;
}

}  // namespace pagepress::bench
