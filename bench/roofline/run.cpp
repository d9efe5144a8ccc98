// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <memory>
#include <stdexcept>
#include <systemc>

#include "bench/roofline/closed_loop.hpp"

namespace pagepress::bench {
namespace {

// Points begin at whole multiples of this, so that one does not depend on when the last one ended.
const sc_core::sc_time& grain() {
  static const sc_core::sc_time kGrain(1, sc_core::SC_US);
  return kGrain;
}

struct Rig {
  std::string link;
  std::unique_ptr<ClosedLoop> loop;
};

Machine machine_of(const Sweep& sweep, const std::string& link, unsigned engines) {
  Machine machine{
      .link = model::link_preset(link), .geometry = sweep.geometry, .clock_ghz = sweep.clock_ghz};
  machine.geometry.engines = engines;
  machine.geometry.id_bits = std::max(4U, static_cast<unsigned>(std::bit_width(2 * engines)));
  return machine;
}

Point measure(const Rig& rig, const Load& load, unsigned depth) {
  const sc_core::sc_time past =
      sc_core::sc_time::from_value(sc_core::sc_time_stamp().value() % grain().value());
  sc_core::wait(grain() - past);
  const Machine& machine = rig.loop->machine();
  const Traffic traffic = traffic_of(machine.link, machine.geometry, load.units);
  Point point{.link = rig.link,
              .operation = load.name,
              .engines = machine.geometry.engines,
              .depth = depth,
              .queues = std::min(depth, machine.geometry.queues),
              .terms = terms_of(machine, traffic, load.pace),
              .round_trip_ns = round_trip_ns(machine, load.pace),
              .measured = {}};
  point.measured = rig.loop->run(load, depth, point.queues);
  return point;
}

}  // namespace

std::vector<Point> run_sweep(const Sweep& sweep) {
  for (const unsigned depth : sweep.depths) {
    for (const Load* load : sweep.loads) {
      if (load->units.size() < depth) {
        throw std::invalid_argument(fmt::format("{}: {} pages are too few for depth {}", load->name,
                                                load->units.size(), depth));
      }
    }
  }
  std::vector<Rig> rigs;
  for (const std::string& link : sweep.links) {
    for (const unsigned engines : sweep.engines) {
      const std::string name = fmt::format("rig{}", rigs.size());
      rigs.push_back(
          {link, std::make_unique<ClosedLoop>(name.c_str(), machine_of(sweep, link, engines))});
    }
  }
  std::vector<Point> points;
  std::exception_ptr failure;
  bool finished = false;
  sc_core::sc_spawn([&] {
    try {
      for (const Rig& rig : rigs) {
        for (const Load* load : sweep.loads) {
          for (const unsigned depth : sweep.depths) {
            points.push_back(measure(rig, *load, depth));
          }
        }
      }
      finished = true;
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      failure = std::current_exception();  // nothing is left to happen
    }
  });
  sc_core::sc_start();
  if (failure) std::rethrow_exception(failure);
  if (!finished) {
    const auto failed =
        std::ranges::find_if(rigs, [](const Rig& rig) { return !rig.loop->failure().empty(); });
    throw std::runtime_error(failed == rigs.end() ? "the simulation ran dry"
                                                  : failed->loop->failure());
  }
  return points;
}

}  // namespace pagepress::bench
