// SPDX-License-Identifier: Apache-2.0
// Pages through an engine that vfio-pci hands to this process, and back: for a guest, or for
// hardware.
//
//   vfio_pages ADDRESS[,iova=va|pa] [--interrupts] [--no-mmap] [--bounce] [--pages N]
//
// Every page is compressed by the engine (and verified there), decoded by liblz4 and by the engine,
// and compared. The device's counters must be the queue's own. Prints `NAME VALUE` lines; exit code
// 1 at the first thing that is wrong. Limitations: /proc/interrupts is of all devices of vfio-pci;
// one queue; nothing but the engine compresses, so that what it cannot do is an error.
#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/cpu_codecs.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/queue_pair.hpp>
#include <pagepress/vfio.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <random>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

using namespace pagepress;

namespace {

constexpr std::size_t kBurst = 16;
constexpr std::uint64_t kPatience = 20'000'000'000;  // of a guest on a loaded machine [ns]

struct Options {
  std::string target;
  bool interrupts = false;
  bool map_registers = true;
  bool bounce = false;  // sources in memory that is not mapped
  std::size_t pages = 512;
};

struct Usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Options parse(std::span<char*> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (word == "--interrupts") {
      options.interrupts = true;
    } else if (word == "--no-mmap") {
      options.map_registers = false;
    } else if (word == "--bounce") {
      options.bounce = true;
    } else if (word == "--pages" && i + 1 < arguments.size()) {
      const std::string_view number = arguments[++i];
      const char* end = number.data() + number.size();
      const auto [rest, error] = std::from_chars(number.data(), end, options.pages);
      if (error != std::errc() || rest != end || options.pages == 0 || options.pages > 1u << 20) {
        throw Usage(fmt::format("--pages {}: expected 1 to {}", number, 1u << 20));
      }
    } else if (options.target.empty() && !word.starts_with('-')) {
      options.target = word;
    } else {
      throw Usage(fmt::format("unknown argument '{}'", word));
    }
  }
  if (options.target.empty()) {
    throw Usage("which device?");
  }
  return options;
}

// Same-filled, random, and text of some words in between; another one for each index.
void fill_page(std::size_t index, std::span<std::byte, kPageSize> page) {
  std::mt19937 random(static_cast<unsigned>(index));
  if (index % 16 == 0) {
    std::memset(page.data(), static_cast<int>(index / 16), page.size());
    return;
  }
  const unsigned entropy = index % 16 == 1 ? 256 : 2 + index % 16 * 3;
  for (std::byte& byte : page) {
    byte = static_cast<std::byte>(random() % entropy);
  }
  if (index % 16 != 1) {  // repetitions near and far
    for (std::size_t at = 256; at + 64 <= page.size(); at += 128) {
      std::memcpy(&page[at], &page[random() % (at - 64)], 64);
    }
  }
}

void require(bool holds, std::string_view what) {
  if (!holds) {
    throw std::runtime_error(std::string(what));
  }
}

// All of `requests` through `codec`; `check` for each completion.
void run_all(Codec& codec, std::span<const Request> requests,
             const std::function<void(const Completion&)>& check) {
  std::array<Completion, kBurst> done;
  std::size_t submitted = 0;
  std::size_t completed = 0;
  while (completed < requests.size()) {
    const std::size_t room = std::min(kBurst, requests.size() - submitted);
    submitted += codec.submit(requests.subspan(submitted, room));
    codec.wait(kPatience);
    const std::size_t count = codec.poll(done);
    std::for_each_n(done.begin(), count, check);
    completed += count;
  }
}

class Check {
 public:
  explicit Check(const Options& options)
      : options_(options),
        bus_(options.target, {.map_registers = options.map_registers}),
        device_(bus_, clock_, {.register_timeout_ns = kPatience, .register_poll_ns = 100'000}),
        map_(bus_),
        queue_(device_, map_, bus_.memory(), queue_config(options)),
        codec_(make_engine_codec("engine:vfio", queue_, map_, {.bounce_slots = 2 * kBurst})),
        out_(map_, bus_.memory(), kBurst * kSlot) {}

  void run() {
    report("iova", bus_.iova_mode() == IovaMode::kPhysical ? "pa" : "va");
    report("registers", bus_.registers_mapped() ? "mapped" : "calls");
    report("vectors", bus_.vectors());
    require(!options_.interrupts || queue_.wait_mode() == WaitMode::kInterrupt, "no interrupts");
    require(bus_.registers_mapped() == options_.map_registers, "registers are not mapped as asked");
    DmaBuffer mapped(map_, bus_.memory(), kBurst * kPageSize);
    std::vector<std::byte> own(kBurst * kPageSize);
    const std::span<std::byte> pages = options_.bounce ? std::span(own) : mapped.span();
    for (std::size_t first = 0; first < options_.pages; first += kBurst) {
      burst(first, std::min(kBurst, options_.pages - first), pages);
    }
    if (options_.interrupts) {
      wake_by_interrupts(pages);
    }
    compare_counters();
  }

 private:
  static constexpr std::size_t kWakes = 16;
  static constexpr std::size_t kSlot = 2 * kPageSize;  // of a block, and of what it decodes to

  static QueueConfig queue_config(const Options& options) {
    QueueConfig config;
    config.sq_depth = 2 * kBurst;
    config.cq_depth = 2 * kBurst;
    config.completion_timeout_ns = kPatience;
    config.wait.mode = options.interrupts ? WaitMode::kInterrupt : WaitMode::kPoll;
    config.wait.recheck_ns = kPatience / 2;  // a lost interrupt is to be seen
    return config;
  }

  template <class Value>
  static void report(std::string_view name, const Value& value) {
    fmt::print("{} {}\n", name, value);
  }

  void burst(std::size_t first, std::size_t count, std::span<std::byte> pages) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < count; ++i) {
      fill_page(first + i, pages.subspan(i * kPageSize).first<kPageSize>());
      requests.push_back({.src = &pages[i * kPageSize],
                          .dst = out_.data() + i * kSlot,
                          .capacity = kPageSize,
                          .tag = i,
                          .verify = true});
    }
    std::vector<Request> blocks;
    run_all(*codec_, requests, [&](const Completion& done) {
      const std::byte* page = &pages[done.tag * kPageSize];
      ++units_;
      require(done.crc32c == crc32c(page, kPageSize), "the CRC of a page is wrong");
      if (done.status == Status::kSameFilled) {
        require(fill_word(page) == done.info, "a page is not filled with this word");
        ++same_filled_;
      } else if (done.status == Status::kIncompressible) {
        ++incompressible_;
      } else {
        require(done.status == Status::kOk, to_string(done.status));
        check_block({out_.data() + done.tag * kSlot, done.out_len}, page);
        blocks.push_back({.src = out_.data() + done.tag * kSlot,
                          .dst = out_.data() + done.tag * kSlot + kPageSize,
                          .capacity = kPageSize,
                          .tag = done.tag,
                          .operation = Operation::kDecompress,
                          .src_len = done.out_len});
        bytes_out_ += done.out_len;
      }
    });
    run_all(*codec_, blocks, [&](const Completion& done) {
      ++units_;
      require(done.status == Status::kOk && done.out_len == kPageSize, to_string(done.status));
      require(std::memcmp(out_.data() + done.tag * kSlot + kPageSize, &pages[done.tag * kPageSize],
                          kPageSize) == 0,
              "a page came back from the engine as another");
      ++decompressed_;
    });
  }

  // A page at a time, for which nothing but its interrupt is waited: QueuePair::wait() looks at the
  // ring first and mostly need not sleep.
  void wake_by_interrupts(std::span<std::byte> pages) {
    fill_page(2, pages.first<kPageSize>());
    const Request request{.src = pages.data(), .dst = out_.data(), .capacity = kPageSize};
    const std::uint64_t control = PP_QUEUE_BASE + PP_Q_IRQ_CTRL;
    const std::uint32_t settings = bus_.read32(control);
    bus_.write32(control, settings & ~PP_Q_IRQ_MASK);
    for (std::size_t i = 0; i < kWakes; ++i) {
      require(codec_->submit({&request, 1}) == 1, "a page was not taken");
      Completion done;
      do {  // an interrupt of a page before may have come late
        require(bus_.wait_interrupt(0, kPatience), "an interrupt did not come");
      } while (codec_->poll({&done, 1}) == 0);
      ++units_;
      require(done.status == Status::kOk, to_string(done.status));
      ++wakes_;
    }
    bus_.write32(control, settings);
  }

  void check_block(std::span<const std::byte> block, const std::byte* page) {
    std::array<std::byte, kPageSize> decoded;
    require(lz4_->decompress(block, decoded) == kPageSize &&
                std::memcmp(decoded.data(), page, kPageSize) == 0,
            "liblz4 decodes a block to another page");
  }

  // That this machine's kernel has taken for vfio-pci, by /proc/interrupts.
  static std::uint64_t interrupts_of_kernel() {
    std::ifstream file("/proc/interrupts");
    std::uint64_t sum = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.find("vfio-msix[") == std::string::npos) {
        continue;
      }
      std::istringstream words(line.substr(line.find(':') + 1));
      for (std::uint64_t of_cpu = 0; words >> of_cpu;) {
        sum += of_cpu;
      }
    }
    return sum;
  }

  void compare_counters() {
    const QueueCounters counters = queue_.counters();
    const auto same = [this](std::string_view name, unsigned counter, std::uint64_t expected) {
      const std::uint64_t found = device_.counter(PP_PERF_SCOPE_QUEUE, 0, counter);
      require(found == expected,
              fmt::format("{}: the device counts {}, expected {}", name, found, expected));
    };
    require(counters.submitted == units_ && counters.completed == units_, "units were lost");
    same("submitted", PP_PERF_SUBMITTED, units_);
    same("completed", PP_PERF_COMPLETED, units_);
    same("same-filled", PP_PERF_STATUS_BASE + PP_STATUS_SAME_FILLED, same_filled_);
    same("incompressible", PP_PERF_STATUS_BASE + PP_STATUS_INCOMPRESSIBLE, incompressible_);
    const std::uint64_t raised = device_.counter(PP_PERF_SCOPE_QUEUE, 0, PP_PERF_INTERRUPTS);
    require(counters.missed_interrupts == 0, "an interrupt was lost");
    require(options_.interrupts == (raised > 0), "interrupts are not as asked");
    const std::uint64_t taken = interrupts_of_kernel();
    require(options_.interrupts == (taken > 0), "the kernel's interrupts are not as asked");
    require(taken >= wakes_ && taken <= raised,
            fmt::format("the kernel took {} interrupts of {}", taken, raised));
    require(options_.bounce == (codec_->counters().bounced_sources > 0), "bounced as not asked");
    require(device_.drain_errors() == "error log empty", "the device's error log is not empty");
    report("pages", options_.pages);
    report("decompressed", decompressed_);
    report("same_filled", same_filled_);
    report("incompressible", incompressible_);
    report("bytes_out", bytes_out_);
    report("units", units_);
    report("doorbells", counters.doorbells);
    report("interrupts", counters.interrupts);
    report("wakes", wakes_);
    report("interrupts_of_kernel", taken);
    report("interrupts_of_device", raised);
    require(decompressed_ + same_filled_ + incompressible_ == options_.pages, "pages were lost");
  }

  Options options_;
  MonotonicClock clock_;
  VfioBus bus_;
  Device device_;
  DmaMap map_;
  QueuePair queue_;
  std::unique_ptr<EngineCodec> codec_;
  DmaBuffer out_;
  std::unique_ptr<BlockCodec> lz4_ = cpu_codecs().front().make(0);
  std::uint64_t units_ = 0;
  std::uint64_t same_filled_ = 0;
  std::uint64_t incompressible_ = 0;
  std::uint64_t decompressed_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t wakes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    Check(parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1))).run();
    return 0;
  } catch (const Usage& error) {
    fmt::print(stderr,
               "vfio_pages: {}\nusage: vfio_pages ADDRESS[,iova=va|pa] [--interrupts] [--no-mmap] "
               "[--bounce] [--pages N]\n",
               error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "vfio_pages: {}\n", error.what());
    return 1;
  }
}
