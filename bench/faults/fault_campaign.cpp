// SPDX-License-Identifier: Apache-2.0
// fault_campaign: random fault plans on the fast device.
#include "bench/faults/campaign.hpp"
#include "model/device/fast_device.hpp"

int main(int argc, char** argv) {
  return pagepress::bench::run_campaign(
      argc, argv, []() -> std::unique_ptr<pagepress::model::Device> {
        return std::make_unique<pagepress::model::FastDevice>("device");
      });
}
