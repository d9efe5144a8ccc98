// SPDX-License-Identifier: Apache-2.0
// The timeline file: valid JSON with what was noted, in order, and honest about what is missing.
#include "sim/reclaim/stats/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

std::string text(const Trace& trace) {
  std::ostringstream out;
  trace.write(out);
  return out.str();
}

json events(const Trace& trace, const std::string& phase) {
  json found = json::array();
  const json file = json::parse(text(trace));
  for (const json& event : file.at("traceEvents")) {
    if (event.at("ph") == phase) found.push_back(event);
  }
  return found;
}

TEST(Trace, EmptyIsAWholeFile) {
  const Trace trace({});
  const json file = json::parse(text(trace));
  EXPECT_TRUE(file.at("traceEvents").empty());
  EXPECT_EQ(file.at("otherData").at("dropped_events"), 0);
}

TEST(Trace, TracksHaveNamesAndGroups) {
  Trace trace({});
  const Trace::Track cpu = trace.track("CPUs", "0 big");
  const Trace::Track queue = trace.track("queue", "depth");
  EXPECT_NE(cpu, queue);
  EXPECT_EQ(trace.track("CPUs", "0 big"), cpu);
  EXPECT_NE(trace.track("queue", "0 big"), cpu) << "another group";
  json processes, threads;
  for (const json& event : events(trace, "M")) {
    const std::string name = event["name"];
    if (name == "process_name") processes[event["args"]["name"].get<std::string>()] = event["pid"];
    if (name == "thread_name") {
      threads.push_back({event["pid"], event["tid"], event["args"]["name"]});
    }
  }
  EXPECT_EQ(processes, json({{"CPUs", 1}, {"queue", 2}}));
  EXPECT_EQ(threads, json::parse(R"([[1,1,"0 big"],[2,2,"depth"],[2,3,"0 big"]])"));
}

TEST(Trace, EventsHaveTheirTimesInMicroseconds) {
  Trace trace({});
  const Trace::Track track = trace.track("g", "t");
  trace.slice(track, "work", 1'234'005, 1'235'006);
  trace.counter(track, 7, 2.5);
  trace.instant(track, "wake", 999);
  EXPECT_NE(text(trace).find("\"ts\":1234.005,\"ph\":\"X\",\"dur\":1.001"), std::string::npos);
  const json slice = events(trace, "X").at(0);
  EXPECT_EQ(slice["name"], "work");
  EXPECT_EQ(slice["tid"], 1);
  const json counter = events(trace, "C").at(0);
  EXPECT_EQ(counter["name"], "t");
  EXPECT_EQ(counter["args"]["value"], 2.5);
  EXPECT_DOUBLE_EQ(counter["ts"].get<double>(), 0.007);
  const json instant = events(trace, "i").at(0);
  EXPECT_DOUBLE_EQ(instant["ts"].get<double>(), 0.999);
  EXPECT_EQ(instant["s"], "t");
}

TEST(Trace, ASliceThatGoesOnIsOne) {
  Trace trace({});
  const Trace::Track a = trace.track("g", "a");
  const Trace::Track b = trace.track("g", "b");
  const char* const work = trace.intern("work");
  trace.slice(a, work, 0, 10);
  trace.slice(b, work, 10, 20);
  trace.slice(a, trace.intern(std::string("wo") + "rk"), 10, 30);
  trace.slice(a, work, 31, 40);
  trace.slice(a, trace.intern("rest"), 40, 50);
  trace.slice(a, work, 50, 50);
  json seen;
  for (const json& slice : events(trace, "X")) {
    seen.push_back({slice["tid"], slice["ts"].get<double>() * 1000,
                    slice["dur"].get<double>() * 1000, slice["name"]});
  }
  EXPECT_EQ(
      seen,
      json::parse(
          R"([[1,0.0,30.0,"work"],[2,10.0,10.0,"work"],[1,31.0,9.0,"work"],[1,40.0,10.0,"rest"]])"));
}

TEST(Trace, TimeOrderWhateverTheOrderOfNoting) {
  Trace trace({});
  const Trace::Track track = trace.track("g", "t");
  trace.slice(track, "late", 100, 200);
  trace.instant(track, "early", 50);
  trace.instant(track, "first", 100);
  std::vector<std::string> names;
  const json file = json::parse(text(trace));
  for (const json& event : file.at("traceEvents")) {
    if (event.contains("ts")) names.push_back(event.at("name"));
  }
  EXPECT_THAT(names, testing::ElementsAre("early", "late", "first"));
}

TEST(Trace, OnlyTheWindowIsKept) {
  Trace trace({.from = 100, .until = 200});
  const Trace::Track track = trace.track("g", "t");
  trace.slice(track, "before", 0, 100);
  trace.slice(track, "into", 50, 150);
  trace.slice(track, "out", 160, 300);
  trace.instant(track, "at", 200);
  trace.counter(track, 99, 1);
  trace.counter(track, 100, 1);
  const json slices = events(trace, "X");
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_DOUBLE_EQ(slices[0]["ts"].get<double>(), 0.1);
  EXPECT_DOUBLE_EQ(slices[0]["dur"].get<double>(), 0.05);
  EXPECT_DOUBLE_EQ(slices[1]["dur"].get<double>(), 0.04);
  EXPECT_TRUE(events(trace, "i").empty());
  EXPECT_EQ(events(trace, "C").size(), 1u);
  EXPECT_EQ(trace.dropped(), 0u) << "what is outside was not wanted";
}

TEST(Trace, WhatIsTooMuchIsCounted) {
  Trace trace({.most_events = 2});
  const Trace::Track track = trace.track("g", "t");
  for (Ns i = 0; i < 5; ++i) trace.instant(track, "x", i);
  trace.slice(track, "y", 10, 20);
  trace.slice(track, "y", 20, 30);
  EXPECT_EQ(trace.dropped(), 5u);
  EXPECT_EQ(json::parse(text(trace)).at("otherData").at("dropped_events"), 5);
  EXPECT_EQ(events(trace, "i").size(), 2u);
}

TEST(Trace, AnyTextIsQuoted) {
  Trace trace({});
  const std::string name = "a\"b\\c\n\x01 ü";
  const Trace::Track track = trace.track(name, name);
  trace.instant(track, trace.intern(name), 0);
  EXPECT_EQ(events(trace, "i").at(0)["name"], name);
}

TEST(Trace, ACounterIsANumber) {
  Trace trace({});
  const Trace::Track track = trace.track("g", "t");
  EXPECT_THROW(trace.counter(track, 0, std::nan("")), std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::reclaim
