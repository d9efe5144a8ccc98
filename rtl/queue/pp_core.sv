// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Everything between the rings and the channels: queues, scheduler, unit table and
/// completions.
///
///   submission rings -> pp_queues -> pp_scheduler -> jobs of the channels
///                                       |   |
///                           slots       |   `- units that need no channel -.
///                                       v                                  |
///   completion rings <- pp_cq_writer <- pp_unit_table <- results ----------'
///
/// **Limitations**
/// - One dispatch every other cycle, one result a cycle, a completion every other cycle.
module pp_core #(
  parameter int unsigned NUM_QUEUES     = 8,
  parameter int unsigned NUM_ENGINES    = 2,
  parameter int unsigned SLOTS          = 32,
  parameter int unsigned COUNT_W        = 4,   // of a channel's units
  parameter int unsigned CHANNEL_UNITS  = 12,  // that it holds
  parameter int unsigned DATA_W         = 256,
  parameter int unsigned ADDR_W         = 64,
  parameter int unsigned BURST_BEATS    = 16,
  parameter int unsigned DEPTH_LOG2_MAX = 15,
  parameter int unsigned SQ_PREFETCH    = 8,
  parameter int unsigned SGE_MAX        = 8,
  localparam int unsigned CHANNELS      = 2 * NUM_ENGINES,
  localparam int unsigned SLOT_W        = $clog2(SLOTS),
  localparam int unsigned USED_W        = $clog2(SLOTS + 1),
  localparam int unsigned RESULT_W      = pp_queue_pkg::RESULT_W
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,  // fetching stops when clear

  // Registers: addresses of BAR 0
  input  logic        wr_en_i,
  input  logic [20:0] wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [20:0] rd_addr_i,
  output logic [31:0] rd_data_o,

  // AXI read client: submissions
  output logic              sq_req_valid_o,
  input  logic              sq_req_ready_i,
  output logic [ADDR_W-1:0] sq_req_addr_o,
  output logic [7:0]        sq_req_len_o,
  input  logic              sq_beat_valid_i,
  input  logic [DATA_W-1:0] sq_beat_data_i,
  input  logic              sq_beat_error_i,
  input  logic              sq_beat_last_i,

  // AXI write client: completions
  output logic              cq_req_valid_o,
  input  logic              cq_req_ready_i,
  output logic [ADDR_W-1:0] cq_req_addr_o,
  output logic [255:0]      cq_req_data_o,
  input  logic              cq_resp_valid_i,
  input  logic              cq_resp_error_i,

  // Channels: bit e compresses on engine e, bit NUM_ENGINES + e decompresses on it
  input  logic [CHANNELS-1:0]          room_i,
  input  logic [CHANNELS*COUNT_W-1:0]  units_i,
  output logic [CHANNELS-1:0]          job_valid_o,
  output logic [SLOT_W-1:0]            job_slot_o,
  output pp_queue_pkg::job_t           job_o,
  input  logic [CHANNELS-1:0]          result_valid_i,
  output logic [CHANNELS-1:0]          result_ready_o,
  input  logic [CHANNELS*SLOT_W-1:0]   result_slot_i,
  input  logic [CHANNELS*RESULT_W-1:0] result_i,

  // Error injection
  output logic              inject_valid_o,
  output logic [15:0]       inject_qid_o,
  input  logic [2:0]        inject_kind_i,
  input  logic [31:0]       inject_arg_i,

  // Interrupts
  output logic [NUM_QUEUES-1:0]     irq_event_o,
  output logic [NUM_QUEUES-1:0]     irq_enable_o,
  output logic [NUM_QUEUES-1:0]     irq_mask_o,
  output logic [8*NUM_QUEUES-1:0]   irq_count_o,
  output logic [12*NUM_QUEUES-1:0]  irq_vector_o,
  output logic [24*NUM_QUEUES-1:0]  irq_time_o,

  // Errors, one cycle each
  output logic                      reg_err_valid_o,
  output pp_queue_pkg::error_t      reg_err_o,
  output logic                      sq_err_valid_o,
  output pp_queue_pkg::error_t      sq_err_o,
  output logic                      cq_err_valid_o,
  output pp_queue_pkg::error_t      cq_err_o,
  output logic                      unit_err_valid_o,
  output pp_queue_pkg::error_t      unit_err_o,

  // Counters
  output logic [NUM_QUEUES-1:0]     received_o,
  output logic [NUM_QUEUES-1:0]     in_flight_o,
  output logic [NUM_QUEUES-1:0]     stall_o,
  output logic                      stat_valid_o,
  input  logic                      stat_ready_i,
  output pp_queue_pkg::stat_t       stat_o,
  output logic                      busy_o
);

  // Cycles since reset, for latencies.
  logic [31:0] now_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) now_q <= '0;
    else now_q <= now_q + 1'b1;
  end

  // ---- Queues
  logic [NUM_QUEUES-1:0]     sqe_valid;
  logic [NUM_QUEUES-1:0]     sqe_ready;
  logic [512*NUM_QUEUES-1:0] sqe;
  logic [16*NUM_QUEUES-1:0]  sqe_index;
  logic [32*NUM_QUEUES-1:0]  sqe_time;
  logic [NUM_QUEUES-1:0]     clear;
  logic [NUM_QUEUES-1:0]     abort;
  logic [3*NUM_QUEUES-1:0]   class_of;
  logic [64*NUM_QUEUES-1:0]  cq_base;
  logic [4*NUM_QUEUES-1:0]   cq_log2;
  logic [16*NUM_QUEUES-1:0]  sq_head;
  logic [16*NUM_QUEUES-1:0]  cq_head;
  logic [16*NUM_QUEUES-1:0]  cq_tail;
  logic [NUM_QUEUES-1:0]     cq_dead;
  logic [NUM_QUEUES-1:0]     completed;
  logic                      queues_busy;

  pp_queues #(
    .NUM_QUEUES    (NUM_QUEUES),
    .DATA_W        (DATA_W),
    .ADDR_W        (ADDR_W),
    .BURST_BEATS   (BURST_BEATS),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX),
    .SQ_PREFETCH   (SQ_PREFETCH)
  ) i_queues (
    .clk_i,
    .rst_ni,
    .enable_i,
    .now_i          (now_q),
    .wr_en_i,
    .wr_addr_i,
    .wr_data_i,
    .wr_strb_i,
    .rd_addr_i,
    .rd_data_o,
    .req_valid_o    (sq_req_valid_o),
    .req_ready_i    (sq_req_ready_i),
    .req_addr_o     (sq_req_addr_o),
    .req_len_o      (sq_req_len_o),
    .beat_valid_i   (sq_beat_valid_i),
    .beat_data_i    (sq_beat_data_i),
    .beat_error_i   (sq_beat_error_i),
    .beat_last_i    (sq_beat_last_i),
    .sqe_valid_o    (sqe_valid),
    .sqe_ready_i    (sqe_ready),
    .sqe_o          (sqe),
    .sqe_index_o    (sqe_index),
    .sqe_time_o     (sqe_time),
    .clear_o        (clear),
    .abort_o        (abort),
    .class_o        (class_of),
    .cq_base_o      (cq_base),
    .cq_log2_o      (cq_log2),
    .sq_head_o      (sq_head),
    .cq_head_o      (cq_head),
    .cq_tail_i      (cq_tail),
    .received_o,
    .completed_i    (completed),
    .in_flight_o,
    .busy_o         (queues_busy),
    .irq_enable_o,
    .irq_mask_o,
    .irq_count_o,
    .irq_vector_o,
    .irq_time_o,
    .reg_err_valid_o,
    .reg_err_o,
    .sq_err_valid_o,
    .sq_err_o,
    .cq_err_valid_i (cq_err_valid_o),
    .cq_err_qid_i   (cq_err_o.qid)
  );

  // ---- Scheduler
  logic                  free;
  logic [SLOT_W-1:0]     free_slot;
  logic                  alloc;
  pp_queue_pkg::unit_t   alloc_unit;
  logic                  alloc_relaxed;
  logic [NUM_QUEUES-1:0] occupied;
  logic [NUM_QUEUES*USED_W-1:0] queue_units;
  logic [USED_W-1:0]     bulk;
  logic                  alloc_bulk;
  logic                  now_valid;
  logic                  now_ready;
  logic [SLOT_W-1:0]     now_slot;
  pp_queue_pkg::result_t now_result;
  logic                  scheduler_busy;

  pp_scheduler #(
    .NUM_QUEUES (NUM_QUEUES),
    .NUM_ENGINES(NUM_ENGINES),
    .SLOTS      (SLOTS),
    .SGE_MAX    (SGE_MAX),
    .COUNT_W    (COUNT_W),
    .QUEUE_UNITS(NUM_ENGINES * CHANNEL_UNITS + 2),
    .RESERVED   (NUM_ENGINES * CHANNEL_UNITS)
  ) i_scheduler (
    .clk_i,
    .rst_ni,
    .sqe_valid_i    (sqe_valid),
    .sqe_ready_o    (sqe_ready),
    .sqe_i          (sqe),
    .sqe_index_i    (sqe_index),
    .sqe_time_i     (sqe_time),
    .clear_i        (clear),
    .abort_i        (abort),
    .class_i        (class_of),
    .cq_log2_i      (cq_log2),
    .cq_head_i      (cq_head),
    .cq_dead_i      (cq_dead),
    .stall_o,
    .free_i         (free),
    .free_slot_i    (free_slot),
    .alloc_o        (alloc),
    .alloc_unit_o   (alloc_unit),
    .alloc_relaxed_o(alloc_relaxed),
    .alloc_bulk_o   (alloc_bulk),
    .occupied_i     (occupied),
    .count_i        (queue_units),
    .bulk_i         (bulk),
    .room_i,
    .units_i,
    .job_valid_o,
    .job_slot_o,
    .job_o,
    .now_valid_o    (now_valid),
    .now_ready_i    (now_ready),
    .now_slot_o     (now_slot),
    .now_o          (now_result),
    .inject_valid_o,
    .inject_qid_o,
    .inject_kind_i,
    .inject_arg_i,
    .busy_o         (scheduler_busy)
  );

  // ---- Results: those of the channels, and of units that needed none
  localparam int unsigned SOURCES = CHANNELS + 1;
  localparam int unsigned SRC_W   = $clog2(SOURCES);
  logic                  late_valid;
  logic [SLOT_W-1:0]     late_slot;
  pp_queue_pkg::result_t late_result;
  logic                  pick_valid;
  logic [SRC_W-1:0]      pick;
  logic [SLOT_W-1:0]     pick_slot;
  pp_queue_pkg::result_t pick_result;

  pp_fifo #(
    .WIDTH(SLOT_W + RESULT_W),
    .DEPTH(2)
  ) i_now (
    .clk_i,
    .rst_ni,
    .in_valid_i (now_valid),
    .in_ready_o (now_ready),
    .in_data_i  ({now_slot, now_result}),
    .out_valid_o(late_valid),
    .out_ready_i(pick_valid && pick == SRC_W'(CHANNELS)),
    .out_data_o ({late_slot, late_result})
  );

  pp_arbiter #(
    .N      (SOURCES),
    .CLASSES(1)
  ) i_results (
    .clk_i,
    .rst_ni,
    .request_i({late_valid, result_valid_i}),
    .class_i  ('0),
    .take_i   (1'b1),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  always_comb begin
    pick_slot   = late_slot;
    pick_result = late_result;
    for (int c = 0; c < CHANNELS; c++) begin
      result_ready_o[c] = pick_valid && pick == SRC_W'(c);
      if (pick == SRC_W'(c)) begin
        pick_slot   = result_slot_i[SLOT_W*c+:SLOT_W];
        pick_result = result_i[RESULT_W*c+:RESULT_W];
      end
    end
  end

  // ---- Units
  logic                  done_valid;
  logic                  done_ready;
  pp_queue_pkg::unit_t   done_unit;
  pp_queue_pkg::result_t done_result;

  pp_unit_table #(
    .SLOTS     (SLOTS),
    .NUM_QUEUES(NUM_QUEUES)
  ) i_table (
    .clk_i,
    .rst_ni,
    .free_o         (free),
    .free_slot_o    (free_slot),
    .alloc_i        (alloc),
    .alloc_unit_i   (alloc_unit),
    .alloc_relaxed_i(alloc_relaxed),
    .alloc_bulk_i   (alloc_bulk),
    .occupied_o     (occupied),
    .count_o        (queue_units),
    .bulk_o         (bulk),
    .result_valid_i (pick_valid),
    .result_slot_i  (pick_slot),
    .result_i       (pick_result),
    .done_valid_o   (done_valid),
    .done_ready_i   (done_ready),
    .done_unit_o    (done_unit),
    .done_result_o  (done_result)
  );

  // ---- Completions
  logic cq_busy;

  pp_cq_writer #(
    .NUM_QUEUES(NUM_QUEUES),
    .ADDR_W    (ADDR_W)
  ) i_cq (
    .clk_i,
    .rst_ni,
    .now_i           (now_q),
    .clear_i         (clear),
    .abort_i         (abort),
    .base_i          (cq_base),
    .log2_i          (cq_log2),
    .sq_head_i       (sq_head),
    .cq_tail_o       (cq_tail),
    .dead_o          (cq_dead),
    .done_valid_i    (done_valid),
    .done_ready_o    (done_ready),
    .done_unit_i     (done_unit),
    .done_result_i   (done_result),
    .req_valid_o     (cq_req_valid_o),
    .req_ready_i     (cq_req_ready_i),
    .req_addr_o      (cq_req_addr_o),
    .req_data_o      (cq_req_data_o),
    .resp_valid_i    (cq_resp_valid_i),
    .resp_error_i    (cq_resp_error_i),
    .completed_o     (completed),
    .irq_event_o,
    .err_valid_o     (cq_err_valid_o),
    .err_o           (cq_err_o),
    .unit_err_valid_o,
    .unit_err_o,
    .stat_valid_o,
    .stat_ready_i,
    .stat_o,
    .busy_o          (cq_busy)
  );

  assign busy_o = queues_busy || scheduler_busy || cq_busy;

endmodule

`default_nettype wire
