// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_check.svh"

/// Watches an AXI4-Lite port and stops the simulation when either side breaks the
/// protocol. Simulation only: pp_bind.sv puts it into every Verilated pagepress_top.
///
///   every channel  valid is 0 in reset, and once 1 stays with its payload until ready
///   B              one for each write, after its address and its data were both taken
///   R              one for each read, after its address was taken
///   B, R           no EXOKAY
///
/// **Limitations**
/// - It samples at the rising edge: what changes between two edges is not seen.
/// - Addresses and strobes may be anything.
/// - An answer in the very cycle in which its request is taken counts as unasked.
/// - No rule waits for something to happen: a bus that hangs is the benches' to see.
module pp_axil_checker #(
  parameter int unsigned ADDR_W = 21,
  parameter int unsigned DATA_W = 32
) (
  input logic                clk_i,
  input logic                rst_ni,

  input logic [ADDR_W-1:0]   awaddr_i,
  input logic                awvalid_i,
  input logic                awready_i,
  input logic [DATA_W-1:0]   wdata_i,
  input logic [DATA_W/8-1:0] wstrb_i,
  input logic                wvalid_i,
  input logic                wready_i,
  input logic [1:0]          bresp_i,
  input logic                bvalid_i,
  input logic                bready_i,
  input logic [ADDR_W-1:0]   araddr_i,
  input logic                arvalid_i,
  input logic                arready_i,
  input logic [DATA_W-1:0]   rdata_i,
  input logic [1:0]          rresp_i,
  input logic                rvalid_i,
  input logic                rready_i
);

  // As in pp_axi_checker: one process, whose state is variables.
  /* verilator lint_off BLKSEQ */
  /* verilator lint_off SYNCASYNCNET */

  localparam logic [1:0] EXOKAY = 2'b01;

  int unsigned violations_q;

  // What was offered and not taken in the cycle before.
  logic                aw_held_q;
  logic                w_held_q;
  logic                b_held_q;
  logic                ar_held_q;
  logic                r_held_q;
  logic [ADDR_W-1:0]   awaddr_q;
  logic [DATA_W-1:0]   wdata_q;
  logic [DATA_W/8-1:0] wstrb_q;
  logic [1:0]          bresp_q;
  logic [ADDR_W-1:0]   araddr_q;
  logic [DATA_W-1:0]   rdata_q;
  logic [1:0]          rresp_q;

  // Taken so far, each running free; answered writes never exceed either of theirs.
  logic [31:0] aw_q;
  logic [31:0] w_q;
  logic [31:0] b_q;
  logic [31:0] ar_q;
  logic [31:0] r_q;

  always @(posedge clk_i) begin : check
    if (!rst_ni) begin
      `PP_RULE(!awvalid_i, ("AWVALID in reset"))
      `PP_RULE(!wvalid_i, ("WVALID in reset"))
      `PP_RULE(!bvalid_i, ("BVALID in reset"))
      `PP_RULE(!arvalid_i, ("ARVALID in reset"))
      `PP_RULE(!rvalid_i, ("RVALID in reset"))
      aw_held_q = 1'b0;
      w_held_q  = 1'b0;
      b_held_q  = 1'b0;
      ar_held_q = 1'b0;
      r_held_q  = 1'b0;
      aw_q      = '0;
      w_q       = '0;
      b_q       = '0;
      ar_q      = '0;
      r_q       = '0;
    end else begin
      // ---- Answers, before what is asked in this cycle
      if (b_held_q) begin
        `PP_RULE(bvalid_i, ("BVALID withdrawn before BREADY"))
        `PP_RULE(bresp_i == bresp_q, ("B changed before BREADY"))
      end else if (bvalid_i) begin
        `PP_RULE(b_q != aw_q && b_q != w_q, ("B without a write"))
        `PP_RULE(bresp_i != EXOKAY, ("EXOKAY to a write"))
      end
      if (bvalid_i && bready_i) b_q = b_q + 1;
      b_held_q = bvalid_i && !bready_i;
      if (b_held_q) bresp_q = bresp_i;

      if (r_held_q) begin
        `PP_RULE(rvalid_i, ("RVALID withdrawn before RREADY"))
        `PP_RULE(rdata_i == rdata_q && rresp_i == rresp_q, ("R changed before RREADY"))
      end else if (rvalid_i) begin
        `PP_RULE(r_q != ar_q, ("R without a read"))
        `PP_RULE(rresp_i != EXOKAY, ("EXOKAY to a read"))
      end
      if (rvalid_i && rready_i) r_q = r_q + 1;
      r_held_q = rvalid_i && !rready_i;
      if (r_held_q) begin
        rdata_q = rdata_i;
        rresp_q = rresp_i;
      end

      // ---- Requests
      if (aw_held_q) begin
        `PP_RULE(awvalid_i, ("AWVALID withdrawn before AWREADY"))
        `PP_RULE(awaddr_i == awaddr_q, ("AW changed before AWREADY"))
      end
      if (awvalid_i && awready_i) aw_q = aw_q + 1;
      aw_held_q = awvalid_i && !awready_i;
      awaddr_q  = awaddr_i;

      if (w_held_q) begin
        `PP_RULE(wvalid_i, ("WVALID withdrawn before WREADY"))
        `PP_RULE(wdata_i == wdata_q && wstrb_i == wstrb_q, ("W changed before WREADY"))
      end
      if (wvalid_i && wready_i) w_q = w_q + 1;
      w_held_q = wvalid_i && !wready_i;
      wdata_q  = wdata_i;
      wstrb_q  = wstrb_i;

      if (ar_held_q) begin
        `PP_RULE(arvalid_i, ("ARVALID withdrawn before ARREADY"))
        `PP_RULE(araddr_i == araddr_q, ("AR changed before ARREADY"))
      end
      if (arvalid_i && arready_i) ar_q = ar_q + 1;
      ar_held_q = arvalid_i && !arready_i;
      araddr_q  = araddr_i;
    end
  end

endmodule

`default_nettype wire
