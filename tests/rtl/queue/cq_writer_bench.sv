// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the completion writer with its records as single ports.
module cq_writer_bench (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic [63:0]  base_i,
  input  logic [3:0]   log2_i,
  input  logic [15:0]  cq_head_i,
  output logic [15:0]  cq_tail_o,
  input  logic [15:0]  sq_head_i,
  input  logic         done_valid_i,
  output logic         done_ready_o,
  input  logic [63:0]  done_tag_i,
  input  logic [12:0]  done_out_len_i,
  input  logic [31:0]  done_crc32c_i,
  input  logic [63:0]  done_info_i,
  input  logic [31:0]  done_cycles_i,
  input  logic [7:0]   done_status_i,
  input  logic [3:0]   done_detail_i,
  input  logic         done_irq_i,
  input  logic         done_has_data_i,
  input  logic         write_valid_i,
  output logic         write_ready_o,
  input  logic         write_fault_i,
  input  logic [63:0]  write_addr_i,
  output logic         req_valid_o,
  input  logic         req_ready_i,
  output logic [63:0]  req_addr_o,
  output logic [255:0] req_data_o,
  input  logic         resp_valid_i,
  input  logic         resp_error_i,
  output logic         completed_o,
  output logic         irq_event_o,
  output logic         err_valid_o,
  output logic [15:0]  err_index_o,
  output logic [63:0]  err_addr_o
);

  pp_queue_pkg::done_t       done;
  pp_queue_pkg::dma_result_t write;

  assign done.tag      = done_tag_i;
  assign done.out_len  = done_out_len_i;
  assign done.crc32c   = done_crc32c_i;
  assign done.info     = done_info_i;
  assign done.cycles   = done_cycles_i;
  assign done.status   = done_status_i;
  assign done.detail   = done_detail_i;
  assign done.irq      = done_irq_i;
  assign done.has_data = done_has_data_i;
  assign write.fault   = write_fault_i;
  assign write.addr    = write_addr_i;

  pp_cq_writer i_dut (
    .clk_i,
    .rst_ni,
    .clear_i,
    .base_i,
    .log2_i,
    .cq_head_i,
    .cq_tail_o,
    .sq_head_i,
    .done_valid_i,
    .done_ready_o,
    .done_i       (done),
    .write_valid_i,
    .write_ready_o,
    .write_i      (write),
    .req_valid_o,
    .req_ready_i,
    .req_addr_o,
    .req_data_o,
    .resp_valid_i,
    .resp_error_i,
    .completed_o,
    .irq_event_o,
    .err_valid_o,
    .err_index_o,
    .err_addr_o
  );

endmodule

`default_nettype wire
