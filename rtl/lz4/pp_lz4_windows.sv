// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Units out of their page buffers, a window of W bytes a cycle. A window is read a cycle
/// ahead, so that it and its text leave together.
///
/// Also counts the cycles that a unit holds the match finder: from when its first window is
/// taken to when its last one is. While the first one waits, the unit before holds it.
///
/// **Limitations**
/// - A unit that needs no matching is one window, whose text is nothing.
module pp_lz4_windows #(
  parameter int unsigned W     = 16,  // 8, 16 or 32
  parameter int unsigned PAGES = 2,   // page buffers
  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W,
  localparam int unsigned BEAT_W = pp_lz_pkg::BEAT_W,
  localparam int unsigned SIZE_W = pp_lz_pkg::SIZE_W,
  localparam int unsigned IDX_W  = pp_lz_pkg::POS_W - $clog2(W)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Beats of units as they arrive
  input  logic              wr_en_i,
  input  logic [BUF_W+BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]      wr_data_i,
  // The oldest unit whose windows are to come
  input  logic              unit_valid_i,
  output logic              unit_ready_o,  // its last window is read
  input  logic              unit_skip_i,
  input  logic [SIZE_W-1:0] unit_size_i,   // 4096 << size bytes
  input  logic [BUF_W-1:0]  unit_page_i,
  // Windows
  output logic              win_valid_o,
  input  logic              win_ready_i,
  output logic              win_first_o,
  output logic              win_last_o,
  output logic              win_skip_o,
  output logic [SIZE_W-1:0] win_size_o,
  output logic [BUF_W-1:0]  win_page_o,
  output logic [IDX_W-1:0]  win_index_o,
  output logic [8*W-1:0]    win_text_o,
  // A unit's last window is taken
  output logic              held_valid_o,
  output logic [31:0]       held_cycles_o
);

  localparam int unsigned BANKS  = 32 / W;      // windows of a beat
  localparam int unsigned BANK_W = $clog2(BANKS);

  logic             fetch, fetch_last;
  logic [IDX_W-1:0] index_q, stop;
  assign fetch        = unit_valid_i && (!win_valid_o || win_ready_i);
  assign stop         = (IDX_W'(4096 / W) << unit_size_i) - 1'b1;
  assign fetch_last   = index_q == stop || unit_skip_i;
  assign unit_ready_o = fetch && fetch_last;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      win_valid_o <= 1'b0;
      index_q     <= '0;
    end else begin
      if (fetch) win_valid_o <= 1'b1;
      else if (win_ready_i) win_valid_o <= 1'b0;
      if (fetch) index_q <= fetch_last ? '0 : index_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (fetch) begin
      win_first_o <= index_q == '0;
      win_last_o  <= fetch_last;
      win_skip_o  <= unit_skip_i;
      win_size_o  <= unit_size_i;
      win_page_o  <= unit_page_i;
      win_index_o <= index_q;
    end
  end

  // A bank for each window of a beat.
  logic [BANKS*8*W-1:0] out;
  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [8*W-1:0] mem [PAGES << BEAT_W];
    logic [8*W-1:0] data_q;
    always_ff @(posedge clk_i) begin
      if (wr_en_i) mem[wr_beat_i[$clog2(PAGES)+BEAT_W-1:0]] <= wr_data_i[8*W*b+:8*W];
      if (fetch) data_q <= mem[{unit_page_i[$clog2(PAGES)-1:0], index_q[IDX_W-1:BANK_W]}];
    end
    assign out[8*W*b+:8*W] = data_q;
  end
  if (BANKS == 1) begin : gen_whole
    assign win_text_o = out;
  end else begin : gen_parts
    always_comb begin
      win_text_o = '0;
      for (int b = 0; b < BANKS; b++) begin
        if (win_index_o[BANK_W-1:0] == b[BANK_W-1:0]) win_text_o = out[8*W*b+:8*W];
      end
    end
  end

  // Cycles with the next window in them, so that nothing is added to what is chosen.
  logic [31:0] next_q, held;
  assign held          = win_first_o ? 32'd1 : next_q;
  assign held_valid_o  = win_valid_o && win_ready_i && win_last_o;
  assign held_cycles_o = win_skip_o ? 32'd128 << win_size_o : held;
  always_ff @(posedge clk_i) begin
    if (win_valid_o) next_q <= win_first_o ? 32'd2 : next_q + 32'd1;
  end

  if (PAGES < (1 << BUF_W)) begin : gen_few_pages
    logic unused_page;
    assign unused_page = ^{wr_beat_i, unit_page_i};
  end

endmodule

`default_nettype wire
