// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Reads units ahead of an engine: fetches scatter lists, gathers the source's ranges
/// and gives them as a packed stream; hands the destination's ranges on to the writer.
/// (ports only so far)
module pp_unit_reader #(
  parameter int unsigned DATA_W       = 256,    // 256 or 512
  parameter int unsigned ADDR_W       = 64,
  parameter int unsigned BURST_BEATS  = 16,     // longest burst
  parameter int unsigned BUFFER_BYTES = 16384,  // a power of two
  parameter int unsigned SGE_MAX      = 8,      // entries of a list
  parameter int unsigned JOBS         = 4       // whose lists are fetched ahead, a power of two
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  output logic                           busy_o,  // a unit, a result or a range is inside

  input  logic                           job_valid_i,
  output logic                           job_ready_o,
  input  logic [63:0]                    job_src_addr_i,   // of the data, or of the list
  input  logic [pp_lz_pkg::BLOCK_W-1:0]  job_src_len_i,    // at least 1
  input  logic                           job_src_sgl_i,
  input  logic [3:0]                     job_src_count_i,  // entries of the list, 1 .. SGE_MAX
  input  logic [63:0]                    job_dst_addr_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]    job_dst_cap_i,
  input  logic                           job_dst_sgl_i,
  input  logic [3:0]                     job_dst_count_i,

  output logic                           req_valid_o,
  input  logic                           req_ready_i,
  output logic [ADDR_W-1:0]              req_addr_o,
  output logic [7:0]                     req_len_o,  // beats - 1
  input  logic                           beat_valid_i,
  input  logic [DATA_W-1:0]              beat_data_i,
  input  logic                           beat_error_i,

  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [255:0]                   out_data_o,
  output logic                           out_last_o,  // last beat of the unit

  output logic                           result_valid_o,
  input  logic                           result_ready_i,
  output logic                           result_fault_o,       // bus error on the source
  output logic                           result_list_fault_o,  // bus error on a list
  output logic                           result_bad_list_o,
  output logic [63:0]                    result_addr_o,        // first address that failed

  output logic                           dst_valid_o,
  input  logic                           dst_ready_i,
  output logic [63:0]                    dst_addr_o,
  output logic [pp_lz_pkg::LEN_W-1:0]    dst_len_o,   // may be 0
  output logic                           dst_last_o   // of the unit
);
endmodule

`default_nettype wire
