// SPDX-License-Identifier: Apache-2.0
// VerilatedTop<V>: an RtlTop from a Verilated class V with pagepress_top's
// ports. Included by the one .cpp file that makes a given top; see rtl_top.hpp.
//
// Each top has its own VerilatedContext, so that a failure in one does not
// finish another. Not to be included beside <systemc>: Verilator's headers would then
// take its time for theirs. A port of another width than the contract's does not compile.
#pragma once

#include <verilated.h>
#include <verilated_print.h>

#include <memory>
#include <string>

#include "model/device/rtl_top.hpp"

namespace pagepress::model {

template <class V>
class VerilatedTop final : public RtlTop {
 public:
  VerilatedTop() : context_(std::make_unique<VerilatedContext>()) {
    context_->fatalOnError(false);  // report to eval()'s caller; never abort()
    top_ = std::make_unique<V>(context_.get(), "top");
    V& t = *top_;
    RtlPins& p = pins_;
    p.clk = &t.clk_i;
    p.rst_n = &t.rst_ni;
    p.s_axil_awaddr = &t.s_axil_awaddr_i;
    p.s_axil_awvalid = &t.s_axil_awvalid_i;
    p.s_axil_awready = &t.s_axil_awready_o;
    p.s_axil_wdata = &t.s_axil_wdata_i;
    p.s_axil_wstrb = &t.s_axil_wstrb_i;
    p.s_axil_wvalid = &t.s_axil_wvalid_i;
    p.s_axil_wready = &t.s_axil_wready_o;
    p.s_axil_bresp = &t.s_axil_bresp_o;
    p.s_axil_bvalid = &t.s_axil_bvalid_o;
    p.s_axil_bready = &t.s_axil_bready_i;
    p.s_axil_araddr = &t.s_axil_araddr_i;
    p.s_axil_arvalid = &t.s_axil_arvalid_i;
    p.s_axil_arready = &t.s_axil_arready_o;
    p.s_axil_rdata = &t.s_axil_rdata_o;
    p.s_axil_rresp = &t.s_axil_rresp_o;
    p.s_axil_rvalid = &t.s_axil_rvalid_o;
    p.s_axil_rready = &t.s_axil_rready_i;
    p.m_axi_awid = &t.m_axi_awid_o;
    p.m_axi_awaddr = &t.m_axi_awaddr_o;
    p.m_axi_awlen = &t.m_axi_awlen_o;
    p.m_axi_awsize = &t.m_axi_awsize_o;
    p.m_axi_awburst = &t.m_axi_awburst_o;
    p.m_axi_awvalid = &t.m_axi_awvalid_o;
    p.m_axi_awready = &t.m_axi_awready_i;
    p.m_axi_wdata = &t.m_axi_wdata_o;
    p.m_axi_wlast = &t.m_axi_wlast_o;
    p.m_axi_wvalid = &t.m_axi_wvalid_o;
    p.m_axi_wready = &t.m_axi_wready_i;
    p.m_axi_bid = &t.m_axi_bid_i;
    p.m_axi_bresp = &t.m_axi_bresp_i;
    p.m_axi_bvalid = &t.m_axi_bvalid_i;
    p.m_axi_bready = &t.m_axi_bready_o;
    p.m_axi_arid = &t.m_axi_arid_o;
    p.m_axi_araddr = &t.m_axi_araddr_o;
    p.m_axi_arlen = &t.m_axi_arlen_o;
    p.m_axi_arsize = &t.m_axi_arsize_o;
    p.m_axi_arburst = &t.m_axi_arburst_o;
    p.m_axi_arvalid = &t.m_axi_arvalid_o;
    p.m_axi_arready = &t.m_axi_arready_i;
    p.m_axi_rid = &t.m_axi_rid_i;
    p.m_axi_rdata = &t.m_axi_rdata_i;
    p.m_axi_rresp = &t.m_axi_rresp_i;
    p.m_axi_rlast = &t.m_axi_rlast_i;
    p.m_axi_rvalid = &t.m_axi_rvalid_i;
    p.m_axi_rready = &t.m_axi_rready_o;
    p.busy = &t.busy_o;
    p.data_bytes = sizeof t.m_axi_wdata_o;
    static_assert(sizeof t.m_axi_wdata_o == sizeof t.m_axi_rdata_i && sizeof t.m_axi_wdata_o >= 8);
  }

  ~VerilatedTop() override {
    Verilated::threadContextp(context_.get());  // whom the design's scopes leave
    top_->final();
  }

  bool eval(std::uint64_t time) override {
    Verilated::threadContextp(context_.get());  // whom a failing assertion tells
    context_->time(time);
    top_->eval();
    pins_.m_axi_wstrb = top_->m_axi_wstrb_o;
    pins_.irq = top_->irq_o;
    return !context_->gotFinish();
  }

  std::string take_messages() override { return pp_take_verilated_messages(); }

 private:
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<V> top_;
};

}  // namespace pagepress::model
