// SPDX-License-Identifier: Apache-2.0
// How many members an aggregate has: so that a table of them can be found short of one.
#pragma once

#include <cstddef>

namespace pagepress::reclaim {

// Initialises a member of any type; never called.
struct AnyField {
  template <typename T>
  operator T() const;
};

template <typename Aggregate, typename... Fields>
consteval std::size_t field_count() {
  if constexpr (requires { Aggregate{Fields{}..., AnyField{}}; }) {
    return field_count<Aggregate, Fields..., AnyField>();
  } else {
    return sizeof...(Fields);
  }
}

}  // namespace pagepress::reclaim
