// SPDX-License-Identifier: Apache-2.0
// Trace Event Format ("Trace Event Format", Google, 2016): a JSON object with `traceEvents`, each
// with its phase `ph`: X a slice, C a counter, i an instant, M names of processes and threads.
// `ts` and `dur` are microseconds; decimals are nanoseconds, written out and not as floating point.
#include "sim/reclaim/stats/trace.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};

enum class Phase : std::uint8_t { kSlice, kCounter, kInstant };

struct Event {
  Phase phase;
  Trace::Track track;
  const char* what;  // null: a counter
  Ns from;
  Ns until;  // a slice
  double value;
};

struct TrackName {
  std::size_t group;
  std::string name;
  std::size_t last_slice = kNone;  // its event
};

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string microseconds(Ns ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

}  // namespace

struct Trace::Impl {
  explicit Impl(const Window& of) : window(of) {}

  [[nodiscard]] bool take(const Event& event) {
    if (events.size() >= window.most_events) {
      ++dropped;
      return false;
    }
    events.push_back(event);
    return true;
  }

  [[nodiscard]] bool outside(Ns at) const { return at < window.from || at >= window.until; }

  void write_names(std::ostream& out) const;
  void write_event(std::ostream& out, const Event& event) const;

  Window window;
  std::vector<std::string> groups;
  std::vector<TrackName> tracks;
  std::vector<Event> events;
  std::deque<std::string> texts;  // addresses stay
  std::unordered_map<std::string_view, const char*> interned;
  std::uint64_t dropped = 0;
};

// Viewers show processes and threads in the order of their ids if they are told to.
void Trace::Impl::write_names(std::ostream& out) const {
  const char* comma = "";
  const auto name = [&](std::string_view what, std::size_t pid, std::size_t tid,
                        const std::string& args) {
    out << comma
        << fmt::format("\n{{\"ph\":\"M\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"args\":{{{}}}}}",
                       what, pid, tid, args);
    comma = ",";
  };
  for (std::size_t i = 0; i < groups.size(); ++i) {
    name("process_name", i + 1, 0, fmt::format("\"name\":{}", json_text(groups[i])));
    name("process_sort_index", i + 1, 0, fmt::format("\"sort_index\":{}", i + 1));
  }
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    name("thread_name", tracks[i].group + 1, i + 1,
         fmt::format("\"name\":{}", json_text(tracks[i].name)));
    name("thread_sort_index", tracks[i].group + 1, i + 1, fmt::format("\"sort_index\":{}", i + 1));
  }
}

void Trace::Impl::write_event(std::ostream& out, const Event& event) const {
  const TrackName& track = tracks[event.track];
  out << fmt::format(",\n{{\"pid\":{},\"tid\":{},\"ts\":{},", track.group + 1, event.track + 1,
                     microseconds(event.from));
  switch (event.phase) {
    case Phase::kSlice:
      out << fmt::format("\"ph\":\"X\",\"dur\":{},\"name\":{}}}",
                         microseconds(event.until - event.from), json_text(event.what));
      break;
    case Phase::kCounter:
      out << fmt::format("\"ph\":\"C\",\"name\":{},\"args\":{{\"value\":{}}}}}",
                         json_text(track.name), event.value);
      break;
    case Phase::kInstant:
      out << fmt::format("\"ph\":\"i\",\"s\":\"t\",\"name\":{}}}", json_text(event.what));
      break;
  }
}

Trace::Trace(const Window& window) : impl_(std::make_unique<Impl>(window)) {}

Trace::~Trace() = default;

Trace::Track Trace::track(std::string_view group, std::string_view name) {
  std::vector<std::string>& groups = impl_->groups;
  auto found = std::find(groups.begin(), groups.end(), group);
  if (found == groups.end()) found = groups.insert(found, std::string(group));
  const auto index = static_cast<std::size_t>(found - groups.begin());
  for (std::size_t i = 0; i < impl_->tracks.size(); ++i) {
    if (impl_->tracks[i].group == index && impl_->tracks[i].name == name) {
      return static_cast<Track>(i);
    }
  }
  impl_->tracks.push_back({.group = index, .name = std::string(name)});
  return static_cast<Track>(impl_->tracks.size() - 1);
}

void Trace::slice(Track track, const char* what, Ns from, Ns until) {
  from = std::max(from, impl_->window.from);
  until = std::min(until, impl_->window.until);
  if (from >= until) return;
  TrackName& name = impl_->tracks[track];
  if (name.last_slice != kNone) {
    Event& last = impl_->events[name.last_slice];
    if (last.what == what && last.until == from) {
      last.until = until;
      return;
    }
  }
  if (impl_->take({.phase = Phase::kSlice,
                   .track = track,
                   .what = what,
                   .from = from,
                   .until = until,
                   .value = 0})) {
    name.last_slice = impl_->events.size() - 1;
  }
}

void Trace::counter(Track track, Ns at, double value) {
  if (!std::isfinite(value)) throw std::invalid_argument("trace: a counter that is not a number");
  if (impl_->outside(at)) return;
  (void)impl_->take({.phase = Phase::kCounter,
                     .track = track,
                     .what = nullptr,
                     .from = at,
                     .until = at,
                     .value = value});
}

void Trace::instant(Track track, const char* what, Ns at) {
  if (impl_->outside(at)) return;
  (void)impl_->take({.phase = Phase::kInstant,
                     .track = track,
                     .what = what,
                     .from = at,
                     .until = at,
                     .value = 0});
}

const char* Trace::intern(std::string_view text) {
  const auto found = impl_->interned.find(text);
  if (found != impl_->interned.end()) return found->second;
  const std::string& kept = impl_->texts.emplace_back(text);
  impl_->interned.emplace(kept, kept.c_str());
  return kept.c_str();
}

std::uint64_t Trace::dropped() const noexcept { return impl_->dropped; }

// By time: slices are known when they end, and viewers read a sorted file sooner. Of slices that
// begin together the longer comes first: those of a task nest.
void Trace::write(std::ostream& out) const {
  std::vector<std::uint32_t> order(impl_->events.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    const Event& left = impl_->events[a];
    const Event& right = impl_->events[b];
    return left.from != right.from ? left.from < right.from : left.until > right.until;
  });
  out << "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"dropped_events\":" << impl_->dropped
      << "},\"traceEvents\":[";
  impl_->write_names(out);
  for (const std::uint32_t index : order) impl_->write_event(out, impl_->events[index]);
  out << "\n]}\n";
}

}  // namespace pagepress::reclaim
