// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Writes the completions of all queues: an entry each, in the order in which they
/// are given. The unit table gives one only when its data is acknowledged, and the
/// scheduler dispatches a unit only when its completion ring has room for it: an
/// entry that the driver has not consumed is never overwritten, and no completion
/// ever waits here for a driver.
///
/// cq_tail_o counts an entry as soon as its write is granted: the driver may see
/// it in memory, and ring cq_head, before the response is back here.
///
/// **Limitations**
/// - One entry a burst; MAX_OUTSTANDING of them without response or not yet counted.
/// - After a failed write the queue's further completions are discarded until its
///   clear_i, so that it can still be drained. Only the first failure is told.
module pp_cq_writer #(
  parameter int unsigned NUM_QUEUES      = 8,
  parameter int unsigned ADDR_W          = 64,
  parameter int unsigned MAX_OUTSTANDING = 16  // a power of two
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [31:0]       now_i,    // cycle counter

  input  logic [NUM_QUEUES-1:0]        clear_i,   // the queue is being enabled: start at index 0
  input  logic [NUM_QUEUES-1:0]        abort_i,   // its units complete as ABORTED
  input  logic [64*NUM_QUEUES-1:0]     base_i,    // of the rings
  input  logic [4*NUM_QUEUES-1:0]      log2_i,    // of the rings' entries
  input  logic [16*NUM_QUEUES-1:0]     sq_head_i,
  output logic [16*NUM_QUEUES-1:0]     cq_tail_o,
  output logic [NUM_QUEUES-1:0]        dead_o,    // a write failed: completions are discarded

  input  logic                         done_valid_i,
  output logic                         done_ready_o,
  input  pp_queue_pkg::unit_t          done_unit_i,
  input  pp_queue_pkg::result_t        done_result_i,

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [255:0]      req_data_o,
  input  logic              resp_valid_i,
  input  logic              resp_error_i,

  output logic [NUM_QUEUES-1:0]  completed_o,  // one cycle: a unit is out of the device
  output logic [NUM_QUEUES-1:0]  irq_event_o,  // one cycle: and it counts for an interrupt
  output logic                   err_valid_o,  // one cycle: an entry could not be written
  output pp_queue_pkg::error_t   err_o,
  output logic                   unit_err_valid_o,  // one cycle: a list or an engine failed
  output pp_queue_pkg::error_t   unit_err_o,

  output logic                   stat_valid_o,
  input  logic                   stat_ready_i,
  output pp_queue_pkg::stat_t    stat_o,
  output logic                   busy_o        // entries are on their way, or uncounted
);

  localparam int unsigned CREDIT_W = $clog2(MAX_OUTSTANDING) + 1;

  logic [16*NUM_QUEUES-1:0] tail_q;     // next entry to write
  logic [16*NUM_QUEUES-1:0] written_q;  // next entry whose response is to come
  logic [NUM_QUEUES-1:0]    dead_q;
  logic [CREDIT_W-1:0]      credits_q;  // entries that may still be issued

  // ---- The unit's queue
  logic [15:0]       tail;
  logic [15:0]       sq_head;
  logic [3:0]        log2;
  logic [63:0]       base;
  logic              dead;
  logic              abort;
  logic [15:0]       slot;
  always_comb begin
    tail    = '0;
    sq_head = '0;
    log2    = '0;
    base    = '0;
    dead    = 1'b0;
    abort   = 1'b0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (done_unit_i.qid == 8'(q)) begin
        tail    = tail_q[16*q+:16];
        sq_head = sq_head_i[16*q+:16];
        log2    = log2_i[4*q+:4];
        base    = base_i[64*q+:64];
        dead    = dead_q[q];
        abort   = abort_i[q];
      end
    end
  end
  assign slot = tail & ~(16'hffff << log2);

  // ---- The entry
  pp_queue_pkg::result_t      told;  // what is said of an aborted unit
  pagepress_abi_pkg::pp_cqe_t cqe;
  logic                       phase;
  always_comb begin
    told = done_result_i;
    if (abort) begin
      told           = '0;
      told.status    = 8'(pagepress_abi_pkg::PP_STATUS_ABORTED);
      told.on_engine = done_result_i.on_engine;
      told.engine    = done_result_i.engine;
    end
  end
  // 1 on the first pass, then alternating: the index bit above the ring's.
  assign phase             = ((tail >> log2) & 16'd1) == 16'd0;
  assign cqe.tag           = done_unit_i.tag;
  assign cqe.out_len       = 32'(told.out_len);
  assign cqe.crc32c        = told.crc32c;
  assign cqe.info          = told.info;
  assign cqe.engine_cycles = told.cycles;
  assign cqe.sq_head       = sq_head;
  assign cqe.status        = told.status;
  assign cqe.flags         = {told.detail, 2'd0, told.raw, phase};
  assign req_data_o        = cqe;
  assign req_addr_o        = base[ADDR_W-1:0] + (ADDR_W'(slot) << 5);

  // ---- Giving it away
  logic issue;
  logic discard;
  logic track_valid;
  assign req_valid_o  = done_valid_i && !dead && credits_q != '0;
  assign issue        = req_valid_o && req_ready_i;
  // What is still on its way counts first, so that one unit leaves a cycle.
  assign discard      = done_valid_i && dead && !track_valid;
  assign done_ready_o = issue || discard;

  assign unit_err_valid_o  = done_ready_o && (told.list_fault || told.engine_error);
  assign unit_err_o.cond   = told.list_fault ? 8'(pagepress_abi_pkg::PP_ERR_SGL_FETCH)
                                                      : 8'(pagepress_abi_pkg::PP_ERR_ENGINE);
  assign unit_err_o.qid    = 16'(done_unit_i.qid);
  assign unit_err_o.index  = 32'(done_unit_i.index);
  assign unit_err_o.addr   = told.list_fault ? told.info : '0;

  // ---- Responses, in the order of the entries
  localparam int unsigned TRACK_W = pp_queue_pkg::STAT_W + 1;
  pp_queue_pkg::stat_t issued;
  pp_queue_pkg::stat_t track;
  pp_queue_pkg::stat_t answered;
  logic                track_irq;
  logic                stat_taken;
  logic                unused_track_ready;
  logic                unused_stat_ready;
  assign issued.qid       = done_unit_i.qid;
  assign issued.on_engine = told.on_engine;
  assign issued.engine    = told.engine;
  assign issued.status    = told.status;
  assign issued.bytes_in  = done_unit_i.src_len;
  assign issued.bytes_out = 32'(told.out_len);
  assign issued.latency   = done_unit_i.start;  // until it is known

  pp_fifo #(
    .WIDTH(TRACK_W),
    .DEPTH(MAX_OUTSTANDING)
  ) i_track (
    .clk_i,
    .rst_ni,
    .in_valid_i (issue),
    .in_ready_o (unused_track_ready),
    .in_data_i  ({done_unit_i.irq, issued}),
    .out_valid_o(track_valid),
    .out_ready_i(resp_valid_i),
    .out_data_o ({track_irq, track})
  );

  always_comb begin
    answered         = track;
    answered.latency = now_i - track.latency;
  end

  pp_fifo #(
    .WIDTH(pp_queue_pkg::STAT_W),
    .DEPTH(MAX_OUTSTANDING)
  ) i_stats (
    .clk_i,
    .rst_ni,
    .in_valid_i (resp_valid_i && !resp_error_i),
    .in_ready_o (unused_stat_ready),
    .in_data_i  (answered),
    .out_valid_o(stat_valid_o),
    .out_ready_i(stat_ready_i),
    .out_data_o (stat_o)
  );
  assign stat_taken = stat_valid_o && stat_ready_i;

  logic [15:0] written;
  logic [3:0]  track_log2;
  logic [63:0] track_base;
  logic [15:0] track_slot;
  logic        track_dead;
  always_comb begin
    written    = '0;
    track_log2 = '0;
    track_base = '0;
    track_dead = 1'b0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      completed_o[q] = (resp_valid_i && track.qid == 8'(q)) || (discard && done_unit_i.qid == 8'(q));
      irq_event_o[q] = resp_valid_i && track.qid == 8'(q) && track_irq && !resp_error_i;
      if (track.qid == 8'(q)) begin
        written    = written_q[16*q+:16];
        track_log2 = log2_i[4*q+:4];
        track_base = base_i[64*q+:64];
        track_dead = dead_q[q];
      end
    end
  end
  assign track_slot  = written & ~(16'hffff << track_log2);
  assign err_valid_o = resp_valid_i && resp_error_i && !track_dead;
  assign err_o.cond  = 8'(pagepress_abi_pkg::PP_ERR_CQ_WRITE);
  assign err_o.qid   = 16'(track.qid);
  assign err_o.index = 32'(written);
  assign err_o.addr  = track_base + (64'(track_slot) << 5);

  assign cq_tail_o = tail_q;
  assign dead_o    = dead_q;
  assign busy_o    = credits_q != CREDIT_W'(MAX_OUTSTANDING);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q    <= '0;
      written_q <= '0;
      dead_q    <= '0;
      credits_q <= CREDIT_W'(MAX_OUTSTANDING);
    end else begin
      // An entry that failed is not counted: its credit comes back with the response.
      credits_q <= credits_q - CREDIT_W'(issue) + CREDIT_W'(stat_taken) +
                   CREDIT_W'(resp_valid_i && resp_error_i);
      for (int q = 0; q < NUM_QUEUES; q++) begin
        if (clear_i[q]) begin
          tail_q[16*q+:16]    <= '0;
          written_q[16*q+:16] <= '0;
          dead_q[q]           <= 1'b0;
        end else begin
          if (issue && done_unit_i.qid == 8'(q)) tail_q[16*q+:16] <= tail + 1'b1;
          if (resp_valid_i && track.qid == 8'(q)) written_q[16*q+:16] <= written + 1'b1;
          if (err_valid_o && track.qid == 8'(q)) dead_q[q] <= 1'b1;
        end
      end
    end
  end

  `PP_ASSERT(ResponseOfAnEntry, !(resp_valid_i && !track_valid))
  `PP_ASSERT(QueueExists, !(done_valid_i && 32'(done_unit_i.qid) >= NUM_QUEUES))

endmodule

`default_nettype wire
