// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The AXI4 read channels: arbitrates bursts of several clients onto AR and hands R
/// beats back by transaction ID, which is the client's number. Client 0 (descriptors)
/// goes first, as its bursts are few and everything waits for them; the others take
/// turns.
///
/// **Limitations**
/// - R is always taken: a client asks for a burst only when it has room for it.
/// - Bursts of one client return in the order of their requests, as AXI4 demands
///   of equal IDs; between clients any order and interleaving is taken.
/// - INCR bursts of whole beats; the clients keep them inside 4 KiB.
module pp_axi_read #(
  parameter int unsigned DATA_W  = 256,
  parameter int unsigned ID_W    = 4,
  parameter int unsigned ADDR_W  = 64,
  parameter int unsigned CLIENTS = 2    // 2 .. 2^ID_W
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      quiesce_i,  // grant nothing more; what was granted goes on
  output logic                      idle_o,     // nothing outstanding

  input  logic [CLIENTS-1:0]        req_valid_i,
  output logic [CLIENTS-1:0]        req_ready_o,  // of at most one client; depends on req_valid_i
  input  logic [CLIENTS*ADDR_W-1:0] req_addr_i,
  input  logic [CLIENTS*8-1:0]      req_len_i,    // beats - 1

  output logic [CLIENTS-1:0]        beat_valid_o,
  output logic [DATA_W-1:0]         beat_data_o,   // of whichever client's beat is valid
  output logic                      beat_error_o,  // SLVERR or DECERR
  output logic                      beat_last_o,   // of its burst

  output logic [ID_W-1:0]           m_axi_arid_o,
  output logic [ADDR_W-1:0]         m_axi_araddr_o,
  output logic [7:0]                m_axi_arlen_o,
  output logic                      m_axi_arvalid_o,
  input  logic                      m_axi_arready_i,
  input  logic [ID_W-1:0]           m_axi_rid_i,
  input  logic [DATA_W-1:0]         m_axi_rdata_i,
  input  logic [1:0]                m_axi_rresp_i,
  input  logic                      m_axi_rlast_i,
  input  logic                      m_axi_rvalid_i,
  output logic                      m_axi_rready_o
);

  // ---- Whose turn it is: the lowest client above the one served last, else the lowest
  logic [CLIENTS-1:0] above_q;  // clients that come before the ones below them
  logic [CLIENTS-1:0] wanted;
  logic [CLIENTS-1:0] chosen;   // one-hot
  logic [ADDR_W-1:0]  chosen_addr;
  logic [7:0]         chosen_len;
  logic [ID_W-1:0]    chosen_id;

  always_comb begin
    wanted = req_valid_i & above_q;
    if (wanted == '0) wanted = req_valid_i;
    chosen = wanted & (~wanted + 1'b1);  // the lowest bit
    if (req_valid_i[0]) chosen = CLIENTS'(1);
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
  end

  // ---- Addresses
  logic              ar_valid_q;
  logic [ID_W-1:0]   ar_id_q;
  logic [ADDR_W-1:0] ar_addr_q;
  logic [7:0]        ar_len_q;
  logic [9:0]        outstanding_q;  // bursts granted whose last beat has not come
  logic              can_grant;
  logic              grant;
  logic              last_beat;

  assign can_grant   = (!ar_valid_q || m_axi_arready_i) && !quiesce_i && !outstanding_q[9];
  assign req_ready_o = can_grant ? chosen : '0;
  assign grant       = can_grant && req_valid_i != '0;
  assign last_beat   = m_axi_rvalid_i && m_axi_rlast_i;
  assign idle_o      = outstanding_q == '0;

  assign m_axi_arid_o    = ar_id_q;
  assign m_axi_araddr_o  = ar_addr_q;
  assign m_axi_arlen_o   = ar_len_q;
  assign m_axi_arvalid_o = ar_valid_q;
  assign m_axi_rready_o  = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      above_q       <= '0;
      ar_valid_q    <= 1'b0;
      ar_id_q       <= '0;
      ar_addr_q     <= '0;
      ar_len_q      <= '0;
      outstanding_q <= '0;
    end else begin
      if (grant) begin
        ar_valid_q <= 1'b1;
        ar_id_q    <= chosen_id;
        ar_addr_q  <= chosen_addr;
        ar_len_q   <= chosen_len;
        // All bits above the one chosen. Client 0 takes nobody's turn.
        if (!chosen[0]) above_q <= ~(chosen | (chosen - 1'b1));
      end else if (m_axi_arready_i) begin
        ar_valid_q <= 1'b0;
      end
      if (grant && !last_beat) outstanding_q <= outstanding_q + 1'b1;
      else if (!grant && last_beat) outstanding_q <= outstanding_q - 1'b1;
    end
  end

  // ---- Data
  always_comb begin
    for (int unsigned c = 0; c < CLIENTS; c++) begin
      beat_valid_o[c] = m_axi_rvalid_i && m_axi_rid_i == ID_W'(c);
    end
  end
  assign beat_data_o  = m_axi_rdata_i;
  assign beat_error_o = m_axi_rresp_i[1];
  assign beat_last_o  = m_axi_rlast_i;

  // EXOKAY never comes for a normal access: bit 1 alone tells an error.
  logic unused_resp;
  assign unused_resp = m_axi_rresp_i[0];

  `PP_ASSERT(ResponseWasAskedFor, !(m_axi_rvalid_i && outstanding_q == '0))
  `PP_ASSERT(KnownId, !(m_axi_rvalid_i && 32'(m_axi_rid_i) >= CLIENTS))
  `PP_ASSERT(Inside4K, !(ar_valid_q &&
      (13'(ar_addr_q[11:0]) + 13'(ar_len_q) * 13'(DATA_W / 8)) > 13'd4095))

endmodule

`default_nettype wire
