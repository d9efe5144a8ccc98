// SPDX-License-Identifier: Apache-2.0
#include <pagepress/codecs.hpp>
#include <pagepress/monotonic_clock.hpp>

using namespace pagepress;

// Compresses `pages` on the device behind `bus`; returns the bytes that they take now.
std::size_t compress_pages(Bus& bus, DmaAllocator& memory, std::span<const std::byte> pages) {
  MonotonicClock clock;
  Device device(bus, clock);  // probes and resets; throws DeviceError
  DmaMap map(bus);
  map.add_source(pages);  // zero-copy; memory that is not mapped is bounced
  DmaBuffer out(map, memory, pages.size());
  QueuePair queue(device, map, memory, {.wait = {.mode = WaitMode::kHybrid}});
  ReliableCodec codec(make_engine_codec("engine", queue, map), make_cpu_lz4());

  const std::size_t count = pages.size() / kPageSize;
  std::size_t bytes = 0;
  std::vector<Completion> done(32);
  for (std::size_t submitted = 0, completed = 0; completed < count;) {
    std::vector<Request> burst;
    for (std::size_t i = submitted; i < count && burst.size() < 32; ++i) {
      burst.push_back({.src = &pages[i * kPageSize], .dst = out.data() + i * kPageSize,
                       .capacity = kPageSize, .tag = i});
    }
    submitted += codec.submit(burst);  // one doorbell; fewer than given: full
    codec.wait(1'000'000);
    const std::size_t found = codec.poll(done);
    completed += found;
    for (const Completion& page : std::span(done).first(found)) {
      bytes += page.status == Status::kOk ? page.out_len
               : page.status == Status::kIncompressible ? kPageSize : 0;  // same-filled: nothing
    }
  }
  return bytes;
}
