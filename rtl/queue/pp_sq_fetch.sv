// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Fetches submissions into a small queue, several in one burst where there are
/// several. Bursts stay inside 4 KiB and do not pass the ring's end. A burst waits
/// until it has room for all the entries it could carry, so that a steady stream
/// is fetched in long bursts and not entry by entry.
///
/// Indices are free-running: tail_i >= fetch_q >= head_o, modulo 2^16.
///
/// **Limitations**
/// - DATA_W is 256 or 512: an entry is two beats or one.
/// - DEPTH (entries held) is a power of two, at least 2 and at most 64.
/// - After a failed fetch nothing more is fetched until clear_i; entries in front
///   of the failed one are still given out.
module pp_sq_fetch #(
  parameter int unsigned DATA_W      = 256,
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BURST_BEATS = 16,
  parameter int unsigned DEPTH       = 16
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic              clear_i,  // the queue is being enabled: start at index 0
  input  logic              run_i,    // may ask for more
  input  logic [ADDR_W-1:0] base_i,   // of the ring; aligned to 4 KiB
  input  logic [3:0]        log2_i,   // of the ring's entries
  input  logic [15:0]       tail_i,
  input  logic [31:0]       now_i,    // cycle counter
  output logic [15:0]       head_o,   // next entry that is not yet here
  output logic              busy_o,   // entries asked for that are not yet here
  output logic              want_o,   // there is something to fetch

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [7:0]        req_len_o,  // beats - 1
  input  logic              beat_valid_i,
  input  logic [DATA_W-1:0] beat_data_i,
  input  logic              beat_error_i,

  output logic              sqe_valid_o,
  input  logic              sqe_ready_i,
  output logic [511:0]      sqe_o,
  output logic [15:0]       sqe_index_o,
  output logic [31:0]       sqe_time_o,  // cycle in which it came
  output logic              received_o,  // one cycle for each entry that came

  output logic              err_valid_o,  // one cycle: the entry at err_index_o failed
  output logic [15:0]       err_index_o,
  output logic [ADDR_W-1:0] err_addr_o
);

  localparam int unsigned PTR_W = $clog2(DEPTH);
  // Half the queue at most in one burst: the other half feeds the engine meanwhile.
  localparam int unsigned SQE_BEATS = 512 / DATA_W;
  localparam int unsigned MAX_BURST = (BURST_BEATS / SQE_BEATS < DEPTH / 2) ? BURST_BEATS / SQE_BEATS
                                                                            : DEPTH / 2;

  if (DATA_W != 256 && DATA_W != 512) begin : gen_bad_width
    $error("an entry must be one beat or two: DATA_W 256 or 512");
  end
  if (DEPTH < 2 || DEPTH > 64 || (1 << PTR_W) != DEPTH || BURST_BEATS < 2) begin : gen_bad_depth
    $error("DEPTH must be a power of two, 2 to 64, and BURST_BEATS at least 2");
  end

  logic [15:0]    fetch_q;   // next entry to ask for
  logic [15:0]    head_q;
  logic [15:0]    out_q;     // next entry to give out
  logic [PTR_W:0] used_q;    // entries held or asked for
  logic [PTR_W:0] wr_q;
  logic [PTR_W:0] rd_q;
  logic           upper_q;   // the entry's second beat comes next
  logic           dead_q;    // a fetch failed
  logic [7:0]     pending_q; // entries asked for, whose second beat has not come

  // ---- Asking
  logic [5:0]  wrap_mask;  // index bits inside the ring or the 4 KiB, whichever is less
  logic [6:0]  to_wrap;
  logic [15:0] avail;
  logic [6:0]  count;
  logic        issue;
  logic        pop;
  logic [15:0] ring_mask;
  logic [15:0] fetch_slot;

  assign ring_mask  = ~(16'hffff << log2_i);
  assign fetch_slot = fetch_q & ring_mask;
  assign wrap_mask  = ring_mask[5:0];
  assign to_wrap    = {1'b0, wrap_mask} - {1'b0, fetch_q[5:0] & wrap_mask} + 7'd1;
  assign avail      = tail_i - fetch_q;

  always_comb begin
    count = 7'(MAX_BURST);
    if (to_wrap < count) count = to_wrap;
    if (avail < 16'(count)) count = avail[6:0];
  end

  // What to ask for is in a register, so that the ring's depth and the choice among
  // queues are not in one path. It is forgotten when fetching stops.
  logic              ask_q;
  logic [6:0]        ask_count_q;
  logic [ADDR_W-1:0] ask_addr_q;

  assign want_o      = avail != '0 && !dead_q;
  assign req_valid_o = ask_q && run_i && !dead_q;
  assign req_addr_o  = ask_addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ask_q <= 1'b0;
    else if (clear_i || !run_i || issue) ask_q <= 1'b0;
    else if (!ask_q) ask_q <= want_o && (7'(DEPTH) - 7'(used_q)) >= count;
  end

  always_ff @(posedge clk_i) begin
    if (!ask_q) begin
      ask_count_q <= count;
      ask_addr_q  <= base_i + (ADDR_W'(fetch_slot) << 6);
    end
  end

  assign req_len_o   = (SQE_BEATS == 2 ? {ask_count_q, 1'b0} : {1'b0, ask_count_q}) - 8'd1;
  assign issue       = req_valid_o && req_ready_i;

  // ---- Taking
  logic entry_done;
  logic error;
  logic good;
  logic [15:0] head_slot;

  assign entry_done = beat_valid_i && (SQE_BEATS == 1 || upper_q);
  assign error      = beat_valid_i && beat_error_i && !dead_q;
  assign good       = entry_done && !beat_error_i && !dead_q;
  assign head_slot  = head_q & ring_mask;

  assign head_o      = head_q;
  assign busy_o      = pending_q != '0;
  assign received_o  = good;
  assign err_valid_o = error;
  assign err_index_o = head_q;
  assign err_addr_o  = base_i + (ADDR_W'(head_slot) << 6);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fetch_q   <= '0;
      head_q    <= '0;
      out_q     <= '0;
      used_q    <= '0;
      wr_q      <= '0;
      rd_q      <= '0;
      upper_q   <= 1'b0;
      dead_q    <= 1'b0;
      pending_q <= '0;
    end else if (clear_i) begin
      fetch_q   <= '0;
      head_q    <= '0;
      out_q     <= '0;
      used_q    <= '0;
      wr_q      <= '0;
      rd_q      <= '0;
      dead_q    <= 1'b0;
    end else begin
      if (issue) fetch_q <= fetch_q + 16'(ask_count_q);
      used_q    <= used_q + (issue ? (PTR_W + 1)'(ask_count_q) : '0) - (PTR_W + 1)'(pop);
      pending_q <= pending_q + (issue ? 8'(ask_count_q) : 8'd0) - 8'(entry_done);
      if (beat_valid_i) upper_q <= !upper_q;
      if (error) dead_q <= 1'b1;
      if (good) begin
        head_q <= head_q + 1'b1;
        wr_q   <= wr_q + 1'b1;
      end
      if (pop) begin
        rd_q  <= rd_q + 1'b1;
        out_q <= out_q + 1'b1;
      end
    end
  end

  // ---- Entries: two halves side by side, and when each came
  logic [255:0] lower [DEPTH];
  logic [255:0] upper [DEPTH];
  logic [31:0]  came [DEPTH];

  if (SQE_BEATS == 2) begin : gen_halves
    always_ff @(posedge clk_i) begin
      if (beat_valid_i && !upper_q) lower[wr_q[PTR_W-1:0]] <= beat_data_i;
      if (beat_valid_i && upper_q) upper[wr_q[PTR_W-1:0]] <= beat_data_i;
    end
  end else begin : gen_whole
    always_ff @(posedge clk_i) begin
      if (beat_valid_i) begin
        lower[wr_q[PTR_W-1:0]] <= beat_data_i[255:0];
        upper[wr_q[PTR_W-1:0]] <= beat_data_i[DATA_W-1:DATA_W-256];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (entry_done) came[wr_q[PTR_W-1:0]] <= now_i;
  end

  assign sqe_valid_o = wr_q != rd_q;
  assign sqe_o       = {upper[rd_q[PTR_W-1:0]], lower[rd_q[PTR_W-1:0]]};
  assign sqe_index_o = out_q;
  assign sqe_time_o  = came[rd_q[PTR_W-1:0]];
  assign pop         = sqe_valid_o && sqe_ready_i;

  `PP_ASSERT(EmptyWhenCleared, !(clear_i && (busy_o || sqe_valid_o)))
  `PP_ASSERT(BeatWasAskedFor, !(beat_valid_i && pending_q == '0))
  `PP_ASSERT(RoomPutAside, used_q <= (PTR_W + 1)'(DEPTH))

endmodule

`default_nettype wire
