// SPDX-License-Identifier: Apache-2.0
// PageCosts: what a request costs a CPU codec, by the cost table: which page it is, is told
// by its address. Limitation: pages of the workload and blocks; one that is not in the store, as
// when an answer is checked before it is kept, costs what a block does on average.
#pragma once

#include <cstdint>

#include <pagepress/codec.hpp>

#include "sim/experiment/block_store.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"

namespace pagepress::sim {

class PageCosts {
 public:
  // What a block costs whose page this codec did not store compressed when it was measured.
  enum class NoBlock {
    kError,  // the codec stored it itself: the table is not of these pages
    kMean,   // another stored it
  };

  // `scale`: host.cost_scale. All references outlive this.
  PageCosts(const CodecCosts& costs, const Workload& workload, const BlockStore& store,
            double scale, NoBlock no_block)
      : costs_(costs), workload_(workload), store_(store), scale_(scale), no_block_(no_block) {}

  // In ns. Throws CompareError for a page to compress that is of no input.
  [[nodiscard]] std::uint64_t of(const Request& request) const;
  // Of decompressing a page's block, before the scale.
  [[nodiscard]] double of_block(std::size_t page) const;
  // Mean of compressing a page, in ns.
  [[nodiscard]] double mean_compress() const { return costs_.mean_ns() * scale_; }
  // Mean of decompressing what is in the store, in ns. There must be blocks.
  [[nodiscard]] double mean_decompress() const;

 private:
  const CodecCosts& costs_;
  const Workload& workload_;
  const BlockStore& store_;
  double scale_;
  NoBlock no_block_;
};

}  // namespace pagepress::sim
