// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the global registers and the counters behind the AXI4-Lite slave, as in
/// pagepress_top, with the error log's entry as single ports.
module regs_bench #(
  parameter int unsigned QUEUES  = 8,
  parameter int unsigned ENGINES = 2
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic [20:0]       s_axil_awaddr_i,
  input  logic              s_axil_awvalid_i,
  output logic              s_axil_awready_o,
  input  logic [31:0]       s_axil_wdata_i,
  input  logic [3:0]        s_axil_wstrb_i,
  input  logic              s_axil_wvalid_i,
  output logic              s_axil_wready_o,
  output logic [1:0]        s_axil_bresp_o,
  output logic              s_axil_bvalid_o,
  input  logic              s_axil_bready_i,
  input  logic [20:0]       s_axil_araddr_i,
  input  logic              s_axil_arvalid_i,
  output logic              s_axil_arready_o,
  output logic [31:0]       s_axil_rdata_o,
  output logic [1:0]        s_axil_rresp_o,
  output logic              s_axil_rvalid_o,
  input  logic              s_axil_rready_i,

  output logic              enable_o,
  output logic              reset_o,
  input  logic              resetting_i,
  input  logic              busy_i,
  output logic              err_pop_o,
  input  logic              err_valid_i,
  input  logic [7:0]        err_cond_i,
  input  logic [15:0]       err_qid_i,
  input  logic [31:0]       err_index_i,
  input  logic [63:0]       err_addr_i,
  input  logic              err_overflow_i,
  input  logic [31:0]       err_count_i,
  output logic              err_irq_enable_o,
  output logic              err_irq_mask_o,
  output logic [11:0]       err_irq_vector_o,

  input  logic              unit_valid_i,
  input  logic [7:0]        unit_qid_i,
  output logic [2:0]        unit_kind_o,
  output logic [31:0]       arg_o,
  input  logic              irq_valid_i,
  input  logic [7:0]        irq_qid_i,
  output logic              irq_drop_o,

  input  logic [QUEUES-1:0] received_i
);

  logic        wr_en;
  logic [20:0] wr_addr;
  logic [31:0] wr_data;
  logic [3:0]  wr_strb;
  logic [20:0] rd_addr;
  logic [31:0] rd_data;
  logic        rd_hold;
  logic        axil_busy;
  logic        sel_valid;
  logic [31:0] sel;
  logic        clear;
  logic [63:0] value;
  logic        hold;
  logic        done_ready;
  logic        counters_busy;
  pp_queue_pkg::error_t err;

  assign err.cond  = err_cond_i;
  assign err.qid   = err_qid_i;
  assign err.index = err_index_i;
  assign err.addr  = err_addr_i;

  pp_axil_slave #(
    .ADDR_W(21)
  ) i_axil (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr_i,
    .s_axil_awvalid_i,
    .s_axil_awready_o,
    .s_axil_wdata_i,
    .s_axil_wstrb_i,
    .s_axil_wvalid_i,
    .s_axil_wready_o,
    .s_axil_bresp_o,
    .s_axil_bvalid_o,
    .s_axil_bready_i,
    .s_axil_araddr_i,
    .s_axil_arvalid_i,
    .s_axil_arready_o,
    .s_axil_rdata_o,
    .s_axil_rresp_o,
    .s_axil_rvalid_o,
    .s_axil_rready_i,
    .wr_en_o  (wr_en),
    .wr_addr_o(wr_addr),
    .wr_data_o(wr_data),
    .wr_strb_o(wr_strb),
    .rd_addr_o(rd_addr),
    .rd_data_i(rd_data),
    .rd_hold_i(rd_hold && rd_addr[20:12] == '0),
    .busy_o   (axil_busy)
  );

  pp_global_regs #(
    .NUM_QUEUES (QUEUES),
    .NUM_ENGINES(ENGINES)
  ) i_globals (
    .clk_i,
    .rst_ni,
    .wr_sel_i        (wr_en && wr_addr[20:12] == '0),
    .wr_offset_i     (wr_addr[11:0]),
    .wr_data_i       (wr_data),
    .wr_strb_i       (wr_strb),
    .rd_offset_i     (rd_addr[11:0]),
    .rd_data_o       (rd_data),
    .rd_hold_o       (rd_hold),
    .enable_o,
    .reset_o,
    .resetting_i,
    .busy_i,
    .err_pop_o,
    .err_valid_i,
    .err_i           (err),
    .err_overflow_i,
    .err_count_i,
    .err_irq_enable_o,
    .err_irq_mask_o,
    .err_irq_vector_o,
    .inj_unit_valid_i(unit_valid_i),
    .inj_unit_qid_i  (unit_qid_i),
    .inj_unit_kind_o (unit_kind_o),
    .inj_arg_o       (arg_o),
    .inj_irq_valid_i (irq_valid_i),
    .inj_irq_qid_i   (irq_qid_i),
    .inj_irq_drop_o  (irq_drop_o),
    .perf_sel_valid_o(sel_valid),
    .perf_sel_o      (sel),
    .perf_clear_o    (clear),
    .perf_value_i    (value),
    .perf_hold_i     (hold)
  );

  pp_counters #(
    .QUEUES (QUEUES),
    .ENGINES(ENGINES)
  ) i_counters (
    .clk_i,
    .rst_ni,
    .received_i,
    .irq_i             ('0),
    .err_irq_i         (1'b0),
    .done_valid_i      (1'b0),
    .done_ready_o      (done_ready),
    .done_qid_i        ('0),
    .done_engine_i     ('0),
    .done_on_engine_i  (1'b0),
    .done_status_i     ('0),
    .done_bytes_in_i   ('0),
    .done_bytes_out_i  ('0),
    .done_latency_i    ('0),
    .queue_busy_i      ('0),
    .queue_stall_i     ('0),
    .engine_busy_i     ('0),
    .engine_stall_in_i ('0),
    .engine_stall_out_i('0),
    .sel_valid_i       (sel_valid),
    .sel_i             (sel),
    .value_o           (value),
    .hold_o            (hold),
    .clear_i           (clear),
    .busy_o            (counters_busy)
  );

  logic unused_bits;
  assign unused_bits = ^{axil_busy, done_ready, counters_busy};

endmodule

`default_nettype wire
