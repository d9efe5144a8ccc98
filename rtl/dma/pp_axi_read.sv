// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The AXI4 read channels: arbitrates bursts of two clients onto AR and hands R
/// beats back by transaction ID. Client 0 (descriptors) goes first, as its bursts
/// are few and everything waits for them; client 1 (pages) uses ID 1.
///
/// **Limitations**
/// - R is always taken: a client asks for a burst only when it has room for it.
/// - Bursts of one client return in the order of their requests, as AXI4 demands
///   of equal IDs; between clients any order and interleaving is taken.
/// - INCR bursts of whole beats; the clients keep them inside 4 KiB.
module pp_axi_read #(
  parameter int unsigned DATA_W = 256,
  parameter int unsigned ID_W   = 4,
  parameter int unsigned ADDR_W = 64
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              quiesce_i,  // grant nothing more; what was granted goes on
  output logic              idle_o,     // nothing outstanding

  input  logic              sq_req_valid_i,
  output logic              sq_req_ready_o,
  input  logic [ADDR_W-1:0] sq_req_addr_i,
  input  logic [7:0]        sq_req_len_i,  // beats - 1
  output logic              sq_beat_valid_o,

  input  logic              pg_req_valid_i,
  output logic              pg_req_ready_o,
  input  logic [ADDR_W-1:0] pg_req_addr_i,
  input  logic [7:0]        pg_req_len_i,
  output logic              pg_beat_valid_o,

  output logic [DATA_W-1:0] beat_data_o,   // of whichever client's beat is valid
  output logic              beat_error_o,  // SLVERR or DECERR

  output logic [ID_W-1:0]   m_axi_arid_o,
  output logic [ADDR_W-1:0] m_axi_araddr_o,
  output logic [7:0]        m_axi_arlen_o,
  output logic              m_axi_arvalid_o,
  input  logic              m_axi_arready_i,
  input  logic [ID_W-1:0]   m_axi_rid_i,
  input  logic [DATA_W-1:0] m_axi_rdata_i,
  input  logic [1:0]        m_axi_rresp_i,
  input  logic              m_axi_rlast_i,
  input  logic              m_axi_rvalid_i,
  output logic              m_axi_rready_o
);

  logic              ar_valid_q;
  logic              ar_page_q;
  logic [ADDR_W-1:0] ar_addr_q;
  logic [7:0]        ar_len_q;
  logic [9:0]        outstanding_q;  // bursts granted whose last beat has not come
  logic              can_grant;
  logic              grant;
  logic              last_beat;

  assign can_grant      = (!ar_valid_q || m_axi_arready_i) && !quiesce_i && !outstanding_q[9];
  assign sq_req_ready_o = can_grant;
  assign pg_req_ready_o = can_grant && !sq_req_valid_i;
  assign grant          = can_grant && (sq_req_valid_i || pg_req_valid_i);
  assign last_beat      = m_axi_rvalid_i && m_axi_rlast_i;
  assign idle_o         = outstanding_q == '0;

  assign m_axi_arid_o    = {{(ID_W - 1) {1'b0}}, ar_page_q};
  assign m_axi_araddr_o  = ar_addr_q;
  assign m_axi_arlen_o   = ar_len_q;
  assign m_axi_arvalid_o = ar_valid_q;
  assign m_axi_rready_o  = 1'b1;

  assign sq_beat_valid_o = m_axi_rvalid_i && m_axi_rid_i == '0;
  assign pg_beat_valid_o = m_axi_rvalid_i && m_axi_rid_i == ID_W'(1);
  assign beat_data_o     = m_axi_rdata_i;
  assign beat_error_o    = m_axi_rresp_i[1];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ar_valid_q    <= 1'b0;
      ar_page_q     <= 1'b0;
      ar_addr_q     <= '0;
      ar_len_q      <= '0;
      outstanding_q <= '0;
    end else begin
      if (grant) begin
        ar_valid_q <= 1'b1;
        ar_page_q  <= !sq_req_valid_i;
        ar_addr_q  <= sq_req_valid_i ? sq_req_addr_i : pg_req_addr_i;
        ar_len_q   <= sq_req_valid_i ? sq_req_len_i : pg_req_len_i;
      end else if (m_axi_arready_i) begin
        ar_valid_q <= 1'b0;
      end
      if (grant && !last_beat) outstanding_q <= outstanding_q + 1'b1;
      else if (!grant && last_beat) outstanding_q <= outstanding_q - 1'b1;
    end
  end

  // EXOKAY never comes for a normal access: bit 1 alone tells an error.
  logic unused_resp;
  assign unused_resp = m_axi_rresp_i[0];

  `PP_ASSERT(ResponseWasAskedFor, !(m_axi_rvalid_i && outstanding_q == '0))
  `PP_ASSERT(KnownId, !(m_axi_rvalid_i && m_axi_rid_i > ID_W'(1)))
  `PP_ASSERT(Inside4K, !(ar_valid_q &&
      (13'(ar_addr_q[11:0]) + 13'(ar_len_q) * 13'(DATA_W / 8)) > 13'd4095))

endmodule

`default_nettype wire
