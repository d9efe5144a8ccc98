// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_check.svh"

/// Watches an AXI4 port and stops the simulation when either side breaks the protocol
/// or the rules that docs/abi.md gives the device's master. Simulation only: pp_bind.sv
/// puts it into every Verilated pagepress_top.
///
///   both sides  valid is 0 in reset, and once 1 stays with its payload until ready
///   AR, AW      INCR bursts of whole aligned beats, at most MAX_BEATS, inside 4 KiB
///   W           data in the order of the addresses, only of bursts whose AWVALID has
///               been shown, WLAST on the last announced beat and no other
///   B           one for each burst, by ID, after its address and its last beat
///   R           beats of the oldest burst of their ID, RLAST on the last announced one
///   B, R        no EXOKAY, as nothing asks for exclusive access
///
/// **Limitations**
/// - It samples at the rising edge: what changes between two edges is not seen.
/// - WSTRB may be anything. What the strobes must not touch, the benches know.
/// - OUTSTANDING bursts of a direction may be on their way (of an ID, for reads); more
///   is reported, though AXI allows it.
/// - An answer in the very cycle in which its request is taken counts as unasked.
/// - No rule waits for something to happen: a bus that hangs is the benches' to see.
module pp_axi_checker #(
  parameter int unsigned DATA_W      = 256,
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned ID_W        = 4,
  parameter int unsigned MAX_BEATS   = 256,
  parameter int unsigned OUTSTANDING = 256  // a power of two
) (
  input logic                clk_i,
  input logic                rst_ni,

  input logic [ID_W-1:0]     awid_i,
  input logic [ADDR_W-1:0]   awaddr_i,
  input logic [7:0]          awlen_i,
  input logic [2:0]          awsize_i,
  input logic [1:0]          awburst_i,
  input logic                awvalid_i,
  input logic                awready_i,
  input logic [DATA_W-1:0]   wdata_i,
  input logic [DATA_W/8-1:0] wstrb_i,
  input logic                wlast_i,
  input logic                wvalid_i,
  input logic                wready_i,
  input logic [ID_W-1:0]     bid_i,
  input logic [1:0]          bresp_i,
  input logic                bvalid_i,
  input logic                bready_i,
  input logic [ID_W-1:0]     arid_i,
  input logic [ADDR_W-1:0]   araddr_i,
  input logic [7:0]          arlen_i,
  input logic [2:0]          arsize_i,
  input logic [1:0]          arburst_i,
  input logic                arvalid_i,
  input logic                arready_i,
  input logic [ID_W-1:0]     rid_i,
  input logic [DATA_W-1:0]   rdata_i,
  input logic [1:0]          rresp_i,
  input logic                rlast_i,
  input logic                rvalid_i,
  input logic                rready_i
);

  // One process looks at everything in the order in which it becomes legal, so that its
  // state is variables. Reset is looked at on the clock: rules about it need no edge.
  /* verilator lint_off BLKSEQ */
  /* verilator lint_off SYNCASYNCNET */

  localparam int unsigned IDS     = 1 << ID_W;
  localparam int unsigned BEAT_B  = DATA_W / 8;
  localparam int unsigned SIZE    = $clog2(BEAT_B);
  localparam int unsigned SLOT_W  = $clog2(OUTSTANDING);
  localparam logic [1:0]  INCR    = 2'b01;
  localparam logic [1:0]  EXOKAY  = 2'b01;

  int unsigned violations_q;

  // What was offered and not taken in the cycle before.
  logic                aw_held_q;
  logic                w_held_q;
  logic                b_held_q;
  logic                ar_held_q;
  logic                r_held_q;
  logic [ID_W-1:0]     awid_q;
  logic [ADDR_W-1:0]   awaddr_q;
  logic [12:0]         awrest_q;
  logic [DATA_W-1:0]   wdata_q;
  logic [DATA_W/8-1:0] wstrb_q;
  logic                wlast_q;
  logic [ID_W-1:0]     bid_q;
  logic [1:0]          bresp_q;
  logic [ID_W-1:0]     arid_q;
  logic [ADDR_W-1:0]   araddr_q;
  logic [12:0]         arrest_q;
  logic [ID_W-1:0]     rid_q;
  logic [DATA_W-1:0]   rdata_q;
  logic [1:0]          rresp_q;
  logic                rlast_q;

  // Write bursts in order; the counts run free. A burst is announced by its AWVALID,
  // taken with AWREADY, complete with its last beat, due when it is both.
  logic [ID_W-1:0]     wr_id   [OUTSTANDING];
  logic [7:0]          wr_len  [OUTSTANDING];
  logic [31:0]         announced_q;
  logic [31:0]         taken_q;
  logic [31:0]         complete_q;
  logic [31:0]         due_q;
  logic [31:0]         answered_q;
  logic [8:0]          wr_beat_q;
  logic [31:0]         b_due   [IDS];

  // Read bursts of each ID in order.
  logic [7:0]          rd_len  [IDS*OUTSTANDING];
  logic [31:0]         rd_asked[IDS];
  logic [31:0]         rd_done [IDS];
  logic [8:0]          rd_beat [IDS];

  logic [ID_W-1:0] id;  // scratch

  always @(posedge clk_i) begin : check
    if (!rst_ni) begin
      `PP_RULE(!awvalid_i, ("AWVALID in reset"))
      `PP_RULE(!wvalid_i, ("WVALID in reset"))
      `PP_RULE(!bvalid_i, ("BVALID in reset"))
      `PP_RULE(!arvalid_i, ("ARVALID in reset"))
      `PP_RULE(!rvalid_i, ("RVALID in reset"))
      aw_held_q   = 1'b0;
      w_held_q    = 1'b0;
      b_held_q    = 1'b0;
      ar_held_q   = 1'b0;
      r_held_q    = 1'b0;
      announced_q = '0;
      taken_q     = '0;
      complete_q  = '0;
      due_q       = '0;
      answered_q  = '0;
      wr_beat_q   = '0;
      for (int unsigned i = 0; i < IDS; i++) begin
        b_due[i]    = '0;
        rd_asked[i] = '0;
        rd_done[i]  = '0;
        rd_beat[i]  = '0;
      end
    end else begin
      // ---- Answers, before what is asked in this cycle
      if (b_held_q) begin
        `PP_RULE(bvalid_i, ("BVALID withdrawn before BREADY"))
        `PP_RULE(bid_i == bid_q && bresp_i == bresp_q, ("B changed before BREADY"))
      end else if (bvalid_i) begin
        `PP_RULE(b_due[bid_i] != '0, ("B of ID %0d, which awaits none", bid_i))
        `PP_RULE(bresp_i != EXOKAY, ("EXOKAY to a write of ID %0d", bid_i))
      end
      if (bvalid_i && bready_i && b_due[bid_i] != '0) begin
        b_due[bid_i] = b_due[bid_i] - 1;
        answered_q   = answered_q + 1;
      end
      b_held_q = bvalid_i && !bready_i;
      if (b_held_q) begin
        bid_q   = bid_i;
        bresp_q = bresp_i;
      end

      if (r_held_q) begin
        `PP_RULE(rvalid_i, ("RVALID withdrawn before RREADY"))
        `PP_RULE(rid_i == rid_q && rdata_i == rdata_q && rresp_i == rresp_q && rlast_i == rlast_q,
                 ("R changed before RREADY"))
      end else if (rvalid_i) begin
        id = rid_i;
        `PP_RULE(rd_asked[id] != rd_done[id], ("R of ID %0d, which awaits none", id))
        `PP_RULE(rd_asked[id] == rd_done[id] ||
                 rlast_i == (rd_beat[id][7:0] == rd_len[{id, rd_done[id][SLOT_W-1:0]}]),
                 ("RLAST %0d on beat %0d of %0d, ID %0d", rlast_i, rd_beat[id] + 9'd1,
                  9'(rd_len[{id, rd_done[id][SLOT_W-1:0]}]) + 9'd1, id))
        `PP_RULE(rresp_i != EXOKAY, ("EXOKAY to a read of ID %0d", id))
      end
      if (rvalid_i && rready_i) begin
        id          = rid_i;
        rd_beat[id] = rd_beat[id] + 1;
        if (rlast_i) begin
          rd_beat[id] = '0;
          if (rd_asked[id] != rd_done[id]) rd_done[id] = rd_done[id] + 1;
        end
      end
      r_held_q = rvalid_i && !rready_i;
      if (r_held_q) begin
        rid_q   = rid_i;
        rdata_q = rdata_i;
        rresp_q = rresp_i;
        rlast_q = rlast_i;
      end

      // ---- Addresses
      if (ar_held_q) begin
        `PP_RULE(arvalid_i, ("ARVALID withdrawn before ARREADY"))
        `PP_RULE(arid_i == arid_q && araddr_i == araddr_q &&
                 {arlen_i, arsize_i, arburst_i} == arrest_q, ("AR changed before ARREADY"))
      end else if (arvalid_i) begin
        `PP_RULE(arburst_i == INCR, ("ARBURST %0d, not INCR", arburst_i))
        `PP_RULE(arsize_i == 3'(SIZE), ("ARSIZE %0d, not the bus's width", arsize_i))
        `PP_RULE(araddr_i[SIZE-1:0] == '0, ("read at 0x%h, not a whole beat", araddr_i))
        `PP_RULE(32'(arlen_i) < MAX_BEATS, ("read burst of %0d beats", 9'(arlen_i) + 9'd1))
        `PP_RULE(32'(araddr_i[11:0]) + (32'(arlen_i) + 1) * BEAT_B <= 4096,
                 ("read of %0d beats at 0x%h crosses 4 KiB", 9'(arlen_i) + 9'd1, araddr_i))
      end
      if (arvalid_i && arready_i) begin
        id = arid_i;
        `PP_RULE(rd_asked[id] - rd_done[id] < OUTSTANDING, ("too many reads of ID %0d", id))
        rd_len[{id, rd_asked[id][SLOT_W-1:0]}] = arlen_i;
        rd_asked[id] = rd_asked[id] + 1;
      end
      ar_held_q = arvalid_i && !arready_i;
      if (ar_held_q) begin
        arid_q   = arid_i;
        araddr_q = araddr_i;
        arrest_q = {arlen_i, arsize_i, arburst_i};
      end

      if (aw_held_q) begin
        `PP_RULE(awvalid_i, ("AWVALID withdrawn before AWREADY"))
        `PP_RULE(awid_i == awid_q && awaddr_i == awaddr_q &&
                 {awlen_i, awsize_i, awburst_i} == awrest_q, ("AW changed before AWREADY"))
      end else if (awvalid_i) begin
        `PP_RULE(awburst_i == INCR, ("AWBURST %0d, not INCR", awburst_i))
        `PP_RULE(awsize_i == 3'(SIZE), ("AWSIZE %0d, not the bus's width", awsize_i))
        `PP_RULE(awaddr_i[SIZE-1:0] == '0, ("write at 0x%h, not a whole beat", awaddr_i))
        `PP_RULE(32'(awlen_i) < MAX_BEATS, ("write burst of %0d beats", 9'(awlen_i) + 9'd1))
        `PP_RULE(32'(awaddr_i[11:0]) + (32'(awlen_i) + 1) * BEAT_B <= 4096,
                 ("write of %0d beats at 0x%h crosses 4 KiB", 9'(awlen_i) + 9'd1, awaddr_i))
        `PP_RULE(announced_q - answered_q < OUTSTANDING, ("too many writes"))
        wr_id[announced_q[SLOT_W-1:0]]  = awid_i;
        wr_len[announced_q[SLOT_W-1:0]] = awlen_i;
        announced_q = announced_q + 1;
      end
      if (awvalid_i && awready_i) taken_q = taken_q + 1;
      aw_held_q = awvalid_i && !awready_i;
      if (aw_held_q) begin
        awid_q   = awid_i;
        awaddr_q = awaddr_i;
        awrest_q = {awlen_i, awsize_i, awburst_i};
      end

      // ---- Data, after the address of this cycle
      if (w_held_q) begin
        `PP_RULE(wvalid_i, ("WVALID withdrawn before WREADY"))
        `PP_RULE(wdata_i == wdata_q && wstrb_i == wstrb_q && wlast_i == wlast_q,
                 ("W changed before WREADY"))
      end else if (wvalid_i) begin
        `PP_RULE(announced_q != complete_q, ("data of no write burst"))
        `PP_RULE(announced_q == complete_q ||
                 wlast_i == (wr_beat_q[7:0] == wr_len[complete_q[SLOT_W-1:0]]),
                 ("WLAST %0d on beat %0d of %0d", wlast_i, wr_beat_q + 9'd1,
                  9'(wr_len[complete_q[SLOT_W-1:0]]) + 9'd1))
      end
      if (wvalid_i && wready_i) begin
        wr_beat_q = wr_beat_q + 1;
        if (wlast_i) begin
          wr_beat_q = '0;
          if (announced_q != complete_q) complete_q = complete_q + 1;
        end
      end
      w_held_q = wvalid_i && !wready_i;
      if (w_held_q) begin
        wdata_q = wdata_i;
        wstrb_q = wstrb_i;
        wlast_q = wlast_i;
      end
      if (due_q != taken_q && due_q != complete_q) begin
        id        = wr_id[due_q[SLOT_W-1:0]];
        b_due[id] = b_due[id] + 1;
        due_q     = due_q + 1;
      end
    end
  end

endmodule

`default_nettype wire
