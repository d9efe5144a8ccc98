// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/page_costs.hpp"

#include <cmath>

#include <fmt/format.h>

#include "sim/experiment/compare.hpp"

namespace pagepress::sim {

std::uint64_t PageCosts::of(const Request& request) const {
  const auto scaled = [this](double ns) {
    return static_cast<std::uint64_t>(std::llround(ns * scale_));
  };
  if (request.operation == Operation::kDecompress) {
    return scaled(store_.holds(request.src) ? of_block(store_.at(request.src).page)
                                            : costs_.mean_decompress_ns());
  }
  const auto* source = static_cast<const std::uint8_t*>(request.src);
  for (std::size_t i = 0; i < workload_.inputs().size(); ++i) {
    const std::span<const std::uint8_t> bytes = workload_.inputs()[i].file.bytes();
    if (source < bytes.data() || source >= bytes.data() + bytes.size()) continue;
    const std::size_t page = static_cast<std::size_t>(source - bytes.data()) / kPageBytes;
    return scaled(costs_.compress.ns[i][page]);
  }
  throw CompareError("a page that is of no input was compressed");
}

double PageCosts::of_block(std::size_t page) const {
  const std::size_t file = workload_.file_of(page);
  const Workload::Input& input = workload_.inputs()[file];
  const std::uint32_t ns = costs_.decompress.ns[file][page - input.first_page];
  if (ns != 0) return ns;
  if (no_block_ == NoBlock::kMean) return costs_.mean_decompress_ns();
  throw CompareError(fmt::format(
      "the cost table has no cost of decompressing page {} of {}, which was stored; remove the "
      "table to measure anew",
      page - input.first_page, input.file.path().string()));
}

double PageCosts::mean_decompress() const {
  double sum = 0;
  for (const BlockStore::Block& block : store_.blocks()) sum += of_block(block.page);
  return sum / static_cast<double>(store_.blocks().size()) * scale_;
}

}  // namespace pagepress::sim
