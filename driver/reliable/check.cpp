// SPDX-License-Identifier: Apache-2.0
// ReliableConfig::check_answers: whether what the device says of a page is so.
#include <pagepress/codecs.hpp>
#include <pagepress/reliable_codec.hpp>

#include <cstring>

namespace pagepress {
// `done` is one of the good ones. Its CRC becomes this CPU's, as a caller may keep it.
bool ReliableCodec::holds(const Request& request, Completion& done) {
  if (request.operation == Operation::kDecompress) {
    if (done.status != Status::kOk) {
      return false;
    }
    if (request.verify) {
      done.crc32c = crc32c(request.dst, done.out_len);
    }
    return !request.verify || done.crc32c == request.expected_crc32c;
  }
  done.crc32c = crc32c(request.src, request.src_len);
  switch (done.status) {
    case Status::kSameFilled:
      return fill_word(request.src) == done.info;
    case Status::kIncompressible:
      return true;
    default:
      return gives_back(request, done);
  }
}

bool ReliableCodec::gives_back(const Request& request, const Completion& done) {
  const Completion page = run_on_cpu({.src = request.dst,
                                      .dst = decoded_.data(),
                                      .capacity = kPageSize,
                                      .operation = Operation::kDecompress,
                                      .src_len = done.out_len});
  return page.status == Status::kOk && page.out_len == request.src_len &&
         std::memcmp(decoded_.data(), request.src, page.out_len) == 0;
}

}  // namespace pagepress
