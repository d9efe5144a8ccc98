// SPDX-License-Identifier: Apache-2.0
// fault_campaign_rtl: random fault plans on the RTL.
#include "bench/faults/campaign.hpp"
#include "model/device/rtl_device.hpp"

int main(int argc, char** argv) {
  return pagepress::bench::run_campaign(argc, argv,
                                        []() -> std::unique_ptr<pagepress::model::Device> {
                                          return std::make_unique<pagepress::model::RtlDevice>(
                                              "device", pagepress::model::make_pagepress_top());
                                        });
}
