// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The AXI4 write channels: arbitrates bursts of several clients onto AW and W and
/// hands responses back by ID, which is the client's number. Clients 0 .. CLIENTS-1
/// write units and take turns; completions have ID CLIENTS, are 32 bytes in one beat,
/// and go first.
///
/// A burst's data is offered as soon as the burst is granted, whether its address has
/// been taken or not: a slave may wait for both before it takes either (AXI4, A3.3.1).
///
/// **Limitations**
/// - A unit's burst holds the W channel until its client has given the beats; clients
///   ask for a burst when they have them, so that this cannot block.
/// - B is always taken.
/// - INCR bursts of whole beats; the clients keep them inside 4 KiB. A completion in a
///   wider beat is written by strobes.
module pp_axi_write #(
  parameter int unsigned DATA_W  = 256,  // 256 or 512
  parameter int unsigned ID_W    = 4,
  parameter int unsigned ADDR_W  = 64,
  parameter int unsigned CLIENTS = 1     // 1 .. 2^ID_W - 1
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        quiesce_i,  // grant nothing more; what was granted goes on
  output logic                        idle_o,     // nothing outstanding

  input  logic [CLIENTS-1:0]          req_valid_i,
  output logic [CLIENTS-1:0]          req_ready_o,  // of at most one client; depends on req_valid_i
  input  logic [CLIENTS*ADDR_W-1:0]   req_addr_i,
  input  logic [CLIENTS*8-1:0]        req_len_i,    // beats - 1
  input  logic [CLIENTS-1:0]          beat_valid_i,
  output logic [CLIENTS-1:0]          beat_ready_o,
  input  logic [CLIENTS*DATA_W-1:0]   beat_data_i,
  input  logic [CLIENTS*DATA_W/8-1:0] beat_strb_i,
  output logic [CLIENTS-1:0]          resp_valid_o,

  input  logic                        cq_req_valid_i,
  output logic                        cq_req_ready_o,
  input  logic [ADDR_W-1:0]           cq_req_addr_i,  // a multiple of 32
  input  logic [255:0]                cq_req_data_i,
  output logic                        cq_resp_valid_o,

  output logic                        resp_error_o,  // of whichever response is valid

  output logic [ID_W-1:0]             m_axi_awid_o,
  output logic [ADDR_W-1:0]           m_axi_awaddr_o,
  output logic [7:0]                  m_axi_awlen_o,
  output logic                        m_axi_awvalid_o,
  input  logic                        m_axi_awready_i,
  output logic [DATA_W-1:0]           m_axi_wdata_o,
  output logic [DATA_W/8-1:0]         m_axi_wstrb_o,
  output logic                        m_axi_wlast_o,
  output logic                        m_axi_wvalid_o,
  input  logic                        m_axi_wready_i,
  input  logic [ID_W-1:0]             m_axi_bid_i,
  input  logic [1:0]                  m_axi_bresp_i,
  input  logic                        m_axi_bvalid_i,
  output logic                        m_axi_bready_o
);

  localparam int unsigned BEAT_LOG2 = $clog2(DATA_W / 8);
  localparam int unsigned HALVES    = DATA_W / 256;  // completions that a beat has room for

  if (DATA_W != 256 && DATA_W != 512) begin : gen_bad_width
    $error("DATA_W must be 256 or 512");
  end

  // ---- Whose turn it is: the lowest client above the one served last, else the lowest
  logic [CLIENTS-1:0] above_q;  // clients that come before the ones below them
  logic [CLIENTS-1:0] wanted;
  logic [CLIENTS-1:0] chosen;   // one-hot; none while a completion waits
  logic [ADDR_W-1:0]  chosen_addr;
  logic [7:0]         chosen_len;
  logic [ID_W-1:0]    chosen_id;

  always_comb begin
    wanted = req_valid_i & above_q;
    if (wanted == '0) wanted = req_valid_i;
    chosen = cq_req_valid_i ? '0 : wanted & (~wanted + 1'b1);  // the lowest bit
    chosen_addr = '0;
    chosen_len  = '0;
    chosen_id   = '0;
    for (int unsigned c = 0; c < CLIENTS; c++) begin
      if (chosen[c]) begin
        chosen_addr |= req_addr_i[c*ADDR_W +: ADDR_W];
        chosen_len  |= req_len_i[c*8 +: 8];
        chosen_id   |= ID_W'(c);
      end
    end
    if (cq_req_valid_i) begin
      chosen_addr = {cq_req_addr_i[ADDR_W-1:BEAT_LOG2], {BEAT_LOG2{1'b0}}};
      chosen_id   = ID_W'(CLIENTS);
    end
  end

  // ---- Addresses
  logic              aw_valid_q;
  logic [ID_W-1:0]   aw_id_q;
  logic [ADDR_W-1:0] aw_addr_q;
  logic [7:0]        aw_len_q;
  logic [9:0]        outstanding_q;  // bursts granted whose response has not come
  logic              cq_data_ready;
  logic              order_ready;
  logic              can_grant;
  logic              grant;

  // A new address goes in only when the register is empty: one in two cycles is plenty.
  assign can_grant      = !aw_valid_q && order_ready && !quiesce_i && !outstanding_q[9];
  assign cq_req_ready_o = can_grant && cq_data_ready;
  assign req_ready_o    = can_grant ? chosen : '0;
  assign grant          = (cq_req_valid_i && cq_req_ready_o) || req_ready_o != '0;
  assign idle_o         = outstanding_q == '0;

  assign m_axi_awid_o    = aw_id_q;
  assign m_axi_awaddr_o  = aw_addr_q;
  assign m_axi_awlen_o   = aw_len_q;
  assign m_axi_awvalid_o = aw_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      above_q       <= '0;
      aw_valid_q    <= 1'b0;
      aw_id_q       <= '0;
      aw_addr_q     <= '0;
      aw_len_q      <= '0;
      outstanding_q <= '0;
    end else begin
      if (grant) begin
        aw_valid_q <= 1'b1;
        aw_id_q    <= chosen_id;
        aw_addr_q  <= chosen_addr;
        aw_len_q   <= chosen_len;
        // All bits above the one chosen. A completion takes nobody's turn.
        if (!cq_req_valid_i) above_q <= ~(chosen | (chosen - 1'b1));
      end else if (m_axi_awready_i) begin
        aw_valid_q <= 1'b0;
      end
      if (grant && !m_axi_bvalid_i) outstanding_q <= outstanding_q + 1'b1;
      else if (!grant && m_axi_bvalid_i) outstanding_q <= outstanding_q - 1'b1;
    end
  end

  // ---- Data, in the order of the addresses
  logic               order_valid;
  logic               order_cq;
  logic [CLIENTS-1:0] order_client;  // one-hot; 0 for a completion
  logic [7:0]         order_len;
  logic               cq_data_valid;
  logic [255:0]       cq_data;
  logic [HALVES-1:0]  cq_half;       // one-hot: where in the beat
  logic [7:0]         beat_q;
  logic               w_valid_q;
  logic               w_last_q;
  logic [DATA_W-1:0]   w_data_q;
  logic [DATA_W/8-1:0] w_strb_q;
  logic [DATA_W-1:0]   next_data;
  logic [DATA_W/8-1:0] next_strb;
  logic               next_valid;
  logic               w_room;
  logic               load;
  logic               load_last;
  logic [HALVES-1:0]  cq_req_half;

  if (HALVES == 1) begin : gen_whole
    assign cq_req_half = 1'b1;
  end else begin : gen_half
    assign cq_req_half = {cq_req_addr_i[5], ~cq_req_addr_i[5]};
  end

  pp_fifo #(
    .WIDTH(CLIENTS + 8),
    .DEPTH(4)
  ) i_order (
    .clk_i,
    .rst_ni,
    .in_valid_i (grant),
    .in_ready_o (order_ready),
    .in_data_i  ({chosen, chosen_len}),
    .out_valid_o(order_valid),
    .out_ready_i(load && load_last),
    .out_data_o ({order_client, order_len})
  );

  pp_fifo #(
    .WIDTH(256 + HALVES),
    .DEPTH(4)
  ) i_cq_data (
    .clk_i,
    .rst_ni,
    .in_valid_i (cq_req_valid_i && can_grant),
    .in_ready_o (cq_data_ready),
    .in_data_i  ({cq_req_half, cq_req_data_i}),
    .out_valid_o(cq_data_valid),
    .out_ready_i(load && order_cq),
    .out_data_o ({cq_half, cq_data})
  );

  assign order_cq = order_client == '0;

  always_comb begin
    next_valid = order_cq && cq_data_valid;
    next_data  = {HALVES{cq_data}};
    next_strb  = '0;
    for (int unsigned h = 0; h < HALVES; h++) begin
      next_strb[h*32 +: 32] = {32{cq_half[h]}};
    end
    for (int unsigned c = 0; c < CLIENTS; c++) begin
      if (order_client[c]) begin
        next_valid = beat_valid_i[c];
        next_data  = beat_data_i[c*DATA_W +: DATA_W];
        next_strb  = beat_strb_i[c*DATA_W/8 +: DATA_W/8];
      end
    end
  end

  assign w_room       = !w_valid_q || m_axi_wready_i;
  assign load         = order_valid && w_room && next_valid;
  assign load_last    = beat_q == order_len;
  assign beat_ready_o = order_valid && w_room ? order_client : '0;

  assign m_axi_wdata_o  = w_data_q;
  assign m_axi_wstrb_o  = w_strb_q;
  assign m_axi_wlast_o  = w_last_q;
  assign m_axi_wvalid_o = w_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      w_valid_q <= 1'b0;
      w_last_q  <= 1'b0;
      w_data_q  <= '0;
      w_strb_q  <= '0;
    end else if (load) begin
      beat_q    <= load_last ? 8'd0 : beat_q + 1'b1;
      w_valid_q <= 1'b1;
      w_last_q  <= load_last;
      w_data_q  <= next_data;
      w_strb_q  <= next_strb;
    end else if (m_axi_wready_i) begin
      w_valid_q <= 1'b0;
    end
  end

  // ---- Responses
  assign m_axi_bready_o  = 1'b1;
  assign cq_resp_valid_o = m_axi_bvalid_i && m_axi_bid_i == ID_W'(CLIENTS);
  assign resp_error_o    = m_axi_bresp_i[1];

  always_comb begin
    for (int unsigned c = 0; c < CLIENTS; c++) begin
      resp_valid_o[c] = m_axi_bvalid_i && m_axi_bid_i == ID_W'(c);
    end
  end

  // EXOKAY never comes for a normal access: bit 1 alone tells an error. The address bits
  // inside a completion are 0.
  logic unused_bits;
  assign unused_bits = m_axi_bresp_i[0] ^ ^cq_req_addr_i[4:0];

  `PP_ASSERT(ResponseWasAskedFor, !(m_axi_bvalid_i && outstanding_q == '0))
  `PP_ASSERT(KnownId, !(m_axi_bvalid_i && 32'(m_axi_bid_i) > CLIENTS))
  `PP_ASSERT(OrderHasRoom, !(grant && !order_ready))
  `PP_ASSERT(CompletionAligned, !(cq_req_valid_i && cq_req_addr_i[4:0] != '0))
  `PP_ASSERT(Inside4K, !(aw_valid_q &&
      (13'(aw_addr_q[11:0]) + 13'(aw_len_q) * 13'(DATA_W / 8)) > 13'd4095))

endmodule

`default_nettype wire
