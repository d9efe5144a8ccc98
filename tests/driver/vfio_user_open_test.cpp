// SPDX-License-Identifier: Apache-2.0
// Opening a vfio-user server: what a client must not believe, message by message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/pci_regs.h>
#include <pagepress/error.hpp>
#include <pagepress/vfio_user.hpp>

#include <chrono>
#include <cstring>

#include "tests/driver/fake_vfio_server.hpp"

namespace pagepress {
namespace {

using test::FakeVfioServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Action = FakeVfioServer::Action;
using Reply = FakeVfioServer::Reply;
using vfio_user::Command;

constexpr std::uint64_t kShort = 100'000'000;  // a time-out that a test waits for [ns]

struct OpenError {
  DeviceFault fault;
  std::string message;
};

// What opening `server` throws.
OpenError open_error(const std::string& path, const VfioUserConfig& config = {}) {
  try {
    const VfioUserBus bus(path, config);
  } catch (const DeviceError& error) {
    EXPECT_THAT(error.what(), HasSubstr("vfio-user:" + path));
    return {error.fault(), error.what()};
  }
  ADD_FAILURE() << "the server was accepted";
  return {};
}

// Of a server that does `what` to its first reply to `command`, and is well otherwise.
OpenError open_error(Command command, const std::function<Action(Reply&)>& what) {
  FakeVfioServer server({.tamper = [&](Command answered, Reply& reply) {
    return answered == command ? what(reply) : Action::kSend;
  }});
  return open_error(server.path(), {.reply_timeout_ns = kShort});
}

void resize(Reply& reply, std::size_t payload) {
  reply.payload.resize(payload);
  reply.header.size = static_cast<std::uint32_t>(sizeof(reply.header) + payload);
}

template <class T>
void poke(Reply& reply, std::size_t at, T value) {
  ASSERT_LE(at + sizeof(value), reply.payload.size());
  std::memcpy(reply.payload.data() + at, &value, sizeof(value));
}

void set_text(Reply& reply, const std::string& text) {
  resize(reply, sizeof(vfio_user::VersionBody) + text.size());
  std::memcpy(reply.payload.data() + sizeof(vfio_user::VersionBody), text.data(), text.size());
}

TEST(VfioUserOpen, NamesASocketThatNobodyListensAt) {
  for (const std::string& path : {std::string("/nowhere/socket"), std::string(200, 'x'),
                                  std::string(), std::string("/dev/null")}) {
    EXPECT_EQ(open_error(path).fault, DeviceFault::kNotPresent) << path;
  }
}

TEST(VfioUserOpen, GivesUpOnAServerThatDoesNotAccept) {
  FakeVfioServer server;
  const VfioUserBus first(server.path());  // it serves one client at a time
  const auto start = std::chrono::steady_clock::now();
  const OpenError error = open_error(server.path(), {.reply_timeout_ns = kShort});
  EXPECT_EQ(error.fault, DeviceFault::kTimeout);
  EXPECT_THAT(error.message, HasSubstr("no answer to VERSION for 100 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

// Every message of the way in.
class VfioUserOpenMessage : public ::testing::TestWithParam<Command> {};
INSTANTIATE_TEST_SUITE_P(All, VfioUserOpenMessage,
                         ::testing::Values(vfio_user::kVersion, vfio_user::kDeviceGetInfo,
                                           vfio_user::kDeviceGetRegionInfo,
                                           vfio_user::kDeviceGetIrqInfo, vfio_user::kDeviceSetIrqs,
                                           vfio_user::kRegionRead, vfio_user::kRegionWrite),
                         [](const auto& info) {
                           return std::string(vfio_user::to_string(info.param));
                         });

TEST_P(VfioUserOpenMessage, UnansweredTimesOut) {
  const OpenError error = open_error(GetParam(), [](Reply&) { return Action::kDrop; });
  EXPECT_EQ(error.fault, DeviceFault::kTimeout);
  EXPECT_THAT(error.message, HasSubstr(std::string(vfio_user::to_string(GetParam()))));
}

TEST_P(VfioUserOpenMessage, ClosedInsteadIsNotPresent) {
  const OpenError error = open_error(GetParam(), [](Reply&) { return Action::kClose; });
  EXPECT_EQ(error.fault, DeviceFault::kNotPresent);
  EXPECT_THAT(error.message, HasSubstr("closed the connection"));
}

TEST_P(VfioUserOpenMessage, CutShortIsNotPresent) {
  const OpenError error = open_error(GetParam(), [](Reply&) { return Action::kCutShort; });
  EXPECT_EQ(error.fault, DeviceFault::kNotPresent);
  EXPECT_THAT(error.message, HasSubstr("in the middle of a message"));
}

TEST_P(VfioUserOpenMessage, RefusedSaysWhy) {
  const OpenError error = open_error(GetParam(), [](Reply& reply) {
    resize(reply, 0);
    reply.fds.clear();
    reply.header.flags |= vfio_user::kFlagError;
    reply.header.error = EPERM;
    return Action::kSend;
  });
  EXPECT_EQ(error.fault, DeviceFault::kRefused);
  EXPECT_THAT(error.message, HasSubstr("not permitted"));
}

TEST_P(VfioUserOpenMessage, AnImpossibleReplyIsABreachOfProtocol) {
  const std::map<std::string, std::function<Action(Reply&)>> breaches = {
      {"another ID",
       [](Reply& reply) {
         ++reply.header.id;
         return Action::kSend;
       }},
      {"another command",
       [](Reply& reply) {
         reply.header.command = vfio_user::kDeviceReset;
         return Action::kSend;
       }},
      {"an unknown type",
       [](Reply& reply) {
         reply.header.flags = 7;
         return Action::kSend;
       }},
      {"a size below a header's",
       [](Reply& reply) {
         reply.header.size = 15;
         return Action::kSend;
       }},
      {"a size of 4 GiB",
       [](Reply& reply) {
         reply.header.size = 0xffffffff;
         return Action::kSend;
       }},
      {"two file descriptors",
       [](Reply& reply) {
         reply.fds = {0, 1};
         return Action::kSend;
       }},
      {"twenty file descriptors",
       [](Reply& reply) {
         reply.fds.assign(20, 0);
         return Action::kSend;
       }},
  };
  for (const auto& [name, breach] : breaches) {
    EXPECT_EQ(open_error(GetParam(), breach).fault, DeviceFault::kProtocol) << name;
  }
}

TEST_P(VfioUserOpenMessage, APayloadOfAnotherSizeIsABreachOfProtocol) {
  const OpenError error = open_error(GetParam(), [](Reply& reply) {
    resize(reply, 3);
    return Action::kSend;
  });
  EXPECT_EQ(error.fault, DeviceFault::kProtocol) << error.message;
}

TEST(VfioUserVersion, MustBeOurs) {
  for (const vfio_user::VersionBody version : {vfio_user::VersionBody{1, 0}, {0, 2}}) {
    const OpenError error = open_error(vfio_user::kVersion, [&](Reply& reply) {
      poke(reply, 0, version);
      return Action::kSend;
    });
    EXPECT_EQ(error.fault, DeviceFault::kProtocol);
    EXPECT_THAT(error.message, HasSubstr("in answer to 0.1"));
  }
}

TEST(VfioUserVersion, RefusesDataThatIsNoCapabilities) {
  for (const char* text :
       {"{", "[]", "7", "{\"capabilities\":3}", "{\"capabilities\":{\"max_msg_fds\":-1}}",
        "{\"capabilities\":{\"max_msg_fds\":\"many\"}}", "{\"capabilities\":{\"max_dma_maps\":0}}",
        "{\"capabilities\":{\"max_data_xfer_size\":1}}"}) {
    const OpenError error = open_error(vfio_user::kVersion, [&](Reply& reply) {
      set_text(reply, std::string(text) + '\0');
      return Action::kSend;
    });
    EXPECT_EQ(error.fault, DeviceFault::kProtocol) << text;
  }
  const OpenError error = open_error(vfio_user::kVersion, [&](Reply& reply) {
    set_text(reply, "{}");
    return Action::kSend;
  });
  EXPECT_THAT(error.message, HasSubstr("without a NUL"));
}

TEST(VfioUserVersion, NeedsNoData) {
  FakeVfioServer server({.tamper = [](Command command, Reply& reply) {
    if (command == vfio_user::kVersion) {
      resize(reply, sizeof(vfio_user::VersionBody));
    }
    return Action::kSend;
  }});
  const VfioUserBus bus(server.path());
  EXPECT_EQ(bus.vectors(), 3u) << "one file descriptor a message is always possible";
}

TEST(VfioUserDevice, MustBeAPageCompressionEngine) {
  FakeVfioServer server;
  server.run([&] { server.config_space[PCI_DEVICE_ID] = std::byte{0x51}; });
  const OpenError error = open_error(server.path());
  EXPECT_EQ(error.fault, DeviceFault::kNotPresent);
  EXPECT_THAT(error.message, HasSubstr("PCI device 1234:5051"));
}

TEST(VfioUserDevice, MustBeAPciFunction) {
  const OpenError error = open_error(vfio_user::kDeviceGetInfo, [](Reply& reply) {
    poke(reply, offsetof(vfio_user::DeviceInfoBody, flags), std::uint32_t{0});
    return Action::kSend;
  });
  EXPECT_EQ(error.fault, DeviceFault::kNotPresent);
}

TEST(VfioUserDevice, RefusesARingOfCapabilities) {
  FakeVfioServer server;
  server.run([&] { server.config_space[0x41] = std::byte{0x40}; });
  const OpenError error = open_error(server.path());
  EXPECT_EQ(error.fault, DeviceFault::kProtocol);
  EXPECT_THAT(error.message, HasSubstr("has no end"));
}

TEST(VfioUserRegion, RefusesWhatCannotBe) {
  struct Wrong {
    const char* what;
    std::size_t at;
    std::uint64_t value;
    std::size_t bytes;
  };
  constexpr std::size_t kSparse = sizeof(vfio_region_info) + sizeof(vfio_region_info_cap_type);
  constexpr std::size_t kArea = kSparse + sizeof(vfio_region_info_cap_sparse_mmap);
  for (const Wrong& wrong : {
           Wrong{"another index", offsetof(vfio_region_info, index), 3, 4},
           {"a small BAR0", offsetof(vfio_region_info, size), 0x1000, 8},
           {"read-only", offsetof(vfio_region_info, flags), VFIO_REGION_INFO_FLAG_READ, 4},
           {"capabilities before their place", offsetof(vfio_region_info, cap_offset), 8, 4},
           {"capabilities behind the message", offsetof(vfio_region_info, cap_offset), 4096, 4},
           {"capabilities at an odd place", offsetof(vfio_region_info, cap_offset), 33, 4},
           {"a ring of capabilities", sizeof(vfio_region_info) + 4, 32, 4},
           {"more areas than bytes", kSparse + 8, 1000, 4},
           {"an area that is no page", kArea, 0x100010, 8},
           {"an empty area", kArea + 8, 0, 8},
           {"an area outside of the region", kArea, 0x200000, 8},
           {"an area that wraps", kArea + 8, ~std::uint64_t{0xfff}, 8},
           {"doorbells behind the file", offsetof(vfio_region_info, offset), 0x100000, 8},
           {"a file offset that wraps", offsetof(vfio_region_info, offset), ~std::uint64_t{0}, 8},
       }) {
    const OpenError error = open_error(vfio_user::kDeviceGetRegionInfo, [&](Reply& reply) {
      if (wrong.bytes == 8) {
        poke(reply, wrong.at, wrong.value);
      } else {
        poke(reply, wrong.at, static_cast<std::uint32_t>(wrong.value));
      }
      return Action::kSend;
    });
    EXPECT_EQ(error.fault, DeviceFault::kProtocol) << wrong.what << ": " << error.message;
  }
}

}  // namespace
}  // namespace pagepress
