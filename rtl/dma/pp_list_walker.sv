// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Turns units' addresses into ranges: a plain address is one range, a scatter list is
/// fetched, checked and walked. The lists of JOBS units are fetched ahead.
///
///   jobs --+--> fetches -> burst cutter -> AR       R -> list beats (RAM) --.
///          '--> waiting jobs --------------------------------------------> walk
///                                     units <- source ranges <- dest. ranges <-'
///
/// A unit is shown when both of its lists have been walked, as a list's sum is known
/// only then. Ranges are trimmed to the length wanted and those of no bytes left out;
/// each unit has at least one on either side, and the last one is marked. If a list's
/// lengths do not suffice, that mark is on an empty one.
///
/// **Limitations**
/// - A list is aligned to 16 bytes, of 1 .. SGE_MAX entries (asserted).
/// - Of several troubles one is told: a bus error before a bad list, the source's before
///   the destination's. The ranges of such a unit may be given out all the same.
module pp_list_walker #(
  parameter int unsigned DATA_W      = 256,
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BURST_BEATS = 16,
  parameter int unsigned SGE_MAX     = 8,
  parameter int unsigned JOBS        = 4,  // a power of two
  parameter int unsigned UNITS       = 8   // whose destination ranges have room in any case
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,

  input  logic                           job_valid_i,
  output logic                           job_ready_o,
  input  logic [63:0]                    job_src_addr_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0]  job_src_len_i,
  input  logic                           job_src_sgl_i,
  input  logic [3:0]                     job_src_count_i,
  input  logic [63:0]                    job_dst_addr_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]    job_dst_cap_i,
  input  logic                           job_dst_sgl_i,
  input  logic [3:0]                     job_dst_count_i,

  // Bursts of lists. There is always room for what was asked for.
  output logic                           req_valid_o,
  input  logic                           req_ready_i,
  output logic [ADDR_W-1:0]              req_start_o,
  output logic [8:0]                     req_beats_o,
  input  logic                           beat_valid_i,
  input  logic [DATA_W-1:0]              beat_data_i,
  input  logic                           beat_error_i,

  output logic                           unit_valid_o,
  input  logic                           unit_ready_i,
  output logic [pp_lz_pkg::BLOCK_W-1:0]  unit_len_o,
  output logic                           unit_list_fault_o,
  output logic                           unit_bad_list_o,
  output logic [63:0]                    unit_addr_o,  // of the list's bytes that failed

  output logic                           src_valid_o,
  input  logic                           src_ready_i,
  output logic [63:0]                    src_addr_o,
  output logic [pp_lz_pkg::BLOCK_W-1:0]  src_len_o,
  output logic                           src_last_o,

  output logic                           dst_valid_o,
  input  logic                           dst_ready_i,
  output logic [63:0]                    dst_addr_o,
  output logic [pp_lz_pkg::LEN_W-1:0]    dst_len_o,
  output logic                           dst_last_o
);

  localparam int unsigned BLOCK_W   = pp_lz_pkg::BLOCK_W;
  localparam int unsigned LEN_W     = pp_lz_pkg::LEN_W;
  localparam int unsigned NEED_W    = BLOCK_W > LEN_W ? BLOCK_W : LEN_W;
  localparam int unsigned BEAT_LOG2 = $clog2(DATA_W / 8);
  localparam int unsigned SLOT_W    = BEAT_LOG2 - 4;  // entries of a beat
  localparam int unsigned SLOTS     = 1 << SLOT_W;
  // Beats of the longest list at the worst place, of both lists of all waiting jobs.
  localparam int unsigned LIST_BEATS = (SGE_MAX + SLOTS - 1 + SLOTS - 1) / SLOTS;
  localparam int unsigned LIST_DEPTH = 1 << $clog2(2 * JOBS * LIST_BEATS);
  // One unit's ranges, and the mark of a list that does not suffice, must have room.
  localparam int unsigned SRC_DEPTH  = 1 << $clog2(SGE_MAX + 1);
  localparam int unsigned DST_DEPTH  = 1 << $clog2(UNITS * SGE_MAX + 1);
  localparam int unsigned DST_CNT_W  = $clog2(DST_DEPTH) + 1;

  if (SGE_MAX < 1 || SGE_MAX > 15) begin : gen_bad_max
    $error("%m: SGE_MAX must be 1 to 15");
  end

  // ---- Waiting jobs; one leaves when it has been walked, so that its lists' beats
  // have room from the start
  logic               fetch_ready;
  logic               wait_ready;
  logic               job_valid;
  logic               job_done;
  logic [63:0]        src_addr, dst_addr;
  logic [BLOCK_W-1:0] src_len;
  logic [LEN_W-1:0]   dst_cap;
  logic               src_sgl, dst_sgl;
  logic [3:0]         src_count, dst_count;

  assign job_ready_o = fetch_ready && wait_ready;

  pp_fifo #(
    .WIDTH(128 + BLOCK_W + LEN_W + 10),
    .DEPTH(JOBS)
  ) i_wait (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i && fetch_ready),
    .in_ready_o (wait_ready),
    .in_data_i  ({job_src_addr_i, job_src_len_i, job_src_sgl_i, job_src_count_i,
                  job_dst_addr_i, job_dst_cap_i, job_dst_sgl_i, job_dst_count_i}),
    .out_valid_o(job_valid),
    .out_ready_i(job_done),
    .out_data_o ({src_addr, src_len, src_sgl, src_count, dst_addr, dst_cap, dst_sgl, dst_count})
  );

  // ---- Fetching: a unit's source list, then its destination list
  logic        fetch_valid;
  logic        fetch_src, fetch_dst;
  logic [63:0] fetch_src_addr, fetch_dst_addr;
  logic [3:0]  fetch_src_count, fetch_dst_count;
  logic        src_asked_q;  // the source list of this fetch is asked for
  logic        is_dst;
  logic        cut_ready;
  logic        cut_take;
  logic        unused_last;

  pp_fifo #(
    .WIDTH(138),
    .DEPTH(JOBS)
  ) i_fetch (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i && job_ready_o && (job_src_sgl_i || job_dst_sgl_i)),
    .in_ready_o (fetch_ready),
    .in_data_i  ({job_src_sgl_i, job_src_addr_i, job_src_count_i,
                  job_dst_sgl_i, job_dst_addr_i, job_dst_count_i}),
    .out_valid_o(fetch_valid),
    .out_ready_i(cut_take && (is_dst || !fetch_dst)),
    .out_data_o ({fetch_src, fetch_src_addr, fetch_src_count,
                  fetch_dst, fetch_dst_addr, fetch_dst_count})
  );

  assign is_dst   = src_asked_q || !fetch_src;
  assign cut_take = fetch_valid && cut_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) src_asked_q <= 1'b0;
    else if (cut_take) src_asked_q <= !is_dst && fetch_dst;
  end

  pp_burst_cutter #(
    .ADDR_W     (ADDR_W),
    .LEN_W      (8),
    .BEAT_LOG2  (BEAT_LOG2),
    .BURST_BEATS(BURST_BEATS)
  ) i_cutter (
    .clk_i,
    .rst_ni,
    .job_valid_i(fetch_valid),
    .job_ready_o(cut_ready),
    .job_addr_i (ADDR_W'(is_dst ? fetch_dst_addr : fetch_src_addr)),
    .job_len_i  ({is_dst ? fetch_dst_count : fetch_src_count, 4'b0000}),
    .req_valid_o,
    .req_ready_i,
    .req_start_o,
    .req_beats_o,
    .req_last_o (unused_last)
  );

  logic              list_valid;
  logic              list_taken;
  logic              list_error;
  logic [DATA_W-1:0] list_data;

  pp_ram_fifo #(
    .WIDTH(DATA_W + 1),
    .DEPTH(LIST_DEPTH)
  ) i_list (
    .clk_i,
    .rst_ni,
    .in_valid_i (beat_valid_i),
    .in_data_i  ({beat_error_i, beat_data_i}),
    .out_valid_o(list_valid),
    .out_ready_i(list_taken),
    .out_data_o ({list_error, list_data})
  );

  // ---- Walking: an entry a cycle, the source's then the destination's
  localparam logic [1:0] WALK_SRC  = 2'd0;
  localparam logic [1:0] WALK_DST  = 2'd1;
  localparam logic [1:0] WALK_SHOW = 2'd2;

  logic [1:0]        walk_q;
  logic              close_q;     // the side lacks its last range
  logic [3:0]        idx_q;       // entry
  logic [NEED_W-1:0] left_q;      // bytes still wanted, from the second entry on
  logic              fault_q;
  logic              bad_q;
  logic [63:0]       fault_addr_q;

  logic              on_dst;
  logic              sgl;
  logic [63:0]       addr;        // of the data, or of the list
  logic [3:0]        count;
  logic [NEED_W-1:0] need;
  logic [NEED_W-1:0] left;
  logic [63:0]       entry_at;    // address of the entry
  logic [127:0]      slot;
  logic              range_error; // the entry could not be read
  logic [63:0]       range_addr;
  logic [31:0]       range_len;
  logic [31:0]       reserved;
  logic [NEED_W-1:0] take;        // bytes of it that are wanted
  logic [NEED_W-1:0] left_after;
  logic              last_entry;
  logic              room;        // for a range of this side
  logic              step;
  logic              give;        // a range
  logic              give_last;
  logic              side_done;
  logic              src_room;
  logic              dst_room;
  logic              show_ready;

  assign on_dst   = walk_q == WALK_DST;
  assign sgl      = on_dst ? dst_sgl : src_sgl;
  assign addr     = on_dst ? dst_addr : src_addr;
  assign count    = on_dst ? dst_count : src_count;
  assign need     = on_dst ? NEED_W'(dst_cap) : NEED_W'(src_len);
  assign left     = idx_q == '0 ? need : left_q;
  assign entry_at = {addr[63:4] + 60'(idx_q), addr[3:0]};

  // Slices of fixed places: a variable one would become a shifter.
  always_comb begin
    slot = '0;
    for (int unsigned s = 0; s < SLOTS; s++) begin
      if (entry_at[4 +: SLOT_W] == SLOT_W'(s)) slot = list_data[s*128 +: 128];
    end
  end

  pagepress_abi_pkg::pp_sge_t entry;
  assign entry       = slot;
  assign range_error = sgl && list_error;
  assign range_addr  = sgl ? entry.addr : addr;
  assign range_len   = sgl ? entry.len : 32'(need);
  assign reserved    = sgl ? entry.reserved : '0;

  assign take       = range_error ? '0 :
                      range_len < 32'(left) ? range_len[NEED_W-1:0] : left;
  assign left_after = left - take;
  assign last_entry = !sgl || idx_q + 1'b1 == count;
  assign room       = on_dst ? dst_room : src_room;
  assign step       = job_valid && walk_q != WALK_SHOW && !close_q && room &&
                      (!sgl || list_valid);
  assign list_taken = step && sgl && (last_entry || entry_at[4 +: SLOT_W] == '1);
  assign give       = (step && take != '0) || (close_q && room);
  assign give_last  = close_q || left_after == '0;
  // The last entry ends the side, unless the mark is still to be given.
  assign side_done  = close_q ? room : step && last_entry && left_after == '0 && need != '0;
  assign job_done   = walk_q == WALK_SHOW && show_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      walk_q       <= WALK_SRC;
      close_q      <= 1'b0;
      idx_q        <= '0;
      left_q       <= '0;
      fault_q      <= 1'b0;
      bad_q        <= 1'b0;
      fault_addr_q <= '0;
    end else begin
      if (step) begin
        idx_q   <= last_entry ? '0 : idx_q + 1'b1;
        left_q  <= left_after;
        close_q <= last_entry && !side_done;
        bad_q   <= bad_q || (!range_error && reserved != '0) || (last_entry && left_after != '0);
        fault_q <= fault_q || range_error;
        if (range_error && !fault_q) fault_addr_q <= entry_at;
      end else if (side_done) begin
        close_q <= 1'b0;
      end
      if (side_done) walk_q <= on_dst ? WALK_SHOW : WALK_DST;
      if (job_done) begin
        walk_q  <= WALK_SRC;
        fault_q <= 1'b0;
        bad_q   <= 1'b0;
      end
    end
  end

  // ---- What comes out
  pp_fifo #(
    .WIDTH(64 + BLOCK_W + 1),
    .DEPTH(SRC_DEPTH)
  ) i_src (
    .clk_i,
    .rst_ni,
    .in_valid_i (give && !on_dst),
    .in_ready_o (src_room),
    .in_data_i  ({range_addr, close_q ? BLOCK_W'(0) : BLOCK_W'(take), give_last}),
    .out_valid_o(src_valid_o),
    .out_ready_i(src_ready_i),
    .out_data_o ({src_addr_o, src_len_o, src_last_o})
  );

  logic [DST_CNT_W-1:0] dst_left_q;  // room
  logic                 dst_in;

  assign dst_in   = give && on_dst;
  assign dst_room = dst_left_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) dst_left_q <= DST_CNT_W'(DST_DEPTH);
    else dst_left_q <= dst_left_q - DST_CNT_W'(dst_in) + DST_CNT_W'(dst_valid_o && dst_ready_i);
  end

  pp_ram_fifo #(
    .WIDTH(64 + LEN_W + 1),
    .DEPTH(DST_DEPTH)
  ) i_dst (
    .clk_i,
    .rst_ni,
    .in_valid_i (dst_in),
    .in_data_i  ({range_addr, close_q ? LEN_W'(0) : LEN_W'(take), give_last}),
    .out_valid_o(dst_valid_o),
    .out_ready_i(dst_ready_i),
    .out_data_o ({dst_addr_o, dst_len_o, dst_last_o})
  );

  pp_fifo #(
    .WIDTH(66 + BLOCK_W),
    .DEPTH(2)
  ) i_unit (
    .clk_i,
    .rst_ni,
    .in_valid_i (walk_q == WALK_SHOW),
    .in_ready_o (show_ready),
    .in_data_i  ({fault_addr_q, bad_q && !fault_q, fault_q, src_len}),
    .out_valid_o(unit_valid_o),
    .out_ready_i(unit_ready_i),
    .out_data_o ({unit_addr_o, unit_bad_list_o, unit_list_fault_o, unit_len_o})
  );

  `PP_ASSERT(SourceNotEmpty, !(job_valid_i && job_src_len_i == '0))
  `PP_ASSERT(SourceListFits, !(job_valid_i && job_src_sgl_i && (job_src_addr_i[3:0] != '0 ||
      job_src_count_i == '0 || 32'(job_src_count_i) > SGE_MAX)))
  `PP_ASSERT(DestinationListFits, !(job_valid_i && job_dst_sgl_i && (job_dst_addr_i[3:0] != '0 ||
      job_dst_count_i == '0 || 32'(job_dst_count_i) > SGE_MAX)))

endmodule

`default_nettype wire
