// SPDX-License-Identifier: Apache-2.0
// EAL set-up and DMA memory from its heap.
//
// With hugepages: --in-memory, which needs neither a hugetlbfs mount nor
// privileges. Without: --no-huge (the two exclude each other). IOVA is VA in
// both; the Bus decides what a device sees.
#include <pagepress/eal.hpp>

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_version.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace pagepress {
namespace {

std::atomic<bool> started{false};

class EalMemory final : public DmaAllocator {
 public:
  void* allocate(std::size_t len, std::size_t align) override {
    void* addr = rte_zmalloc_socket(nullptr, len, static_cast<unsigned>(align), SOCKET_ID_ANY);
    if (addr == nullptr) {
      throw std::bad_alloc();
    }
    return addr;
  }
  void release(void* addr) noexcept override { rte_free(addr); }
};

// Whether the kernel would give this process `bytes` of hugepages now. Asking
// for them is the only answer that holds: counters do not show reservations of
// others, cgroup limits or a kernel without hugetlb.
bool hugepages_available(std::size_t bytes) noexcept {
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  const std::size_t len = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* addr =
      mmap(nullptr, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (addr == MAP_FAILED) {
    return false;
  }
  munmap(addr, len);
  return true;
}

// Collects DPDK's log while it starts, to be able to say why it did not.
class LogCapture {
 public:
  explicit LogCapture(bool show) : stream_(show ? nullptr : open_memstream(&text_, &size_)) {
    rte_openlog_stream(stream_ != nullptr ? stream_ : stderr);
  }
  ~LogCapture() {
    rte_openlog_stream(stderr);  // DPDK's default would write to stdout and syslog
    if (stream_ != nullptr) {
      std::fclose(stream_);
      std::free(text_);
    }
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // The last line that is not empty.
  std::string last_line() {
    if (stream_ == nullptr || std::fflush(stream_) != 0) {
      return "see its log";
    }
    std::string_view text(text_, size_);
    while (text.ends_with('\n')) {
      text.remove_suffix(1);
    }
    return std::string(text.substr(text.rfind('\n') + 1));
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_;
};

std::vector<std::string> arguments(const EalConfig& config, bool huge, int cpu) {
  std::vector<std::string> args = {
      "pagepress",
      fmt::format("--lcores=0@{}", cpu),
      "-m",
      std::to_string(config.memory_mib),
      "--no-pci",
      "--no-telemetry",
      "--iova-mode=va",
      fmt::format("--file-prefix=pagepress_{}", getpid()),
  };
  if (huge) {
    args.emplace_back("--in-memory");
  } else {
    args.emplace_back("--no-huge");
    args.emplace_back("--no-shconf");
  }
  return args;
}

int first_cpu(const cpu_set_t& cpus) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &cpus)) {
      return cpu;
    }
  }
  return 0;
}

int start(std::vector<std::string> args) {
  std::vector<char*> argv;
  argv.reserve(args.size());
  for (std::string& arg : args) {
    argv.push_back(arg.data());
  }
  return rte_eal_init(static_cast<int>(argv.size()), argv.data());
}

int smallest_page(const rte_memseg_list* list, void* arg) {
  auto* size = static_cast<std::size_t*>(arg);
  if (*size == 0 || list->page_sz < *size) {
    *size = list->page_sz;
  }
  return 0;
}

}  // namespace

Eal::Eal(const EalConfig& config) {
  const bool huge =
      config.pages != EalConfig::Pages::kPlain && hugepages_available(config.memory_mib << 20);
  if (config.pages == EalConfig::Pages::kHuge && !huge) {
    throw std::runtime_error(fmt::format(
        "DPDK: {} MiB of hugepages asked for, and there are not as many free", config.memory_mib));
  }
  if (started.exchange(true)) {
    throw std::runtime_error("DPDK was started before in this process; it cannot be again");
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof(cpus), &cpus);

  rte_log_set_global_level(config.verbose ? RTE_LOG_INFO : RTE_LOG_WARNING);
  LogCapture log(config.verbose);
  const int result = start(arguments(config, huge, first_cpu(cpus)));
  // EAL makes a directory for files that other processes would share; there are
  // none, and it would stay behind for ever.
  rmdir(rte_eal_get_runtime_dir());
  if (result < 0) {
    throw std::runtime_error(
        fmt::format("DPDK does not start: {} ({})", rte_strerror(rte_errno), log.last_line()));
  }
  if (!config.verbose) {
    rte_log_set_global_level(RTE_LOG_CRIT);  // what fails is told by our exceptions
  }
  // EAL pins the thread that starts it, which nobody asked for here.
  sched_setaffinity(0, sizeof(cpus), &cpus);
  rte_memseg_list_walk(smallest_page, &page_size_);
  hugepages_ = page_size_ > static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  memory_ = std::make_unique<EalMemory>();
}

Eal::~Eal() { rte_eal_cleanup(); }

std::string Eal::version() { return rte_version(); }

}  // namespace pagepress
