// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The counters behind PP_REG_PERF_*: a RAM for each scope, 64 counters for each of
/// its instances, worked on in rounds of eight cycles that all scopes go through together:
///
///   slot 0      what a counter to be read has had since its last visit below
///        1..5   one completion: COMPLETED, BYTES_IN, BYTES_OUT, its status, its latency
///        6      the pulses and levels of one source a scope, collected since its last visit
///        7      the counter to be read
///
/// No two neighbours touch the same counter, but for 6 and 7: a source that slot 0 has
/// just emptied is left out. What is read holds everything that happened before
/// sel_valid_i, and may hold what happened until hold_o fell.
///
/// Which counters there are: docs/abi.md, section 11. A cycle counter of the device
/// counts the cycles in which any of its queues or engines would count.
///
/// **Limitations**
/// - One completion in eight cycles; a burst of DONE_DEPTH is taken at once.
/// - Clearing, also after reset, sweeps over the RAMs: 64 cycles for each queue or engine (of
///   whichever there are more, rounded up to a power of two), in which completions wait and a
///   read is held. What happens meanwhile is counted.
/// - A latency of 2^31 cycles or more counts as one of 31 bits; a status that is none
///   (injected) counts as no status.
/// - busy_o does not tell of pulses and levels not yet collected: they lose nothing if the
///   clock is stopped.
module pp_counters #(
  parameter int unsigned QUEUES     = 8,   // 1 to 256
  parameter int unsigned ENGINES    = 2,   // 1 to 127
  parameter int unsigned DONE_DEPTH = 8    // a power of two up to 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Pulses, any of them in any cycle
  input  logic [QUEUES-1:0]  received_i,   // a submission was taken in
  input  logic [QUEUES-1:0]  irq_i,        // a message of the queue was sent
  input  logic               err_irq_i,    // a message of the error log was sent

  // Completions as they are written
  input  logic               done_valid_i,
  output logic               done_ready_o,
  input  logic [7:0]         done_qid_i,
  input  logic [6:0]         done_engine_i,
  input  logic               done_on_engine_i,  // it went through engine done_engine_i
  input  logic [7:0]         done_status_i,
  input  logic [31:0]        done_bytes_in_i,
  input  logic [31:0]        done_bytes_out_i,
  input  logic [31:0]        done_latency_i,    // cycles

  // Levels: cycles are counted while set
  input  logic [QUEUES-1:0]  queue_busy_i,
  input  logic [QUEUES-1:0]  queue_stall_i,
  input  logic [ENGINES-1:0] engine_busy_i,
  input  logic [ENGINES-1:0] engine_stall_in_i,
  input  logic [ENGINES-1:0] engine_stall_out_i,

  input  logic               sel_valid_i,  // one cycle: latch the counter that sel_i names
  input  logic [31:0]        sel_i,        // PP_REG_PERF_SELECT
  output logic [63:0]        value_o,      // what the last one latched
  output logic               hold_o,       // value_o is not there yet
  input  logic               clear_i,      // one cycle: all counters to 0
  output logic               busy_o
);

  if (QUEUES < 1 || QUEUES > 256 || ENGINES < 1 || ENGINES > 127) begin : gen_bad_instances
    $error("QUEUES must be 1 to 256, ENGINES 1 to 127");
  end

  localparam int unsigned QID_W    = (QUEUES > 1) ? $clog2(QUEUES) : 1;
  localparam int unsigned EID_W    = (ENGINES > 1) ? $clog2(ENGINES) : 1;
  localparam int unsigned SWEEP_W  = ((QID_W > EID_W) ? QID_W : EID_W) + 6;
  localparam int unsigned HELD_W   = $clog2(DONE_DEPTH) + 1;
  // A source is visited every 32 cycles for each instance, and not while a sweep lasts.
  localparam int unsigned COUNT_W  = SWEEP_W + 2;
  localparam int unsigned SUM_W    = $clog2(QUEUES + 2);  // pulses of a cycle, all queues together
  localparam int unsigned DCOUNT_W = COUNT_W + SUM_W;

  localparam logic [5:0] C_SUBMITTED  = 6'(pagepress_abi_pkg::PP_PERF_SUBMITTED);
  localparam logic [5:0] C_COMPLETED  = 6'(pagepress_abi_pkg::PP_PERF_COMPLETED);
  localparam logic [5:0] C_BYTES_IN   = 6'(pagepress_abi_pkg::PP_PERF_BYTES_IN);
  localparam logic [5:0] C_BYTES_OUT  = 6'(pagepress_abi_pkg::PP_PERF_BYTES_OUT);
  localparam logic [5:0] C_BUSY       = 6'(pagepress_abi_pkg::PP_PERF_BUSY_CYCLES);
  localparam logic [5:0] C_STALL_IN   = 6'(pagepress_abi_pkg::PP_PERF_STALL_INPUT);
  localparam logic [5:0] C_STALL_OUT  = 6'(pagepress_abi_pkg::PP_PERF_STALL_OUTPUT);
  localparam logic [5:0] C_STALL_Q    = 6'(pagepress_abi_pkg::PP_PERF_STALL_QUEUE);
  localparam logic [5:0] C_INTERRUPTS = 6'(pagepress_abi_pkg::PP_PERF_INTERRUPTS);
  localparam logic [5:0] C_STATUS     = 6'(pagepress_abi_pkg::PP_PERF_STATUS_BASE);
  localparam logic [5:0] C_LATENCY    = 6'(pagepress_abi_pkg::PP_PERF_LATENCY_BASE);

  localparam logic [7:0] STATUS_COUNT = 8'(pagepress_abi_pkg::PP_STATUS_COUNT);

  // ---- Completions
  // The latency travels as its number of significant bits.
  localparam int unsigned DONE_W = 8 + 7 + 1 + 8 + 32 + 32 + 5;

  logic [4:0]  in_bits;
  logic        in_push;
  logic        done_valid;
  logic        done_pop;
  logic [7:0]  done_qid;
  logic [6:0]  done_engine;
  logic        done_on_engine;
  logic [7:0]  done_status;
  logic [31:0] done_bytes_in;
  logic [31:0] done_bytes_out;
  logic [4:0]  done_bits;

  always_comb begin
    in_bits = '0;
    for (int unsigned i = 0; i < 31; i++) begin
      if (done_latency_i[i]) in_bits = 5'(i + 1);
    end
    if (done_latency_i[31]) in_bits = 5'd31;
  end

  assign in_push = done_valid_i && done_ready_o;

  pp_fifo #(
    .WIDTH(DONE_W),
    .DEPTH(DONE_DEPTH)
  ) i_done (
    .clk_i,
    .rst_ni,
    .in_valid_i (done_valid_i),
    .in_ready_o (done_ready_o),
    .in_data_i  ({done_qid_i, done_engine_i, done_on_engine_i, done_status_i, done_bytes_in_i,
                  done_bytes_out_i, in_bits}),
    .out_valid_o(done_valid),
    .out_ready_i(done_pop),
    .out_data_o ({done_qid, done_engine, done_on_engine, done_status, done_bytes_in,
                  done_bytes_out, done_bits})
  );

  // ---- State
  logic [2:0]          slot_q;
  logic                active_q;  // slots 1 to 5 have a completion
  logic                sweep_q;
  logic [SWEEP_W-1:0]  sweep_addr_q;
  logic [HELD_W-1:0]   held_q;    // completions in the FIFO
  logic [HELD_W-1:0]   held_d;
  logic [HELD_W-1:0]   stale_q;   // of those, from before the clearing
  logic [HELD_W-1:0]   ahead_q;   // of those, from before the selection
  logic [QID_W+1:0]    q_scan_q;  // {queue, kind}
  logic [EID_W+1:0]    e_scan_q;  // {engine, kind}
  logic [2:0]          d_scan_q;  // kind
  logic                sel_wait_q;
  logic                sel_flushed_q;
  logic                sel_read_q;    // the RAMs show the selected counter
  logic [63:0]         value_q;

  assign done_pop = done_valid && (sweep_q ? stale_q != '0 : (slot_q == 3'd5 && active_q));
  assign held_d   = held_q + HELD_W'(in_push) - HELD_W'(done_pop);

  // ---- The selected counter
  logic [31:0] sel_q;
  logic        sel_exists;
  logic        sel_device;
  logic        sel_queue;
  logic        sel_engine;
  logic        sel_collected;
  logic [5:0]  sel_counter;
  logic [2:0]  sel_d_kind;
  logic [1:0]  sel_q_kind;
  logic [1:0]  sel_e_kind;

  pp_counter_select #(
    .QUEUES (QUEUES),
    .ENGINES(ENGINES)
  ) i_select (
    .sel_i      (sel_q),
    .exists_o   (sel_exists),
    .device_o   (sel_device),
    .queue_o    (sel_queue),
    .engine_o   (sel_engine),
    .collected_o(sel_collected),
    .d_kind_o   (sel_d_kind),
    .q_kind_o   (sel_q_kind),
    .e_kind_o   (sel_e_kind)
  );

  assign sel_counter = sel_q[5:0];

  logic flush;
  logic scan;
  logic d_skip;
  logic q_skip;
  logic e_skip;
  logic sel_read;

  assign flush    = !sweep_q && slot_q == 3'd0 && sel_wait_q && sel_exists;
  assign scan     = !sweep_q && slot_q == 3'd6;
  assign d_skip   = sel_flushed_q && sel_device && sel_collected && d_scan_q == sel_d_kind;
  assign q_skip   = sel_flushed_q && sel_queue && sel_collected &&
                    q_scan_q == {sel_q[16 +: QID_W], sel_q_kind};
  assign e_skip   = sel_flushed_q && sel_engine && sel_collected &&
                    e_scan_q == {sel_q[16 +: EID_W], sel_e_kind};
  assign sel_read = !sweep_q && slot_q == 3'd7 && sel_wait_q && sel_flushed_q && ahead_q == '0;

  // ---- Pulses and levels
  logic [SUM_W-1:0]    received_sum;
  logic [SUM_W-1:0]    irq_sum;
  logic [8*SUM_W-1:0]  d_events;
  logic [4*QUEUES-1:0] q_events;
  logic [4*ENGINES-1:0] e_events;
  logic                d_take;
  logic                q_take;
  logic                e_take;
  logic [2:0]          d_index;
  logic [QID_W+1:0]    q_index;
  logic [EID_W+1:0]    e_index;
  logic [DCOUNT_W-1:0] d_count;
  logic [COUNT_W-1:0]  q_count;
  logic [COUNT_W-1:0]  e_count;

  always_comb begin
    received_sum = '0;
    irq_sum      = SUM_W'(err_irq_i);
    for (int unsigned i = 0; i < QUEUES; i++) begin
      received_sum = received_sum + SUM_W'(received_i[i]);
      irq_sum      = irq_sum + SUM_W'(irq_i[i]);
    end
  end

  assign d_events = {SUM_W'(0), SUM_W'(0), SUM_W'(|engine_stall_out_i), SUM_W'(|engine_stall_in_i),
                     SUM_W'(|queue_stall_i), SUM_W'(|queue_busy_i), irq_sum, received_sum};

  for (genvar i = 0; i < QUEUES; i++) begin : gen_queue
    assign q_events[4*i +: 4] = {queue_stall_i[i], queue_busy_i[i], irq_i[i], received_i[i]};
  end
  for (genvar i = 0; i < ENGINES; i++) begin : gen_engine
    assign e_events[4*i +: 4] = {1'b0, engine_stall_out_i[i], engine_stall_in_i[i],
                                 engine_busy_i[i]};
  end

  assign d_take  = (flush && sel_device && sel_collected) || (scan && !d_skip);
  assign q_take  = (flush && sel_queue && sel_collected) || (scan && !q_skip);
  assign e_take  = (flush && sel_engine && sel_collected) || (scan && !e_skip);
  assign d_index = scan ? d_scan_q : sel_d_kind;
  assign q_index = scan ? q_scan_q : {sel_q[16 +: QID_W], sel_q_kind};
  assign e_index = scan ? e_scan_q : {sel_q[16 +: EID_W], sel_e_kind};

  pp_event_counts #(
    .SOURCES(8),
    .EVENT_W(SUM_W),
    .COUNT_W(DCOUNT_W),
    .INDEX_W(3)
  ) i_device_events (
    .clk_i,
    .rst_ni,
    .clear_i,
    .event_i(d_events),
    .take_i (d_take),
    .index_i(d_index),
    .count_o(d_count)
  );

  pp_event_counts #(
    .SOURCES(4 * QUEUES),
    .EVENT_W(1),
    .COUNT_W(COUNT_W),
    .INDEX_W(QID_W + 2)
  ) i_queue_events (
    .clk_i,
    .rst_ni,
    .clear_i,
    .event_i(q_events),
    .take_i (q_take),
    .index_i(q_index),
    .count_o(q_count)
  );

  pp_event_counts #(
    .SOURCES(4 * ENGINES),
    .EVENT_W(1),
    .COUNT_W(COUNT_W),
    .INDEX_W(EID_W + 2)
  ) i_engine_events (
    .clk_i,
    .rst_ni,
    .clear_i,
    .event_i(e_events),
    .take_i (e_take),
    .index_i(e_index),
    .count_o(e_count)
  );

  // ---- What each slot does
  logic [5:0]  done_counter;
  logic [31:0] done_inc;
  logic        done_add;
  logic [5:0]  d_kind_counter;
  logic [5:0]  q_kind_counter;
  logic [5:0]  e_kind_counter;

  always_comb begin
    done_add     = !sweep_q && active_q;
    done_inc     = 32'd1;
    done_counter = C_COMPLETED;
    case (slot_q)
      3'd1: ;
      3'd2: begin
        done_counter = C_BYTES_IN;
        done_inc     = done_bytes_in;
      end
      3'd3: begin
        done_counter = C_BYTES_OUT;
        done_inc     = done_bytes_out;
      end
      3'd4: begin
        done_counter = C_STATUS + done_status[5:0];
        if (done_status >= STATUS_COUNT) done_add = 1'b0;
      end
      3'd5: done_counter = C_LATENCY + {1'b0, done_bits};
      default: done_add = 1'b0;
    endcase
  end

  // The sources without events have numbers that no counter has: 0 is added to those.
  always_comb begin
    case (d_index)
      3'd0:    d_kind_counter = C_SUBMITTED;
      3'd1:    d_kind_counter = C_INTERRUPTS;
      3'd2:    d_kind_counter = C_BUSY;
      3'd3:    d_kind_counter = C_STALL_Q;
      3'd4:    d_kind_counter = C_STALL_IN;
      3'd5:    d_kind_counter = C_STALL_OUT;
      default: d_kind_counter = 6'd15;
    endcase
    case (q_index[1:0])
      2'd0:    q_kind_counter = C_SUBMITTED;
      2'd1:    q_kind_counter = C_INTERRUPTS;
      2'd2:    q_kind_counter = C_BUSY;
      default: q_kind_counter = C_STALL_Q;
    endcase
    case (e_index[1:0])
      2'd0:    e_kind_counter = C_BUSY;
      2'd1:    e_kind_counter = C_STALL_IN;
      2'd2:    e_kind_counter = C_STALL_OUT;
      default: e_kind_counter = 6'd15;
    endcase
  end

  logic              d_add;
  logic              q_add;
  logic              e_add;
  logic [5:0]        d_addr;
  logic [QID_W+5:0]  q_addr;
  logic [EID_W+5:0]  e_addr;
  logic [31:0]       d_inc;
  logic [31:0]       q_inc;
  logic [31:0]       e_inc;
  logic [63:0]       d_value;
  logic [63:0]       q_value;
  logic [63:0]       e_value;

  always_comb begin
    d_add  = done_add || d_take;
    q_add  = done_add || q_take;
    e_add  = (done_add && done_on_engine && done_engine < 7'(ENGINES)) || e_take;
    d_inc  = done_inc;
    q_inc  = done_inc;
    e_inc  = done_inc;
    d_addr = done_counter;
    q_addr = {done_qid[QID_W-1:0], done_counter};
    e_addr = {done_engine[EID_W-1:0], done_counter};
    if (d_take) begin
      d_inc  = 32'(d_count);
      d_addr = d_kind_counter;
    end
    if (q_take) begin
      q_inc  = 32'(q_count);
      q_addr = {q_index[QID_W+1:2], q_kind_counter};
    end
    if (e_take) begin
      e_inc  = 32'(e_count);
      e_addr = {e_index[EID_W+1:2], e_kind_counter};
    end
    if (slot_q == 3'd7) begin
      d_addr = sel_counter;
      q_addr = {sel_q[16 +: QID_W], sel_counter};
      e_addr = {sel_q[16 +: EID_W], sel_counter};
    end
    if (sweep_q) begin
      d_addr = sweep_addr_q[5:0];
      q_addr = sweep_addr_q[QID_W+5:0];
      e_addr = sweep_addr_q[EID_W+5:0];
    end
  end

  pp_counter_ram #(
    .ADDR_W(6)
  ) i_device (
    .clk_i,
    .rst_ni,
    .add_i  (d_add),
    .read_i (sel_read && sel_device),
    .clear_i(sweep_q),
    .addr_i (d_addr),
    .inc_i  (d_inc),
    .value_o(d_value)
  );

  pp_counter_ram #(
    .ADDR_W(QID_W + 6)
  ) i_queues (
    .clk_i,
    .rst_ni,
    .add_i  (q_add),
    .read_i (sel_read && sel_queue),
    .clear_i(sweep_q),
    .addr_i (q_addr),
    .inc_i  (q_inc),
    .value_o(q_value)
  );

  pp_counter_ram #(
    .ADDR_W(EID_W + 6)
  ) i_engines (
    .clk_i,
    .rst_ni,
    .add_i  (e_add),
    .read_i (sel_read && sel_engine),
    .clear_i(sweep_q),
    .addr_i (e_addr),
    .inc_i  (e_inc),
    .value_o(e_value)
  );

  // ---- Sequence
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q       <= '0;
      active_q     <= 1'b0;
      sweep_q      <= 1'b1;
      sweep_addr_q <= '0;
      held_q       <= '0;
      stale_q      <= '0;
      q_scan_q     <= '0;
      e_scan_q     <= '0;
      d_scan_q     <= '0;
    end else begin
      held_q <= held_d;
      if (clear_i) begin
        slot_q       <= '0;
        active_q     <= 1'b0;
        sweep_q      <= 1'b1;
        sweep_addr_q <= '0;
        stale_q      <= held_d;
      end else if (sweep_q) begin
        sweep_addr_q <= sweep_addr_q + 1'b1;
        if (sweep_addr_q == '1) sweep_q <= 1'b0;
        if (stale_q != '0) stale_q <= stale_q - 1'b1;
      end else begin
        slot_q <= slot_q + 1'b1;
        if (slot_q == 3'd0) active_q <= done_valid;
        if (scan) begin
          d_scan_q <= d_scan_q + 1'b1;
          q_scan_q <= (q_scan_q == (QID_W + 2)'(4 * QUEUES - 1)) ? '0 : q_scan_q + 1'b1;
          e_scan_q <= (e_scan_q == (EID_W + 2)'(4 * ENGINES - 1)) ? '0 : e_scan_q + 1'b1;
        end
      end
    end
  end

  // ---- Selection
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sel_q         <= '0;
      sel_wait_q    <= 1'b0;
      sel_flushed_q <= 1'b0;
      sel_read_q    <= 1'b0;
      ahead_q       <= '0;
      value_q       <= '0;
    end else if (sel_valid_i) begin
      sel_q         <= sel_i;
      sel_wait_q    <= 1'b1;
      sel_flushed_q <= 1'b0;
      sel_read_q    <= 1'b0;
      ahead_q       <= held_d;
    end else begin
      sel_read_q <= sel_read;
      if (done_pop && ahead_q != '0) ahead_q <= ahead_q - 1'b1;
      if (flush) sel_flushed_q <= 1'b1;
      if (sel_wait_q && !sel_exists) begin
        sel_wait_q <= 1'b0;
        value_q    <= '0;
      end else if (sel_read_q) begin
        sel_wait_q    <= 1'b0;
        sel_flushed_q <= 1'b0;
        value_q       <= sel_device ? d_value : (sel_queue ? q_value : e_value);
      end
    end
  end

  assign value_o = value_q;
  assign hold_o  = sel_wait_q;
  assign busy_o  = sweep_q || held_q != '0 || sel_wait_q;

  `PP_ASSERT(QueueExists, !done_valid_i || done_qid_i < 8'(QUEUES) || QUEUES == 256)
  `PP_ASSERT(SweptBeforeUse, sweep_q || stale_q == '0)

  logic unused_bits;
  assign unused_bits = ^{done_qid, done_engine, done_status};

endmodule

`default_nettype wire
