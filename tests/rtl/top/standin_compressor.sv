// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A stand-in for rtl/lz4/pp_lz4_compressor.sv in the benches of the device around
/// it: the same ports and timing contract, results that C++ predicts in a line.
///
/// Of each unit it looks at the first 32 bytes:
/// - all four 64-bit words equal: SAME_FILLED with that word;
/// - else the wanted length is byte 0 and 4 bits of byte 1 of the unit, plus 1
///   (1..4096). Longer than the limit: INCOMPRESSIBLE; else OK, and the output is
///   the unit's first `length` bytes.
/// CRC is the XOR of all 32-bit words; cycles is UNIT_CYCLES.
///
/// **Limitations**
/// - A unit occupies the core for UNIT_CYCLES at least; two units inside: one
///   loading, one giving its result.
module pp_lz4_compressor #(
  parameter int unsigned W = 8,
  parameter int unsigned UNIT_CYCLES = 4096 / W
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [12:0]  in_limit_i,
  output logic         res_valid_o,
  input  logic         res_ready_i,
  input  logic         res_drop_i,
  output logic [7:0]   res_status_o,
  output logic [12:0]  res_len_o,
  output logic [31:0]  res_crc32c_o,
  output logic [63:0]  res_info_o,
  output logic [31:0]  res_cycles_o,
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o
);

  logic [255:0] page [256];  // two units
  logic         load_half_q, drain_half_q;
  logic [6:0]   load_q;
  logic         loading_q;     // beats 1..127 of the unit are expected
  logic [31:0]  age_q;         // cycles since the unit's first beat
  logic         loaded_q;      // all beats are in
  logic [31:0]  crc_q;
  logic [255:0] first_q;
  logic [12:0]  limit_q;

  logic         res_valid_q;
  logic [7:0]   res_status_q;
  logic [12:0]  res_len_q;
  logic [31:0]  res_crc_q;
  logic [63:0]  res_info_q;
  logic         draining_q;
  logic [6:0]   drain_q;
  logic [7:0]   drain_beats_q;

  logic [31:0]  fold;
  logic [12:0]  wanted;
  logic         same;
  logic         hand_over;

  assign fold = in_data_i[31:0] ^ in_data_i[63:32] ^ in_data_i[95:64] ^ in_data_i[127:96] ^
                in_data_i[159:128] ^ in_data_i[191:160] ^ in_data_i[223:192] ^ in_data_i[255:224];
  assign wanted = {1'b0, first_q[11:0]} + 13'd1;
  assign same   = first_q[63:0] == first_q[127:64] && first_q[127:0] == first_q[255:128];

  assign in_ready_o = !loaded_q;
  assign hand_over  = loaded_q && age_q >= UNIT_CYCLES - 1 && !res_valid_q && !draining_q;

  assign res_valid_o  = res_valid_q;
  assign res_status_o = res_status_q;
  assign res_len_o    = res_len_q;
  assign res_crc32c_o = res_crc_q;
  assign res_info_o   = res_info_q;
  assign res_cycles_o = UNIT_CYCLES;

  assign out_valid_o = draining_q;
  assign out_data_o  = page[{drain_half_q, drain_q}];
  assign out_last_o  = {1'b0, drain_q} == drain_beats_q - 8'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_half_q   <= 1'b0;
      drain_half_q  <= 1'b0;
      load_q        <= '0;
      loading_q     <= 1'b0;
      age_q         <= '0;
      loaded_q      <= 1'b0;
      crc_q         <= '0;
      first_q       <= '0;
      limit_q       <= '0;
      res_valid_q   <= 1'b0;
      res_status_q  <= '0;
      res_len_q     <= '0;
      res_crc_q     <= '0;
      res_info_q    <= '0;
      draining_q    <= 1'b0;
      drain_q       <= '0;
      drain_beats_q <= '0;
    end else begin
      if (loading_q || loaded_q) age_q <= age_q + 1;
      if (in_valid_i && in_ready_o) begin
        load_q    <= load_q + 1'b1;
        loading_q <= 1'b1;
        crc_q     <= loading_q ? crc_q ^ fold : fold;
        if (!loading_q) begin
          first_q <= in_data_i;
          limit_q <= in_limit_i;
          age_q   <= 1;
        end
        if (load_q == 7'd127) begin
          loading_q <= 1'b0;
          loaded_q  <= 1'b1;
        end
      end
      if (hand_over) begin
        loaded_q     <= 1'b0;
        load_half_q  <= !load_half_q;
        drain_half_q <= load_half_q;
        res_valid_q  <= 1'b1;
        res_crc_q    <= crc_q;
        res_info_q   <= same ? first_q[63:0] : '0;
        res_len_q    <= (same || wanted > limit_q) ? '0 : wanted;
        if (same) res_status_q <= 8'(pagepress_abi_pkg::PP_STATUS_SAME_FILLED);
        else if (wanted > limit_q) res_status_q <= 8'(pagepress_abi_pkg::PP_STATUS_INCOMPRESSIBLE);
        else res_status_q <= 8'(pagepress_abi_pkg::PP_STATUS_OK);
      end
      if (res_valid_q && res_ready_i) begin
        res_valid_q   <= 1'b0;
        draining_q    <= res_len_q != '0 && !res_drop_i;
        drain_q       <= '0;
        drain_beats_q <= 8'((res_len_q + 13'd31) >> 5);
      end
      if (out_valid_o && out_ready_i) begin
        drain_q <= drain_q + 1'b1;
        if (out_last_o) draining_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) page[{load_half_q, load_q}] <= in_data_i;
  end

endmodule

`default_nettype wire
