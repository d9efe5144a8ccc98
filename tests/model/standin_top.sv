// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A small design with pagepress_top's ports, for tests of the SystemC wrapper:
/// registers that start single AXI bursts and a log of what the buses did in which
/// cycle. tests/model/standin.hpp drives it.
///
/// Registers:
/// - 0x00 scratch; 0x04 cycles since reset (RO)
/// - 0x08, 0x0c address of the next burst
/// - 0x10 command: id[3:0], beats-1 [11:4], write [12], data before address [13],
///   burst type FIXED [14]. Byte i of a write burst is i plus the scratch register
/// - 0x14, 0x18 strobes of a write's first and last beat
/// - 0x1c when R and B are taken: one bit a cycle, of 32 in turn
/// - 0x20 log index; 0x24, 0x28, 0x2c the entry: event, first and last data word; 0x30 entries
/// - 0x34 interrupt: one cycle with these vectors
/// - 0x38 failure: 1 $fatal, 2 $finish, 3 assertion
/// - 0x3c answers SLVERR, 0x40 answers DECERR
/// - 0x44 stay busy for so many cycles, then send interrupt 0
///
/// **Limitations**: 8 commands may wait; the log holds 1024 entries.
module standin_top #(
  parameter int unsigned NUM_VECTORS = 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [20:0]  s_axil_awaddr_i,
  input  logic         s_axil_awvalid_i,
  output logic         s_axil_awready_o,
  input  logic [31:0]  s_axil_wdata_i,
  /* verilator lint_off UNUSED */ // whole words only
  input  logic [3:0]   s_axil_wstrb_i,
  /* verilator lint_on UNUSED */
  input  logic         s_axil_wvalid_i,
  output logic         s_axil_wready_o,
  output logic [1:0]   s_axil_bresp_o,
  output logic         s_axil_bvalid_o,
  input  logic         s_axil_bready_i,
  input  logic [20:0]  s_axil_araddr_i,
  input  logic         s_axil_arvalid_i,
  output logic         s_axil_arready_o,
  output logic [31:0]  s_axil_rdata_o,
  output logic [1:0]   s_axil_rresp_o,
  output logic         s_axil_rvalid_o,
  input  logic         s_axil_rready_i,
  output logic [3:0]   m_axi_awid_o,
  output logic [63:0]  m_axi_awaddr_o,
  output logic [7:0]   m_axi_awlen_o,
  output logic [2:0]   m_axi_awsize_o,
  output logic [1:0]   m_axi_awburst_o,
  output logic         m_axi_awvalid_o,
  input  logic         m_axi_awready_i,
  output logic [255:0] m_axi_wdata_o,
  output logic [31:0]  m_axi_wstrb_o,
  output logic         m_axi_wlast_o,
  output logic         m_axi_wvalid_o,
  input  logic         m_axi_wready_i,
  input  logic [3:0]   m_axi_bid_i,
  input  logic [1:0]   m_axi_bresp_i,
  input  logic         m_axi_bvalid_i,
  output logic         m_axi_bready_o,
  output logic [3:0]   m_axi_arid_o,
  output logic [63:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  input  logic [3:0]   m_axi_rid_i,
  /* verilator lint_off UNUSED */ // the log keeps the first and the last word
  input  logic [255:0] m_axi_rdata_i,
  /* verilator lint_on UNUSED */
  input  logic [1:0]   m_axi_rresp_i,
  input  logic         m_axi_rlast_i,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o,
  output logic [NUM_VECTORS-1:0] irq_o,
  output logic         busy_o
);

  logic [31:0] cycle_q, scratch_q, strobe_first_q, strobe_last_q, ready_q, busy_for_q;
  logic [63:0] addr_q;
  logic [9:0]  log_index_q;

  // ---- Commands
  typedef struct packed {
    logic        fixed;
    logic        data_first;
    logic        write;
    logic [7:0]  len;
    logic [3:0]  id;
    logic [63:0] addr;
  } command_t;

  command_t    fifo_q[8];
  logic [3:0]  fifo_wr_q, fifo_rd_q;
  command_t    command;
  logic        command_valid;
  logic        command_done;

  assign command       = fifo_q[fifo_rd_q[2:0]];
  assign command_valid = fifo_wr_q != fifo_rd_q;

  // ---- Registers
  logic        reg_write, reg_read;
  logic [20:0] waddr, raddr;
  logic [31:0] wdata;

  assign reg_write        = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_bvalid_o;
  assign reg_read         = s_axil_arvalid_i && !s_axil_rvalid_o;
  assign s_axil_awready_o = reg_write;
  assign s_axil_wready_o  = reg_write;
  assign s_axil_arready_o = reg_read;
  assign waddr            = s_axil_awaddr_i;
  assign raddr            = s_axil_araddr_i;
  assign wdata            = s_axil_wdata_i;

  // ---- Log
  localparam logic [2:0] LOG_R = 0, LOG_B = 1, LOG_AR = 2, LOG_AW = 3, LOG_WLAST = 4;

  logic [95:0] log_q[1024];
  logic [10:0] log_count_q;
  logic        log_en[5];
  logic [95:0] log_entry[5];
  logic        ar_done, aw_done, w_done, r_done, b_done;

  // Entry: kind[31:29], last[28], resp[27:26], id[23:20], cycle[19:0]; data words.
  function automatic logic [31:0] event_word(logic [2:0] kind, logic last, logic [1:0] resp,
                                             logic [3:0] id, logic [19:0] cycle);
    return {kind, last, resp, 2'b0, id, cycle};
  endfunction

  always_comb begin
    log_en[0]    = r_done;
    log_entry[0] = {m_axi_rdata_i[255:224], m_axi_rdata_i[31:0],
                    event_word(LOG_R, m_axi_rlast_i, m_axi_rresp_i, m_axi_rid_i, cycle_q[19:0])};
    log_en[1]    = b_done;
    log_entry[1] = {64'b0, event_word(LOG_B, 1'b1, m_axi_bresp_i, m_axi_bid_i, cycle_q[19:0])};
    log_en[2]    = ar_done;
    log_entry[2] = {64'b0, event_word(LOG_AR, 1'b1, 2'b0, m_axi_arid_o, cycle_q[19:0])};
    log_en[3]    = aw_done;
    log_entry[3] = {64'b0, event_word(LOG_AW, 1'b1, 2'b0, m_axi_awid_o, cycle_q[19:0])};
    log_en[4]    = w_done && m_axi_wlast_o;
    log_entry[4] = {64'b0, event_word(LOG_WLAST, 1'b1, 2'b0, m_axi_awid_o, cycle_q[19:0])};
  end

  // ---- Bursts: one command at a time, its response may come later
  logic       addr_sent_q, data_sent_q;
  logic [7:0] beat_q;
  logic [7:0] reads_open_q, writes_open_q;

  assign ar_done = m_axi_arvalid_o && m_axi_arready_i;
  assign aw_done = m_axi_awvalid_o && m_axi_awready_i;
  assign w_done  = m_axi_wvalid_o && m_axi_wready_i;
  assign r_done  = m_axi_rvalid_i && m_axi_rready_o;
  assign b_done  = m_axi_bvalid_i && m_axi_bready_o;

  assign m_axi_arvalid_o = command_valid && !command.write;
  assign m_axi_arid_o    = command.id;
  assign m_axi_araddr_o  = command.addr;
  assign m_axi_arlen_o   = command.len;
  assign m_axi_arsize_o  = 3'd5;
  assign m_axi_arburst_o = command.fixed ? 2'b00 : 2'b01;
  assign m_axi_awvalid_o = command_valid && command.write && !addr_sent_q
                           && (!command.data_first || data_sent_q);
  assign m_axi_awid_o    = command.id;
  assign m_axi_awaddr_o  = command.addr;
  assign m_axi_awlen_o   = command.len;
  assign m_axi_awsize_o  = 3'd5;
  assign m_axi_awburst_o = command.fixed ? 2'b00 : 2'b01;
  assign m_axi_wvalid_o  = command_valid && command.write && !data_sent_q;
  assign m_axi_wlast_o   = beat_q == command.len;
  assign m_axi_rready_o  = ready_q[cycle_q[4:0]];
  assign m_axi_bready_o  = ready_q[cycle_q[4:0]];

  always_comb begin
    m_axi_wstrb_o = '1;
    if (beat_q == 0) m_axi_wstrb_o &= strobe_first_q;
    if (m_axi_wlast_o) m_axi_wstrb_o &= strobe_last_q;
    for (int i = 0; i < 32; i++) begin
      m_axi_wdata_o[8*i +: 8] = 8'({beat_q[2:0], 5'b0}) + 8'(i) + scratch_q[7:0];
    end
  end

  assign command_done = command.write
      ? (addr_sent_q || aw_done) && (data_sent_q || (w_done && m_axi_wlast_o))
      : ar_done;

  assign busy_o = command_valid || reads_open_q != 0 || writes_open_q != 0 || busy_for_q != 0
                  || s_axil_bvalid_o || s_axil_rvalid_o || irq_o != 0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cycle_q         <= '0;
      scratch_q       <= '0;
      strobe_first_q  <= '1;
      strobe_last_q   <= '1;
      ready_q         <= '1;
      busy_for_q      <= '0;
      addr_q          <= '0;
      log_index_q     <= '0;
      log_count_q     <= '0;
      fifo_wr_q       <= '0;
      fifo_rd_q       <= '0;
      addr_sent_q     <= 1'b0;
      data_sent_q     <= 1'b0;
      beat_q          <= '0;
      reads_open_q    <= '0;
      writes_open_q   <= '0;
      irq_o           <= '0;
      s_axil_bvalid_o <= 1'b0;
      s_axil_bresp_o  <= '0;
      s_axil_rvalid_o <= 1'b0;
      s_axil_rresp_o  <= '0;
      s_axil_rdata_o  <= '0;
    end else begin
      cycle_q     <= cycle_q + 1;
      log_count_q <= log_at[5];
      irq_o   <= '0;
      if (busy_for_q != 0) begin
        busy_for_q <= busy_for_q - 1;
        if (busy_for_q == 1) irq_o <= NUM_VECTORS'(1);
      end

      if (s_axil_bvalid_o && s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
      if (reg_write) begin
        s_axil_bvalid_o <= 1'b1;
        s_axil_bresp_o  <= waddr == 21'h3c ? 2'b10 : waddr == 21'h40 ? 2'b11 : 2'b00;
        case (waddr)
          21'h00: scratch_q <= wdata;
          21'h08: addr_q[31:0] <= wdata;
          21'h0c: addr_q[63:32] <= wdata;
          21'h10: begin
            fifo_q[fifo_wr_q[2:0]] <= {wdata[14:12], wdata[11:4], wdata[3:0], addr_q};
            fifo_wr_q <= fifo_wr_q + 1;
          end
          21'h14: strobe_first_q <= wdata;
          21'h18: strobe_last_q <= wdata;
          21'h1c: ready_q <= wdata;
          21'h20: log_index_q <= wdata[9:0];
          21'h34: irq_o <= wdata[NUM_VECTORS-1:0];
          21'h38: begin
            if (wdata == 1) $fatal(1, "stand-in: asked to fail");
            if (wdata == 2) $finish;
            stays_sound: assert (wdata != 3);
          end
          21'h44: busy_for_q <= wdata;
          default: ;
        endcase
      end

      if (s_axil_rvalid_o && s_axil_rready_i) s_axil_rvalid_o <= 1'b0;
      if (reg_read) begin
        s_axil_rvalid_o <= 1'b1;
        s_axil_rresp_o  <= raddr == 21'h3c ? 2'b10 : raddr == 21'h40 ? 2'b11 : 2'b00;
        case (raddr)
          21'h00: s_axil_rdata_o <= scratch_q;
          21'h04: s_axil_rdata_o <= cycle_q;
          21'h24: s_axil_rdata_o <= log_q[log_index_q][31:0];
          21'h28: s_axil_rdata_o <= log_q[log_index_q][63:32];
          21'h2c: s_axil_rdata_o <= log_q[log_index_q][95:64];
          21'h30: s_axil_rdata_o <= 32'(log_count_q);
          default: s_axil_rdata_o <= '0;
        endcase
      end

      if (aw_done) addr_sent_q <= 1'b1;
      if (w_done) begin
        beat_q <= beat_q + 1;
        if (m_axi_wlast_o) data_sent_q <= 1'b1;
      end
      if (command_valid && command_done) begin
        fifo_rd_q   <= fifo_rd_q + 1;
        addr_sent_q <= 1'b0;
        data_sent_q <= 1'b0;
        beat_q      <= '0;
      end
      reads_open_q  <= reads_open_q + 8'(ar_done) - 8'(r_done && m_axi_rlast_i);
      writes_open_q <= writes_open_q + 8'(aw_done) - 8'(b_done);
    end
  end

  // The log: entries of one cycle in the order of their kinds.
  logic [10:0] log_at[6];
  always_comb begin
    log_at[0] = log_count_q;
    for (int k = 0; k < 5; k++) log_at[k+1] = log_at[k] + 11'(log_en[k]);
  end
  always_ff @(posedge clk_i) begin
    for (int k = 0; k < 5; k++) begin
      if (log_en[k]) log_q[log_at[k][9:0]] <= log_entry[k];
    end
  end

  no_overflow: assert property (@(posedge clk_i) !log_count_q[10]);

endmodule

`default_nettype wire
