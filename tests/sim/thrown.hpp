// SPDX-License-Identifier: Apache-2.0
// What a call throws, for tests of messages.
#pragma once

#include <string>

namespace pagepress::sim::testing {

// The message of the Error that `call` throws; "no error" if it throws none.
template <class Error, class Call>
std::string thrown(const Call& call) {
  try {
    (void)call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace pagepress::sim::testing
