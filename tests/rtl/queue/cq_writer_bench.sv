// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the completion writer with its records as single ports.
module cq_writer_bench #(
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [31:0]              now_i,
  input  logic [NUM_QUEUES-1:0]    clear_i,
  input  logic [NUM_QUEUES-1:0]    abort_i,
  input  logic [64*NUM_QUEUES-1:0] base_i,
  input  logic [4*NUM_QUEUES-1:0]  log2_i,
  input  logic [16*NUM_QUEUES-1:0] sq_head_i,
  output logic [16*NUM_QUEUES-1:0] cq_tail_o,
  output logic [NUM_QUEUES-1:0]    dead_o,
  input  logic                     done_valid_i,
  output logic                     done_ready_o,
  input  logic [63:0]              unit_tag_i,
  input  logic [7:0]               unit_qid_i,
  input  logic [15:0]              unit_index_i,
  input  logic [31:0]              unit_start_i,
  input  logic [31:0]              unit_src_len_i,
  input  logic                     unit_irq_i,
  input  logic [7:0]               res_status_i,
  input  logic [3:0]               res_detail_i,
  input  logic                     res_raw_i,
  input  logic [12:0]              res_out_len_i,
  input  logic [31:0]              res_crc32c_i,
  input  logic [63:0]              res_info_i,
  input  logic [31:0]              res_cycles_i,
  input  logic                     res_list_fault_i,
  input  logic                     res_engine_error_i,
  input  logic                     res_on_engine_i,
  input  logic [6:0]               res_engine_i,
  output logic                     req_valid_o,
  input  logic                     req_ready_i,
  output logic [63:0]              req_addr_o,
  output logic [255:0]             req_data_o,
  input  logic                     resp_valid_i,
  input  logic                     resp_error_i,
  output logic [NUM_QUEUES-1:0]    completed_o,
  output logic [NUM_QUEUES-1:0]    irq_event_o,
  output logic                     err_valid_o,
  output logic [7:0]               err_cond_o,
  output logic [15:0]              err_qid_o,
  output logic [31:0]              err_index_o,
  output logic [63:0]              err_addr_o,
  output logic                     unit_err_valid_o,
  output logic [7:0]               unit_err_cond_o,
  output logic [15:0]              unit_err_qid_o,
  output logic [31:0]              unit_err_index_o,
  output logic [63:0]              unit_err_addr_o,
  output logic                     stat_valid_o,
  input  logic                     stat_ready_i,
  output logic [7:0]               stat_qid_o,
  output logic                     stat_on_engine_o,
  output logic [6:0]               stat_engine_o,
  output logic [7:0]               stat_status_o,
  output logic [31:0]              stat_bytes_in_o,
  output logic [31:0]              stat_bytes_out_o,
  output logic [31:0]              stat_latency_o,
  output logic                     busy_o
);

  pp_queue_pkg::unit_t   unit;
  pp_queue_pkg::result_t result;
  pp_queue_pkg::error_t  err;
  pp_queue_pkg::error_t  unit_err;
  pp_queue_pkg::stat_t   stat;

  assign unit.tag            = unit_tag_i;
  assign unit.qid            = unit_qid_i;
  assign unit.index          = unit_index_i;
  assign unit.start          = unit_start_i;
  assign unit.src_len        = unit_src_len_i;
  assign unit.irq            = unit_irq_i;
  assign result.status       = res_status_i;
  assign result.detail       = res_detail_i;
  assign result.raw          = res_raw_i;
  assign result.out_len      = res_out_len_i;
  assign result.crc32c       = res_crc32c_i;
  assign result.info         = res_info_i;
  assign result.cycles       = res_cycles_i;
  assign result.list_fault   = res_list_fault_i;
  assign result.engine_error = res_engine_error_i;
  assign result.on_engine    = res_on_engine_i;
  assign result.engine       = res_engine_i;

  pp_cq_writer #(
    .NUM_QUEUES(NUM_QUEUES)
  ) i_dut (
    .clk_i,
    .rst_ni,
    .now_i,
    .clear_i,
    .abort_i,
    .base_i,
    .log2_i,
    .sq_head_i,
    .cq_tail_o,
    .dead_o,
    .done_valid_i,
    .done_ready_o,
    .done_unit_i  (unit),
    .done_result_i(result),
    .req_valid_o,
    .req_ready_i,
    .req_addr_o,
    .req_data_o,
    .resp_valid_i,
    .resp_error_i,
    .completed_o,
    .irq_event_o,
    .err_valid_o,
    .err_o        (err),
    .unit_err_valid_o,
    .unit_err_o   (unit_err),
    .stat_valid_o,
    .stat_ready_i,
    .stat_o       (stat),
    .busy_o
  );

  assign err_cond_o       = err.cond;
  assign err_qid_o        = err.qid;
  assign err_index_o      = err.index;
  assign err_addr_o       = err.addr;
  assign unit_err_cond_o  = unit_err.cond;
  assign unit_err_qid_o   = unit_err.qid;
  assign unit_err_index_o = unit_err.index;
  assign unit_err_addr_o  = unit_err.addr;
  assign stat_qid_o       = stat.qid;
  assign stat_on_engine_o = stat.on_engine;
  assign stat_engine_o    = stat.engine;
  assign stat_status_o    = stat.status;
  assign stat_bytes_in_o  = stat.bytes_in;
  assign stat_bytes_out_o = stat.bytes_out;
  assign stat_latency_o   = stat.latency;

endmodule

`default_nettype wire
