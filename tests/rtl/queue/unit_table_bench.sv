// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the unit table, a unit told by its tag, a result by its info.
module unit_table_bench #(
  parameter int unsigned SLOTS      = 13,
  parameter int unsigned NUM_QUEUES = 5,
  localparam int unsigned SLOT_W    = $clog2(SLOTS),
  localparam int unsigned COUNT_W   = $clog2(SLOTS + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  output logic                  free_o,
  output logic [SLOT_W-1:0]     free_slot_o,
  input  logic                  alloc_i,
  input  logic [63:0]           alloc_tag_i,
  input  logic [7:0]            alloc_qid_i,
  input  logic                  alloc_relaxed_i,
  input  logic                  alloc_bulk_i,
  output logic [NUM_QUEUES-1:0] occupied_o,
  output logic [NUM_QUEUES*COUNT_W-1:0] count_o,
  output logic [COUNT_W-1:0]    bulk_o,
  input  logic                  result_valid_i,
  input  logic [SLOT_W-1:0]     result_slot_i,
  input  logic [63:0]           result_info_i,
  output logic                  done_valid_o,
  input  logic                  done_ready_i,
  output logic [63:0]           done_tag_o,
  output logic [7:0]            done_qid_o,
  output logic [63:0]           done_info_o
);

  pp_queue_pkg::unit_t   alloc_unit;
  pp_queue_pkg::unit_t   done_unit;
  pp_queue_pkg::result_t result;
  pp_queue_pkg::result_t done_result;
  logic                  unused_rest;

  always_comb begin
    alloc_unit     = '0;
    alloc_unit.tag = alloc_tag_i;
    alloc_unit.qid = alloc_qid_i;
    result         = '0;
    result.info    = result_info_i;
  end

  pp_unit_table #(
    .SLOTS     (SLOTS),
    .NUM_QUEUES(NUM_QUEUES)
  ) i_dut (
    .clk_i,
    .rst_ni,
    .free_o,
    .free_slot_o,
    .alloc_i,
    .alloc_unit_i   (alloc_unit),
    .alloc_relaxed_i,
    .alloc_bulk_i,
    .occupied_o,
    .count_o,
    .bulk_o,
    .result_valid_i,
    .result_slot_i,
    .result_i       (result),
    .done_valid_o,
    .done_ready_i,
    .done_unit_o    (done_unit),
    .done_result_o  (done_result)
  );

  assign done_tag_o  = done_unit.tag;
  assign done_qid_o  = done_unit.qid;
  assign done_info_o = done_result.info;
  assign unused_rest = ^{done_unit, done_result};

endmodule

`default_nettype wire
