// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/machine.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <span>
#include <systemc>
#include <thread>

#include <pagepress/cpu_codecs.hpp>
#include <pagepress/eal.hpp>

#include "sim/experiment/fnv.hpp"

namespace pagepress::sim {

std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

nlohmann::json describe_program() {
  std::ifstream program("/proc/self/exe", std::ios::binary);
  Fnv hash;
  std::vector<char> block(std::size_t{1} << 20);
  while (program.read(block.data(), static_cast<std::streamsize>(block.size())),
         program.gcount() > 0) {
    hash.add(std::as_bytes(std::span(block.data(), static_cast<std::size_t>(program.gcount()))));
  }
  return {{"version", PP_PAGEPRESS_VERSION}, {"build", hash.text()}};
}

nlohmann::json describe_creation(const std::vector<std::string>& command) {
  utsname system{};
  ::uname(&system);
  nlohmann::json versions = {{"pagepress", PP_PAGEPRESS_VERSION},
                             {"verilator", PP_VERILATOR_VERSION},
                             {"systemc", sc_core::sc_version()},
                             {"dpdk", Eal::version()},
                             {"compiler", __VERSION__}};
  for (const CpuCodec& codec : pagepress::cpu_codecs())
    versions[std::string(codec.library)] = codec.version;
  return {{"command", command},
          {"versions", versions},
          {"machine",
           {{"cpu", cpu_model()},
            {"cores", std::thread::hardware_concurrency()},
            {"kernel", system.release}}}};
}

}  // namespace pagepress::sim
