// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Writes an engine's output into the destination's ranges. (ports only so far)
module pp_unit_writer #(
  parameter int unsigned DATA_W      = 256,  // 256 or 512
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BURST_BEATS = 16,   // longest burst
  parameter int unsigned MAX_BURSTS  = 32,   // outstanding, a power of two
  parameter int unsigned MAX_UNITS   = 8     // between job and result, a power of two
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  output logic                         busy_o,  // a job whose result was not taken

  input  logic                         job_valid_i,
  output logic                         job_ready_o,
  input  logic [pp_lz_pkg::LEN_W-1:0]  job_len_i,  // bytes; 0: drop the unit's ranges

  input  logic                         rng_valid_i,
  output logic                         rng_ready_o,
  input  logic [63:0]                  rng_addr_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]  rng_len_i,   // may be 0
  input  logic                         rng_last_i,  // of the unit

  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [255:0]                 in_data_i,
  input  logic                         in_last_i,

  output logic                         req_valid_o,
  input  logic                         req_ready_i,
  output logic [ADDR_W-1:0]            req_addr_o,
  output logic [7:0]                   req_len_o,  // beats - 1
  output logic                         beat_valid_o,
  input  logic                         beat_ready_i,
  output logic [DATA_W-1:0]            beat_data_o,
  output logic [DATA_W/8-1:0]          beat_strb_o,
  input  logic                         resp_valid_i,
  input  logic                         resp_error_i,

  output logic                         result_valid_o,
  input  logic                         result_ready_i,
  output logic                         result_fault_o,
  output logic [63:0]                  result_addr_o  // first byte of the first burst that failed
);
endmodule

`default_nettype wire
