// SPDX-License-Identifier: Apache-2.0
// Both checkers are in the pagepress_top of model/, which simulations run.
#include <Vpagepress_top.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/rtl/check/watched.hpp"

namespace pagepress::bench {
namespace {

TEST(BoundCheckers, WatchTheMasterPort) {
  Watched<Vpagepress_top> top;
  top.edge();
  ASSERT_EQ(top.complaints(), "");
  top->m_axi_rid_i = 1;
  top->m_axi_rvalid_i = 1;
  top.edge();
  const std::string complaints = top.complaints();
  EXPECT_NE(complaints.find("i_axi_checker"), std::string::npos) << complaints;
  EXPECT_NE(complaints.find("R of ID 1, which awaits none"), std::string::npos) << complaints;
}

TEST(BoundCheckers, WatchTheRegisterPort) {
  Watched<Vpagepress_top> top;
  top->rst_ni = 0;
  top->s_axil_arvalid_i = 1;
  top.edge();
  const std::string complaints = top.complaints();
  EXPECT_NE(complaints.find("i_axil_checker"), std::string::npos) << complaints;
  EXPECT_NE(complaints.find("ARVALID in reset"), std::string::npos) << complaints;
}

}  // namespace
}  // namespace pagepress::bench
