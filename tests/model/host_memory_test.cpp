// SPDX-License-Identifier: Apache-2.0
#include "model/link/host_memory.hpp"

#include <tlm_utils/simple_initiator_socket.h>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "tests/model/sc_test.hpp"

namespace pagepress::model {
namespace {

struct Bench : sc_core::sc_module {
  HostMemory memory{"memory"};
  tlm_utils::simple_initiator_socket<Bench> socket{"socket"};
  explicit Bench(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(memory.socket);
  }
};

Bench* bench = nullptr;

class HostMemoryTest : public testing::Test {
 protected:
  HostMemoryTest() : ram(256) { std::iota(ram.begin(), ram.end(), std::uint8_t{0}); }
  ~HostMemoryTest() override {
    for (const std::uint64_t iova : added) bench->memory.remove_range(iova);
  }

  void add(std::uint64_t iova, std::size_t at, std::size_t len, bool writable = true) {
    bench->memory.add_range(iova, ram.data() + at, len, writable);
    added.push_back(iova);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t iova,
                                  std::vector<std::uint8_t>& data,
                                  std::vector<std::uint8_t> enables = {}) {
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(iova);
    trans.set_data_ptr(data.data());
    trans.set_data_length(static_cast<unsigned>(data.size()));
    trans.set_streaming_width(static_cast<unsigned>(data.size()));
    if (!enables.empty()) {
      trans.set_byte_enable_ptr(enables.data());
      trans.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    }
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    bench->socket->b_transport(trans, delay);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    return trans.get_response_status();
  }
  tlm::tlm_response_status read(std::uint64_t iova, std::size_t len) {
    got.assign(len, 0xee);
    return access(tlm::TLM_READ_COMMAND, iova, got);
  }
  tlm::tlm_response_status write(std::uint64_t iova, std::vector<std::uint8_t> data) {
    return access(tlm::TLM_WRITE_COMMAND, iova, data);
  }

  std::vector<std::uint8_t> ram;
  std::vector<std::uint8_t> got;
  std::vector<std::uint64_t> added;
};

using Bytes = std::vector<std::uint8_t>;

TEST_F(HostMemoryTest, AnAddressOutsideIsRefused) {
  add(0x1000, 0, 16);
  EXPECT_EQ(read(0x0fff, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(read(0x1010, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(got, Bytes({0xee}));
}

TEST_F(HostMemoryTest, AnAccessThatLeavesTheWindowMovesNothing) {
  add(0x1000, 0, 16);
  const Bytes before = ram;
  EXPECT_EQ(write(0x100e, {1, 2, 3}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(write(0x0ffe, {1, 2, 3}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram, before);
  EXPECT_EQ(read(0x100e, 3), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(got, Bytes({0xee, 0xee, 0xee}));
}

TEST_F(HostMemoryTest, AReadOnlyWindowIsReadOnly) {
  add(0x1000, 0, 16, false);
  const Bytes before = ram;
  EXPECT_EQ(write(0x1000, {9}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram, before);
  EXPECT_EQ(read(0x1003, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, Bytes({3, 4}));
}

TEST_F(HostMemoryTest, ReadsAndWritesReachTheMemory) {
  add(0x1000, 32, 16);
  EXPECT_EQ(read(0x1000, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, Bytes({32, 33, 34, 35}));
  EXPECT_EQ(write(0x100f, {77}), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(ram[47], 77);
  EXPECT_EQ(ram[48], 48);
}

TEST_F(HostMemoryTest, WindowsThatTouchActAsOne) {
  add(0x1010, 0, 16);
  add(0x1000, 100, 16);
  add(0x1021, 200, 16);
  EXPECT_EQ(read(0x100e, 4), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, Bytes({114, 115, 0, 1}));
  EXPECT_EQ(write(0x100f, {7, 8}), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(ram[115], 7);
  EXPECT_EQ(ram[0], 8);
  EXPECT_EQ(read(0x101e, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);  // a hole of one byte
}

TEST_F(HostMemoryTest, AWriteThatReachesAReadOnlyNeighbourMovesNothing) {
  add(0x1000, 0, 16);
  add(0x1010, 16, 16, false);
  const Bytes before = ram;
  EXPECT_EQ(write(0x100f, {7, 8}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(ram, before);
}

TEST_F(HostMemoryTest, DisabledBytesKeepTheirValue) {
  add(0x1000, 0, 8);
  add(0x1008, 8, 8);
  Bytes data(6, 0xaa);
  EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, 0x1006, data, {0xff, 0}), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(Bytes(ram.begin() + 5, ram.begin() + 13), Bytes({5, 0xaa, 7, 0xaa, 9, 0xaa, 11, 12}));
}

TEST_F(HostMemoryTest, ARemovedWindowIsGone) {
  add(0x1000, 0, 16);
  EXPECT_EQ(read(0x1000, 1), tlm::TLM_OK_RESPONSE);
  EXPECT_FALSE(bench->memory.remove_range(0x1001));  // inside, but not its start
  EXPECT_TRUE(bench->memory.remove_range(0x1000));
  EXPECT_FALSE(bench->memory.remove_range(0x1000));
  EXPECT_EQ(read(0x1000, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(bench->memory.ranges(), 0U);
}

TEST_F(HostMemoryTest, RangesThatCannotBeAreRefused) {
  add(0x1000, 0, 16);
  EXPECT_THROW(add(0x2000, 0, 0), std::invalid_argument);
  EXPECT_THROW(bench->memory.add_range(0x2000, nullptr, 1, true), std::invalid_argument);
  EXPECT_THROW(add(0x100f, 0, 1), std::invalid_argument);
  EXPECT_THROW(add(0x0ff0, 0, 17), std::invalid_argument);
  EXPECT_THROW(add(0x0ff0, 0, 128), std::invalid_argument);
  EXPECT_THROW(add(~std::uint64_t{0}, 0, 2), std::invalid_argument);
  EXPECT_EQ(bench->memory.ranges(), 1U);
}

TEST_F(HostMemoryTest, TheTopOfTheAddressSpaceCanBeUsed) {
  add(~std::uint64_t{0} - 7, 0, 8);
  EXPECT_EQ(read(~std::uint64_t{0} - 1, 2), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(got, Bytes({6, 7}));
  EXPECT_EQ(read(~std::uint64_t{0}, 2), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace

Modules elaborate() {
  Modules modules;
  bench = make_module<Bench>(modules, "bench");
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  return modules;
}

}  // namespace pagepress::model
