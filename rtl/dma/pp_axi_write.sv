// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The AXI4 write channels: arbitrates bursts of two clients onto AW and W and
/// hands responses back by ID. Client 0 (ID 0) writes pages, client 1 (ID 1)
/// writes completions of one beat and goes first.
///
/// A burst's data is offered as soon as the burst is granted, whether its address has
/// been taken or not: a slave may wait for both before it takes either (AXI4, A3.3.1).
///
/// **Limitations**
/// - A page burst holds the W channel until the engine has given its beats; the
///   engine does not wait for completions, so that this cannot block for ever.
/// - B is always taken.
/// - INCR bursts of whole beats; the clients keep them inside 4 KiB.
module pp_axi_write #(
  parameter int unsigned DATA_W = 256,
  parameter int unsigned ID_W   = 4,
  parameter int unsigned ADDR_W = 64
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                quiesce_i,  // grant nothing more; what was granted goes on
  output logic                idle_o,     // nothing outstanding

  input  logic                pg_req_valid_i,
  output logic                pg_req_ready_o,
  input  logic [ADDR_W-1:0]   pg_req_addr_i,
  input  logic [7:0]          pg_req_len_i,  // beats - 1
  input  logic                pg_beat_valid_i,
  output logic                pg_beat_ready_o,
  input  logic [DATA_W-1:0]   pg_beat_data_i,
  input  logic [DATA_W/8-1:0] pg_beat_strb_i,
  output logic                pg_resp_valid_o,

  input  logic                cq_req_valid_i,
  output logic                cq_req_ready_o,
  input  logic [ADDR_W-1:0]   cq_req_addr_i,
  input  logic [DATA_W-1:0]   cq_req_data_i,
  output logic                cq_resp_valid_o,

  output logic                resp_error_o,  // of whichever client's response is valid

  output logic [ID_W-1:0]     m_axi_awid_o,
  output logic [ADDR_W-1:0]   m_axi_awaddr_o,
  output logic [7:0]          m_axi_awlen_o,
  output logic                m_axi_awvalid_o,
  input  logic                m_axi_awready_i,
  output logic [DATA_W-1:0]   m_axi_wdata_o,
  output logic [DATA_W/8-1:0] m_axi_wstrb_o,
  output logic                m_axi_wlast_o,
  output logic                m_axi_wvalid_o,
  input  logic                m_axi_wready_i,
  input  logic [ID_W-1:0]     m_axi_bid_i,
  input  logic [1:0]          m_axi_bresp_i,
  input  logic                m_axi_bvalid_i,
  output logic                m_axi_bready_o
);

  // ---- Addresses
  logic              aw_valid_q;
  logic              aw_cq_q;
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
  assign pg_req_ready_o = can_grant && !cq_req_valid_i;
  assign grant          = (cq_req_valid_i && cq_req_ready_o) || (pg_req_valid_i && pg_req_ready_o);
  assign idle_o         = outstanding_q == '0;

  assign m_axi_awid_o    = {{(ID_W - 1) {1'b0}}, aw_cq_q};
  assign m_axi_awaddr_o  = aw_addr_q;
  assign m_axi_awlen_o   = aw_len_q;
  assign m_axi_awvalid_o = aw_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_valid_q    <= 1'b0;
      aw_cq_q       <= 1'b0;
      aw_addr_q     <= '0;
      aw_len_q      <= '0;
      outstanding_q <= '0;
    end else begin
      if (grant) begin
        aw_valid_q <= 1'b1;
        aw_cq_q    <= cq_req_valid_i;
        aw_addr_q  <= cq_req_valid_i ? cq_req_addr_i : pg_req_addr_i;
        aw_len_q   <= cq_req_valid_i ? 8'd0 : pg_req_len_i;
      end else if (m_axi_awready_i) begin
        aw_valid_q <= 1'b0;
      end
      if (grant && !m_axi_bvalid_i) outstanding_q <= outstanding_q + 1'b1;
      else if (!grant && m_axi_bvalid_i) outstanding_q <= outstanding_q - 1'b1;
    end
  end

  // ---- Data, in the order of the addresses
  logic              order_valid;
  logic              order_cq;
  logic [7:0]        order_len;
  logic              cq_data_valid;
  logic [DATA_W-1:0] cq_data;
  logic [7:0]        beat_q;
  logic              w_valid_q;
  logic              w_last_q;
  logic [DATA_W-1:0]   w_data_q;
  logic [DATA_W/8-1:0] w_strb_q;
  logic              w_room;
  logic              load;
  logic              load_last;

  pp_fifo #(
    .WIDTH(9),
    .DEPTH(4)
  ) i_order (
    .clk_i,
    .rst_ni,
    .in_valid_i (grant),
    .in_ready_o (order_ready),
    .in_data_i  ({cq_req_valid_i, cq_req_valid_i ? 8'd0 : pg_req_len_i}),
    .out_valid_o(order_valid),
    .out_ready_i(load && load_last),
    .out_data_o ({order_cq, order_len})
  );

  pp_fifo #(
    .WIDTH(DATA_W),
    .DEPTH(4)
  ) i_cq_data (
    .clk_i,
    .rst_ni,
    .in_valid_i (cq_req_valid_i && can_grant),
    .in_ready_o (cq_data_ready),
    .in_data_i  (cq_req_data_i),
    .out_valid_o(cq_data_valid),
    .out_ready_i(load && order_cq),
    .out_data_o (cq_data)
  );

  assign w_room          = !w_valid_q || m_axi_wready_i;
  assign load            = order_valid && w_room && (order_cq ? cq_data_valid : pg_beat_valid_i);
  assign load_last       = beat_q == order_len;
  assign pg_beat_ready_o = order_valid && !order_cq && w_room;

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
      w_data_q  <= order_cq ? cq_data : pg_beat_data_i;
      w_strb_q  <= order_cq ? '1 : pg_beat_strb_i;
    end else if (m_axi_wready_i) begin
      w_valid_q <= 1'b0;
    end
  end

  // ---- Responses
  assign m_axi_bready_o  = 1'b1;
  assign pg_resp_valid_o = m_axi_bvalid_i && m_axi_bid_i == '0;
  assign cq_resp_valid_o = m_axi_bvalid_i && m_axi_bid_i == ID_W'(1);
  assign resp_error_o    = m_axi_bresp_i[1];

  // EXOKAY never comes for a normal access: bit 1 alone tells an error.
  logic unused_resp;
  assign unused_resp = m_axi_bresp_i[0];

  `PP_ASSERT(ResponseWasAskedFor, !(m_axi_bvalid_i && outstanding_q == '0))
  `PP_ASSERT(KnownId, !(m_axi_bvalid_i && m_axi_bid_i > ID_W'(1)))
  `PP_ASSERT(OrderHasRoom, !(grant && !order_ready))
  `PP_ASSERT(Inside4K, !(aw_valid_q &&
      (13'(aw_addr_q[11:0]) + 13'(aw_len_q) * 13'(DATA_W / 8)) > 13'd4095))

endmodule

`default_nettype wire
