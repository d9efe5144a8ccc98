// SPDX-License-Identifier: Apache-2.0
// BackendTable: what --backend can name, and how each is made.
//
// A CPU back end is a synchronous codec whose time comes from a cost table; an
// engine is a model::Device behind the driver. Tests add their own.
// Options stand behind an `@`: `cpu:zstd@level=3`.
// Limitation: `level`, of CPU back ends, is the only option that there is.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pagepress/codec.hpp>
#include <pagepress/cpu_codecs.hpp>

#include "model/device/device.hpp"
#include "sim/experiment/config.hpp"
#include "sim/host/engine_models.hpp"

namespace pagepress::sim {

struct Backend {
  std::string summary;
  // A CPU codec. `for_cost`: as the kernel would run it, so without the CRC32C
  // that only our verification wants.
  std::function<std::unique_ptr<Codec>(bool for_cost)> make_codec;
  std::string library;  // version that its costs hold for
  // An engine. Called during SystemC's elaboration.
  std::function<std::unique_ptr<model::Device>(const EngineSetup& setup)> make_device;
  bool remote = false;       // an engine of another process: run.bus says where
  bool any_geometry = true;  // false: made for the default engine.engines and engine.w alone
  // What expands the stored blocks for verification; none: they are LZ4's.
  std::function<std::unique_ptr<BlockCodec>()> make_decoder{};
  // What `@level=` may be, and the back end at that level; none: it takes no options.
  std::optional<LevelRange> levels{};
  std::function<Backend(int level)> at_level{};

  [[nodiscard]] bool is_engine() const noexcept { return make_device != nullptr || remote; }
};

class BackendTable {
 public:
  // With the back ends of this program.
  BackendTable();

  void add(std::string name, Backend backend) { entries_[std::move(name)] = std::move(backend); }
  // The back end with the options of `name`. Throws CompareError: unknown (the message
  // lists what there is), or with options that the back end does not take.
  [[nodiscard]] Backend find(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  // A line for each: name, options, summary.
  [[nodiscard]] std::vector<std::string> describe() const;
  // find() of every back end of `config`; throws ConfigError, too, for a setting that one of
  // them cannot have.
  void check(const CompareConfig& config) const;

 private:
  std::map<std::string, Backend, std::less<>> entries_;
};

}  // namespace pagepress::sim
