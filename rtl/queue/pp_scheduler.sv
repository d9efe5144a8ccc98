// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Chooses the next submission and sends it on its way: by priority class, round
/// robin inside a class, among the queues whose first submission can go *now*. A
/// submission that must wait (for its kind of channel, for room in its completion
/// ring, behind a fence) holds up its own queue and no other; so a decompression
/// passes a crowd of compressions, whose channels are others.
///
///   pick (a cycle): queue -> register -> check, slot, channel (a cycle), or back
///
/// - A good unit goes to the channel of its kind that has the fewest units.
/// - What needs no channel (NOP, a bad descriptor, a unit of a queue that is being
///   aborted) is complete at once.
/// - A NOP is a fence: it goes when no unit of its queue is left, and nothing behind
///   it goes before it has left.
/// - What needs no channel waits until no unit of its queue is left: it would hold a slot
///   for as long as an older unit takes, and a queue of bad descriptors all of them.
/// - A queue holds QUEUE_UNITS slots at most; units that are no decompressions hold all
///   but RESERVED.
/// - A unit goes only if its completion ring has room, put aside here; a queue whose
///   driver does not consume completions holds no slot.
///
/// **Limitations**
/// - One submission every other cycle.
/// - Error injection counts and marks units here, in the order of dispatch.
module pp_scheduler #(
  parameter int unsigned NUM_QUEUES  = 8,
  parameter int unsigned NUM_ENGINES = 2,
  parameter int unsigned SLOTS       = 32,
  parameter int unsigned SGE_MAX     = 8,
  parameter int unsigned COUNT_W     = 4,  // of a channel's units
  parameter int unsigned QUEUE_UNITS = 14,  // slots that one queue may hold
  parameter int unsigned RESERVED    = 12,  // slots that other units leave to decompressions
  localparam int unsigned SLOT_W     = $clog2(SLOTS),
  localparam int unsigned USED_W     = $clog2(SLOTS + 1)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  // The first submission of each queue
  input  logic [NUM_QUEUES-1:0]     sqe_valid_i,
  output logic [NUM_QUEUES-1:0]     sqe_ready_o,
  input  logic [512*NUM_QUEUES-1:0] sqe_i,
  input  logic [16*NUM_QUEUES-1:0]  sqe_index_i,
  input  logic [32*NUM_QUEUES-1:0]  sqe_time_i,

  input  logic [NUM_QUEUES-1:0]     clear_i,     // the queue is being enabled
  input  logic [NUM_QUEUES-1:0]     abort_i,
  input  logic [3*NUM_QUEUES-1:0]   class_i,
  input  logic [4*NUM_QUEUES-1:0]   cq_log2_i,
  input  logic [16*NUM_QUEUES-1:0]  cq_head_i,
  input  logic [NUM_QUEUES-1:0]     cq_dead_i,   // completions are discarded: there is room
  output logic [NUM_QUEUES-1:0]     stall_o,     // a submission waits for room in its completion ring

  // Slots
  input  logic                      free_i,
  input  logic [SLOT_W-1:0]         free_slot_i,
  output logic                      alloc_o,
  output pp_queue_pkg::unit_t       alloc_unit_o,
  output logic                      alloc_relaxed_o,
  output logic                      alloc_bulk_o,
  input  logic [NUM_QUEUES-1:0]     occupied_i,
  input  logic [NUM_QUEUES*USED_W-1:0] count_i,  // slots of each queue
  input  logic [USED_W-1:0]         bulk_i,      // slots of units that are no decompressions

  // Channels: bit e compresses on engine e, bit NUM_ENGINES + e decompresses on it
  input  logic [2*NUM_ENGINES-1:0]         room_i,
  input  logic [2*NUM_ENGINES*COUNT_W-1:0] units_i,  // in each channel
  output logic [2*NUM_ENGINES-1:0]         job_valid_o,  // one cycle; there is room
  output logic [SLOT_W-1:0]                job_slot_o,
  output pp_queue_pkg::job_t               job_o,

  // Units that need no channel
  output logic                      now_valid_o,
  input  logic                      now_ready_i,
  output logic [SLOT_W-1:0]         now_slot_o,
  output pp_queue_pkg::result_t     now_o,

  // Error injection
  output logic                      inject_valid_o,  // a unit goes to a channel
  output logic [15:0]               inject_qid_o,
  input  logic [2:0]                inject_kind_i,
  input  logic [31:0]               inject_arg_i,
  output logic                      busy_o
);

  localparam int unsigned Q_W = $clog2(NUM_QUEUES);
  localparam logic [7:0] OP_NOP        = 8'(pagepress_abi_pkg::PP_OP_NOP);
  localparam logic [7:0] OP_DECOMPRESS = 8'(pagepress_abi_pkg::PP_OP_DECOMPRESS);

  // ---- Which queues could go
  logic [NUM_QUEUES-1:0]    request;
  logic [NUM_QUEUES-1:0]    cq_room;
  logic [NUM_QUEUES-1:0]    is_nop;
  logic [NUM_QUEUES-1:0]    is_dec;
  logic [NUM_QUEUES-1:0]    fenced_q;      // a NOP of the queue has not left
  logic [16*NUM_QUEUES-1:0] cq_alloc_q;    // next completion entry to put aside
  logic                     any_compress;
  logic                     any_decompress;
  logic [NUM_QUEUES-1:0]    alone_q;       // needs no channel, and waits until its queue has no unit
  logic                     room_left;     // beside what is reserved

  assign any_compress   = room_i[NUM_ENGINES-1:0] != '0;
  assign any_decompress = room_i[2*NUM_ENGINES-1:NUM_ENGINES] != '0;
  assign room_left      = bulk_i < USED_W'(SLOTS - RESERVED);

  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++) begin
      is_nop[q]  = sqe_i[512*q+:8] == OP_NOP;
      is_dec[q]  = sqe_i[512*q+:8] == OP_DECOMPRESS;
      cq_room[q] = (cq_alloc_q[16*q+:16] - cq_head_i[16*q+:16]) < (16'd1 << cq_log2_i[4*q+:4]) ||
                   cq_dead_i[q];
      // A descriptor with a wrong opcode waits as a compression would, and is refused then.
      request[q] = sqe_valid_i[q] && free_i && now_ready_i && cq_room[q] && !fenced_q[q] &&
                   count_i[USED_W*q+:USED_W] < USED_W'(QUEUE_UNITS) &&
                   ((abort_i[q] || is_nop[q] || alone_q[q]) ? !occupied_i[q]
                    : is_dec[q] ? any_decompress : any_compress && room_left);
    end
  end
  assign stall_o = sqe_valid_i & ~cq_room;

  // ---- Pick
  logic           pick_valid;
  logic [Q_W-1:0] pick;
  logic           take;
  logic           held_q;     // a submission is in the register
  logic [Q_W-1:0] queue_q;
  logic [511:0]   sqe_q;
  logic [15:0]    index_q;
  logic [31:0]    time_q;
  logic           abort_q;
  logic           nop_q;
  logic           late_q;     // its queue had units
  logic [511:0]   sqe;
  logic [15:0]    index;
  logic [31:0]    start;
  logic           abort;
  logic           nop;
  logic           busy_queue;
  logic           go;         // the submission in the register is dispatched

  pp_arbiter #(
    .N(NUM_QUEUES)
  ) i_arbiter (
    .clk_i,
    .rst_ni,
    .request_i(request),
    .class_i,
    .take_i   (take),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  assign take = pick_valid && !held_q;

  always_comb begin
    sqe   = '0;
    index = '0;
    start = '0;
    abort = 1'b0;
    nop   = 1'b0;
    busy_queue = 1'b0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      sqe_ready_o[q] = go && queue_q == Q_W'(q);
      if (pick == Q_W'(q)) begin
        sqe   = sqe_i[512*q+:512];
        index = sqe_index_i[16*q+:16];
        start = sqe_time_i[32*q+:32];
        abort = abort_i[q];
        nop   = is_nop[q];
        busy_queue = occupied_i[q];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q     <= 1'b0;
      queue_q    <= '0;
      fenced_q   <= '0;
      alone_q    <= '0;
      cq_alloc_q <= '0;
    end else begin
      held_q <= take;
      if (take) queue_q <= pick;
      if (held_q) alone_q[queue_q] <= !go;
      for (int q = 0; q < NUM_QUEUES; q++) begin
        if (clear_i[q]) cq_alloc_q[16*q+:16] <= '0;
        else if (sqe_ready_o[q]) cq_alloc_q[16*q+:16] <= cq_alloc_q[16*q+:16] + 1'b1;
        // Until its slot is free.
        if (sqe_ready_o[q] && nop_q && !abort_q) fenced_q[q] <= 1'b1;
        else if (!occupied_i[q]) fenced_q[q] <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      sqe_q   <= sqe;
      index_q <= index;
      time_q  <= start;
      abort_q <= abort;
      nop_q   <= nop;
      late_q  <= busy_queue;
    end
  end

  // ---- Check and send
  pagepress_abi_pkg::pp_sqe_t entry;
  pp_queue_pkg::job_t         job;
  logic                       bad;
  logic [3:0]                 detail;
  logic                       compress;
  logic                       decompress;
  logic                       to_channel;

  assign entry = sqe_q;

  pp_sqe_check #(
    .SGE_MAX(SGE_MAX)
  ) i_check (
    .sqe_i       (entry),
    .bad_o       (bad),
    .detail_o    (detail),
    .compress_o  (compress),
    .decompress_o(decompress),
    .job_o       (job)
  );

  assign to_channel = (compress || decompress) && !abort_q;
  // What turns out to need no channel goes back if units of its queue are left.
  assign go         = held_q && (to_channel || !late_q);

  // The channel of its kind that has room and the fewest units.
  logic [2*NUM_ENGINES-1:0] chosen;
  logic [COUNT_W-1:0]       least;
  always_comb begin
    chosen = '0;
    least  = '1;
    for (int c = 2 * NUM_ENGINES - 1; c >= 0; c--) begin
      if (room_i[c] && (decompress ? c >= NUM_ENGINES : c < NUM_ENGINES) &&
          (chosen == '0 || units_i[COUNT_W*c+:COUNT_W] <= least)) begin
        chosen    = '0;
        chosen[c] = 1'b1;
        least     = units_i[COUNT_W*c+:COUNT_W];
      end
    end
  end

  assign alloc_o              = go;
  assign alloc_unit_o.tag     = entry.tag;
  assign alloc_unit_o.qid     = 8'(queue_q);
  assign alloc_unit_o.index   = index_q;
  assign alloc_unit_o.start   = time_q;
  // What was not read is not counted.
  assign alloc_unit_o.src_len = to_channel ? entry.src_len : '0;
  assign alloc_unit_o.irq     = (entry.flags & 16'(pagepress_abi_pkg::PP_SQE_F_IRQ)) != '0;
  assign alloc_relaxed_o      = (entry.flags & 16'(pagepress_abi_pkg::PP_SQE_F_RELAXED)) != '0;

  assign alloc_bulk_o         = !(decompress && to_channel);

  assign inject_valid_o = held_q && to_channel;
  assign inject_qid_o   = 16'(queue_q);
  assign job_valid_o    = (held_q && to_channel) ? chosen : '0;
  assign job_slot_o     = free_slot_i;

  always_comb begin
    job_o            = job;
    job_o.inject     = inject_kind_i;
    job_o.inject_arg = inject_arg_i;
  end

  assign now_valid_o = go && !to_channel;
  assign now_slot_o  = free_slot_i;

  always_comb begin
    now_o = '0;
    if (abort_q) begin
      now_o.status = 8'(pagepress_abi_pkg::PP_STATUS_ABORTED);
    end else if (bad) begin
      now_o.status = 8'(pagepress_abi_pkg::PP_STATUS_BAD_DESCRIPTOR);
      now_o.detail = detail;
    end
  end

  assign busy_o = held_q || request != '0;

  `PP_ASSERT(ChannelFound, !(held_q && to_channel && chosen == '0))
  `PP_ASSERT(SlotFound, !(go && !free_i))
  `PP_ASSERT(NowHasRoom, !(now_valid_o && !now_ready_i))

endmodule

`default_nettype wire
