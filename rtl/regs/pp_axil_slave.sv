// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// AXI4-Lite slave in front of the registers: a write is one cycle of wr_en_o, a
/// read takes rd_data_i in the cycle after its address came (no read has a side effect), or
/// later: in the first cycle without rd_hold_i. Address and data of a write may come in either
/// order; writes go on while a read is held.
///
/// **Limitations**
/// - One write and one read at a time; every access is answered OKAY, since
///   reserved registers read 0 and ignore writes.
/// - Address bits below the word are ignored.
module pp_axil_slave #(
  parameter int unsigned ADDR_W = 21
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic [ADDR_W-1:0] s_axil_awaddr_i,
  input  logic              s_axil_awvalid_i,
  output logic              s_axil_awready_o,
  input  logic [31:0]       s_axil_wdata_i,
  input  logic [3:0]        s_axil_wstrb_i,
  input  logic              s_axil_wvalid_i,
  output logic              s_axil_wready_o,
  output logic [1:0]        s_axil_bresp_o,
  output logic              s_axil_bvalid_o,
  input  logic              s_axil_bready_i,
  input  logic [ADDR_W-1:0] s_axil_araddr_i,
  input  logic              s_axil_arvalid_i,
  output logic              s_axil_arready_o,
  output logic [31:0]       s_axil_rdata_o,
  output logic [1:0]        s_axil_rresp_o,
  output logic              s_axil_rvalid_o,
  input  logic              s_axil_rready_i,

  output logic              wr_en_o,    // never with all strobes clear
  output logic [ADDR_W-1:0] wr_addr_o,
  output logic [31:0]       wr_data_o,
  output logic [3:0]        wr_strb_o,
  output logic [ADDR_W-1:0] rd_addr_o,
  input  logic [31:0]       rd_data_i,
  input  logic              rd_hold_i,  // what rd_addr_o names is not there yet
  output logic              busy_o      // an access is under way
);

  logic              aw_held_q;
  logic [ADDR_W-1:0] aw_addr_q;
  logic              w_held_q;
  logic [31:0]       w_data_q;
  logic [3:0]        w_strb_q;
  logic              b_valid_q;
  logic              ar_held_q;
  logic [ADDR_W-1:0] ar_addr_q;
  logic              r_valid_q;
  logic [31:0]       r_data_q;
  logic              write;
  logic              read;

  assign write = aw_held_q && w_held_q && !b_valid_q;
  assign read  = ar_held_q && !r_valid_q && !rd_hold_i;

  assign s_axil_awready_o = !aw_held_q;
  assign s_axil_wready_o  = !w_held_q;
  assign s_axil_bresp_o   = 2'b00;
  assign s_axil_bvalid_o  = b_valid_q;
  assign s_axil_arready_o = !ar_held_q;
  assign s_axil_rdata_o   = r_data_q;
  assign s_axil_rresp_o   = 2'b00;
  assign s_axil_rvalid_o  = r_valid_q;

  assign wr_en_o   = write && w_strb_q != '0;
  assign wr_addr_o = aw_addr_q;
  assign wr_data_o = w_data_q;
  assign wr_strb_o = w_strb_q;
  assign rd_addr_o = ar_addr_q;
  assign busy_o    = aw_held_q || w_held_q || b_valid_q || ar_held_q || r_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_held_q <= 1'b0;
      aw_addr_q <= '0;
      w_held_q  <= 1'b0;
      w_data_q  <= '0;
      w_strb_q  <= '0;
      b_valid_q <= 1'b0;
      ar_held_q <= 1'b0;
      ar_addr_q <= '0;
      r_valid_q <= 1'b0;
      r_data_q  <= '0;
    end else begin
      if (s_axil_awvalid_i && !aw_held_q) begin
        aw_held_q <= 1'b1;
        aw_addr_q <= s_axil_awaddr_i;
      end else if (write) begin
        aw_held_q <= 1'b0;
      end
      if (s_axil_wvalid_i && !w_held_q) begin
        w_held_q <= 1'b1;
        w_data_q <= s_axil_wdata_i;
        w_strb_q <= s_axil_wstrb_i;
      end else if (write) begin
        w_held_q <= 1'b0;
      end
      if (write) b_valid_q <= 1'b1;
      else if (s_axil_bready_i) b_valid_q <= 1'b0;

      if (s_axil_arvalid_i && !ar_held_q) begin
        ar_held_q <= 1'b1;
        ar_addr_q <= s_axil_araddr_i;
      end else if (read) begin
        ar_held_q <= 1'b0;
      end
      if (read) begin
        r_valid_q <= 1'b1;
        r_data_q  <= rd_data_i;
      end else if (s_axil_rready_i) begin
        r_valid_q <= 1'b0;
      end
    end
  end

endmodule

`default_nettype wire
