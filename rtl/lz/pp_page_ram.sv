// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Page buffers that take a 32-byte beat and give back BYTES consecutive bytes
/// from any byte address, one read a cycle. Words of 8 bytes lie in BANKS banks,
/// so that neighbours are read at once:
///
///     word   0 1 2 3 4 5 6 7 | 8 9 ...
///     bank   0 1 2 3 4 5 6 7 | 0 1 ...     (BANKS = 8)
///
/// Data follow the address by one cycle and stay until the next read.
///
/// **Limitations**
/// - A read that runs over the end of a page goes on at its start; the users
///   never look at such bytes.
/// - A read of what is written in the same cycle gives the old data.
module pp_page_ram #(
  parameter int unsigned PAGES = 2,   // page buffers: 2 to 4
  parameter int unsigned BANKS = 8,   // a power of two of at least 4
  parameter int unsigned BYTES = 55   // bytes read; at most 8 * BANKS - 7
) (
  input  logic                               clk_i,
  input  logic                               wr_en_i,
  input  logic [pp_lz_pkg::BUF_W+pp_lz_pkg::BEAT_W-1:0] wr_beat_i,  // page, beat of 32 bytes
  input  logic [255:0]                       wr_data_i,
  input  logic                               rd_en_i,
  input  logic [pp_lz_pkg::BUF_W-1:0]        rd_page_i,
  input  logic [pp_lz_pkg::POS_W-1:0]        rd_pos_i,   // first byte
  output logic [8*BYTES-1:0]                 rd_data_o   // byte i in [8*i +: 8]
);

  localparam int unsigned BANK_W = $clog2(BANKS);
  localparam int unsigned ROW_W  = pp_lz_pkg::POS_W - 3 - BANK_W;
  localparam int unsigned PAGE_W = $clog2(PAGES);
  localparam int unsigned BEAT_W = PAGE_W + pp_lz_pkg::BEAT_W;
  localparam int unsigned ALL    = 64 * BANKS;

  if (BANKS < 4 || (1 << BANK_W) != BANKS || 8 * BANKS < BYTES + 7) begin : gen_bad_geometry
    $error("%m: BANKS must be a power of two of at least 4 that holds BYTES + 7 bytes");
  end

  // Which banks a beat's four words go to, and where.
  logic [BEAT_W-1:0] wr_group;  // a beat fills a group of four banks
  assign wr_group = wr_beat_i[BEAT_W-1:0];

  logic [BANK_W-1:0] first_bank;
  logic [ROW_W-1:0]  first_row;
  assign first_bank = rd_pos_i[3+:BANK_W];
  assign first_row  = rd_pos_i[3+BANK_W+:ROW_W];

  logic [ALL-1:0] bank_data;
  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [63:0] mem [PAGES << ROW_W];
    logic [63:0] data_q;
    logic [ROW_W-1:0] row;
    logic hit;
    // Banks before the first one hold the words of the next row.
    if (b < BANKS - 1) begin : gen_row
      assign row = (first_bank > BANK_W'(b)) ? first_row + 1'b1 : first_row;
    end else begin : gen_last_row
      assign row = first_row;
    end
    if (BANKS > 4) begin : gen_part
      assign hit = wr_group[BANK_W-3:0] == (BANK_W-2)'(b / 4);
    end else begin : gen_whole
      assign hit = 1'b1;
    end
    always_ff @(posedge clk_i) begin
      if (wr_en_i && hit) mem[wr_group[BEAT_W-1:BANK_W-2]] <= wr_data_i[64*(b%4)+:64];
      if (rd_en_i) data_q <= mem[{rd_page_i[PAGE_W-1:0], row}];
    end
    assign bank_data[64*b+:64] = data_q;
  end

  logic [BANK_W+2:0] turn_q;  // first byte's bank and place in its word
  always_ff @(posedge clk_i) begin
    if (rd_en_i) turn_q <= rd_pos_i[BANK_W+2:0];
  end

  // Rotate by words, then shift by bytes: a multiplexer for each bit of turn_q.
  logic [ALL-1:0] turned;
  always_comb begin
    turned = bank_data;
    for (int s = 0; s < BANK_W; s++) begin
      if (turn_q[s+3]) turned = (turned >> (64 << s)) | (turned << (ALL - (64 << s)));
    end
  end

  localparam int unsigned WIDE = 8 * BYTES + 56;
  logic [WIDE-1:0] moved1;
  logic [WIDE-1:0] moved2;
  logic [WIDE-1:0] moved4;
  assign moved4 = turn_q[2] ? WIDE'(turned >> 32) : turned[WIDE-1:0];
  assign moved2 = turn_q[1] ? moved4 >> 16 : moved4;
  assign moved1 = turn_q[0] ? moved2 >> 8 : moved2;
  assign rd_data_o = moved1[8*BYTES-1:0];

  // What the shifts brought in, the words beyond the last one asked for, and pages that are not.
  logic unused_bits;
  assign unused_bits = ^{turned, moved1[WIDE-1:8*BYTES], wr_beat_i, rd_page_i};

endmodule

`default_nettype wire
