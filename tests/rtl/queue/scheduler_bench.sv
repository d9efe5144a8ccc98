// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the scheduler with its records as single ports.
module scheduler_bench #(
  parameter int unsigned NUM_QUEUES  = 4,
  parameter int unsigned NUM_ENGINES = 2,
  parameter int unsigned SLOTS       = 16,
  parameter int unsigned COUNT_W     = 4,
  localparam int unsigned SLOT_W     = $clog2(SLOTS),
  localparam int unsigned USED_W     = $clog2(SLOTS + 1)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [NUM_QUEUES-1:0]     sqe_valid_i,
  output logic [NUM_QUEUES-1:0]     sqe_ready_o,
  input  logic [512*NUM_QUEUES-1:0] sqe_i,
  input  logic [16*NUM_QUEUES-1:0]  sqe_index_i,
  input  logic [32*NUM_QUEUES-1:0]  sqe_time_i,
  input  logic [NUM_QUEUES-1:0]     clear_i,
  input  logic [NUM_QUEUES-1:0]     abort_i,
  input  logic [3*NUM_QUEUES-1:0]   class_i,
  input  logic [4*NUM_QUEUES-1:0]   cq_log2_i,
  input  logic [16*NUM_QUEUES-1:0]  cq_head_i,
  input  logic [NUM_QUEUES-1:0]     cq_dead_i,
  output logic [NUM_QUEUES-1:0]     stall_o,
  input  logic                      free_i,
  input  logic [SLOT_W-1:0]         free_slot_i,
  output logic                      alloc_o,
  output logic [63:0]               alloc_tag_o,
  output logic [7:0]                alloc_qid_o,
  output logic [15:0]               alloc_index_o,
  output logic [31:0]               alloc_start_o,
  output logic                      alloc_irq_o,
  output logic                      alloc_relaxed_o,
  output logic                      alloc_bulk_o,
  input  logic [NUM_QUEUES-1:0]     occupied_i,
  input  logic [NUM_QUEUES*USED_W-1:0] count_i,
  input  logic [USED_W-1:0]         bulk_i,
  input  logic [2*NUM_ENGINES-1:0]         room_i,
  input  logic [2*NUM_ENGINES*COUNT_W-1:0] units_i,
  output logic [2*NUM_ENGINES-1:0]         job_valid_o,
  output logic [2:0]                job_inject_o,
  output logic                      now_valid_o,
  input  logic                      now_ready_i,
  output logic [7:0]                now_status_o,
  output logic [3:0]                now_detail_o,
  output logic                      inject_valid_o,
  output logic [15:0]               inject_qid_o,
  input  logic [2:0]                inject_kind_i,
  output logic                      busy_o
);

  pp_queue_pkg::unit_t   unit;
  pp_queue_pkg::job_t    job;
  pp_queue_pkg::result_t now;
  logic [SLOT_W-1:0]     job_slot;
  logic [SLOT_W-1:0]     now_slot;
  logic                  unused_rest;

  pp_scheduler #(
    .NUM_QUEUES (NUM_QUEUES),
    .NUM_ENGINES(NUM_ENGINES),
    .SLOTS      (SLOTS),
    .COUNT_W    (COUNT_W),
    .QUEUE_UNITS(8),
    .RESERVED   (6)
  ) i_dut (
    .clk_i,
    .rst_ni,
    .sqe_valid_i,
    .sqe_ready_o,
    .sqe_i,
    .sqe_index_i,
    .sqe_time_i,
    .clear_i,
    .abort_i,
    .class_i,
    .cq_log2_i,
    .cq_head_i,
    .cq_dead_i,
    .stall_o,
    .free_i,
    .free_slot_i,
    .alloc_o,
    .alloc_unit_o(unit),
    .alloc_relaxed_o,
    .alloc_bulk_o,
    .occupied_i,
    .count_i,
    .bulk_i,
    .room_i,
    .units_i,
    .job_valid_o,
    .job_slot_o  (job_slot),
    .job_o       (job),
    .now_valid_o,
    .now_ready_i,
    .now_slot_o  (now_slot),
    .now_o       (now),
    .inject_valid_o,
    .inject_qid_o,
    .inject_kind_i,
    .inject_arg_i(32'd0),
    .busy_o
  );

  assign alloc_tag_o   = unit.tag;
  assign alloc_qid_o   = unit.qid;
  assign alloc_index_o = unit.index;
  assign alloc_start_o = unit.start;
  assign alloc_irq_o   = unit.irq;
  assign job_inject_o  = job.inject;
  assign now_status_o  = now.status;
  assign now_detail_o  = now.detail;
  assign unused_rest   = ^{unit, job, now, job_slot, now_slot};

endmodule

`default_nettype wire
