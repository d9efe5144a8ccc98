// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Every unit between its dispatch and its completion, in a slot of its own. Results
/// come in any order; a unit leaves for its completion ring when its result is there
/// and no older unit of its queue is left, or, if its submission was RELAXED, at once.
///
///   dispatch -> slot (valid) -> result (done) -> eligible -> completion -> slot free
///
/// Age is a matrix: older_q[i] holds the slots that stood in slot i's queue when i was
/// filled and are not free yet. That keeps any number of queues in order with no list.
///
/// **Limitations**
/// - One dispatch, one result and one completion a cycle at most; a completion every
///   other cycle.
module pp_unit_table #(
  parameter int unsigned SLOTS      = 32,
  parameter int unsigned NUM_QUEUES = 8,
  localparam int unsigned SLOT_W    = $clog2(SLOTS),
  localparam int unsigned COUNT_W   = $clog2(SLOTS + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // Dispatch
  output logic                   free_o,        // there is a free slot
  output logic [SLOT_W-1:0]      free_slot_o,
  input  logic                   alloc_i,       // one cycle: free_slot_o is taken
  input  pp_queue_pkg::unit_t    alloc_unit_i,
  input  logic                   alloc_relaxed_i,
  input  logic                   alloc_bulk_i,  // no decompression
  output logic [NUM_QUEUES-1:0]  occupied_o,    // queues that have units here
  output logic [NUM_QUEUES*COUNT_W-1:0] count_o,  // how many each of them has
  output logic [COUNT_W-1:0]     bulk_o,        // slots of units that are no decompressions

  // Result of the unit in a slot
  input  logic                   result_valid_i,
  input  logic [SLOT_W-1:0]      result_slot_i,
  input  pp_queue_pkg::result_t  result_i,

  // Completion
  output logic                   done_valid_o,
  input  logic                   done_ready_i,
  output pp_queue_pkg::unit_t    done_unit_o,
  output pp_queue_pkg::result_t  done_result_o
);

  logic [SLOTS-1:0]       valid_q;
  logic [SLOTS-1:0]       done_q;     // the result is there, and it is not leaving
  logic [SLOTS-1:0]       relaxed_q;
  logic [SLOTS*SLOTS-1:0] older_q;    // of slot i in [SLOTS*i +: SLOTS]
  logic [NUM_QUEUES*SLOTS-1:0] member_q;  // slots of queue q in [SLOTS*q +: SLOTS]
  logic [SLOTS-1:0]       eligible;
  logic [SLOTS-1:0]       freed;      // one-hot: the slot that is free again
  logic [SLOTS-1:0]       taken;      // one-hot: the slot that is filled
  logic [SLOTS-1:0]       peers;      // slots of the dispatched unit's queue

  // ---- The first free slot
  always_comb begin
    free_slot_o = '0;
    for (int i = SLOTS - 1; i >= 0; i--) if (!valid_q[i]) free_slot_o = SLOT_W'(i);
  end
  assign free_o = valid_q != '1;

  // ---- How many slots are taken, and by whom
  logic [SLOTS-1:0]              is_bulk_q;
  logic [COUNT_W-1:0]            bulk_q;
  logic [NUM_QUEUES*COUNT_W-1:0] count_q;
  logic                          leave;
  assign leave   = done_valid_o && done_ready_i;
  assign bulk_o  = bulk_q;
  assign count_o = count_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_bulk_q <= '0;
      bulk_q    <= '0;
      count_q   <= '0;
    end else begin
      if (alloc_i) is_bulk_q[free_slot_o] <= alloc_bulk_i;
      bulk_q <= bulk_q + COUNT_W'(alloc_i && alloc_bulk_i) - COUNT_W'(leave && is_bulk_q[leave_q]);
      for (int q = 0; q < NUM_QUEUES; q++) begin
        count_q[COUNT_W*q+:COUNT_W] <= count_q[COUNT_W*q+:COUNT_W] +
            COUNT_W'(alloc_i && alloc_unit_i.qid == 8'(q)) -
            COUNT_W'(leave && done_unit_o.qid == 8'(q));
      end
    end
  end
  assign taken  = alloc_i ? SLOTS'(1) << free_slot_o : '0;

  always_comb begin
    peers = '0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (alloc_unit_i.qid == 8'(q)) peers = member_q[SLOTS*q+:SLOTS];
      occupied_o[q] = member_q[SLOTS*q+:SLOTS] != '0;
    end
  end

  // ---- The next one to leave: round robin over the slots that may
  logic              pick_valid;
  logic [SLOT_W-1:0] pick;
  logic              pick_take;
  logic              leaving_q;  // the slot at leave_q waits to be taken
  logic [SLOT_W-1:0] leave_q;

  always_comb begin
    for (int i = 0; i < SLOTS; i++) begin
      eligible[i] = done_q[i] && (relaxed_q[i] || older_q[SLOTS*i+:SLOTS] == '0);
    end
  end

  pp_arbiter #(
    .N      (SLOTS),
    .CLASSES(1)
  ) i_pick (
    .clk_i,
    .rst_ni,
    .request_i(eligible),
    .class_i  ('0),
    .take_i   (pick_take),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  assign pick_take    = pick_valid && !leaving_q;
  assign done_valid_o = leaving_q;
  assign freed        = leave ? SLOTS'(1) << leave_q : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q   <= '0;
      done_q    <= '0;
      relaxed_q <= '0;
      older_q   <= '0;
      member_q  <= '0;
      leaving_q <= 1'b0;
      leave_q   <= '0;
    end else begin
      valid_q <= (valid_q | taken) & ~freed;
      for (int i = 0; i < SLOTS; i++) begin
        if (taken[i]) begin
          older_q[SLOTS*i+:SLOTS] <= peers & ~freed;
          relaxed_q[i]            <= alloc_relaxed_i;
        end else begin
          older_q[SLOTS*i+:SLOTS] <= older_q[SLOTS*i+:SLOTS] & ~freed;
        end
        if (result_valid_i && result_slot_i == SLOT_W'(i)) done_q[i] <= 1'b1;
        else if (pick_take && pick == SLOT_W'(i)) done_q[i] <= 1'b0;
      end
      for (int q = 0; q < NUM_QUEUES; q++) begin
        member_q[SLOTS*q+:SLOTS] <= (member_q[SLOTS*q+:SLOTS] & ~freed) |
                                    ((alloc_unit_i.qid == 8'(q)) ? taken : '0);
      end
      if (pick_take) begin
        leaving_q <= 1'b1;
        leave_q   <= pick;
      end else if (done_ready_i) begin
        leaving_q <= 1'b0;
      end
    end
  end

  // ---- What is known of each
  logic [pp_queue_pkg::UNIT_W-1:0]   units [SLOTS];
  logic [pp_queue_pkg::RESULT_W-1:0] results [SLOTS];

  always_ff @(posedge clk_i) begin
    if (alloc_i) units[free_slot_o] <= alloc_unit_i;
    if (result_valid_i) results[result_slot_i] <= result_i;
  end

  assign done_unit_o   = units[leave_q];
  assign done_result_o = results[leave_q];

  `PP_ASSERT(AllocFindsRoom, !(alloc_i && !free_o))
  `PP_ASSERT(ResultOfAUnit, !(result_valid_i && (!valid_q[result_slot_i] || done_q[result_slot_i])))

endmodule

`default_nettype wire
