// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_unit.svh"

/// Records that units travel as: from the scheduler to a channel, in the unit table,
/// and from a channel back.
///
/// **Limitations**
/// - Widths follow the largest unit (pp_unit.svh).
package pp_queue_pkg;

  // As in pp_lz_pkg.
  localparam int unsigned LEN_W   = `PP_UNIT_LOG2 + 1;
  localparam int unsigned BLOCK_W = `PP_UNIT_LOG2 + 1;
  localparam int unsigned SIZE_W  = 3;

  /// What a channel is asked to do: a submission that has passed its check.
  typedef struct packed {
    logic [63:0]        src_addr;      // or of its list
    logic [BLOCK_W-1:0] src_len;
    logic               src_sgl;
    logic [3:0]         src_count;     // of a list
    logic [63:0]        dst_addr;
    logic [LEN_W-1:0]   dst_capacity;
    logic               dst_sgl;
    logic [3:0]         dst_count;
    logic [1:0]         work;          // pp_lz_pkg::WORK_*; of a compress channel
    logic [SIZE_W-1:0]  size;          // unit: 4096 << size
    logic [LEN_W-1:0]   limit;         // longest useful output
    logic               raw;           // store an incompressible unit as it is
    logic               verify;
    logic               expect_crc;    // of a decompress channel
    logic [31:0]        expected;
    logic [2:0]         inject;        // PP_INJECT_* of units; 0: none
    logic [31:0]        inject_arg;
  } job_t;
  localparam int unsigned JOB_W = 64 + BLOCK_W + 5 + 64 + LEN_W + 5 + 2 + SIZE_W + LEN_W + 3 + 32 + 3 + 32;

  /// What became of a unit.
  typedef struct packed {
    logic [7:0]        status;
    logic [3:0]        detail;
    logic              raw;
    logic [LEN_W-1:0]  out_len;
    logic [31:0]       crc32c;
    logic [63:0]       info;
    logic [31:0]       cycles;
    logic              list_fault;    // to be logged: PP_ERR_SGL_FETCH
    logic              engine_error;  // to be logged: PP_ERR_ENGINE
    logic              on_engine;     // an engine had it
    logic [6:0]        engine;
  } result_t;
  localparam int unsigned RESULT_W = 8 + 4 + 1 + LEN_W + 32 + 64 + 32 + 3 + 7;

  /// What is known of a unit from its dispatch on.
  typedef struct packed {
    logic [63:0]        tag;
    logic [7:0]         qid;
    logic [15:0]        index;    // of its submission
    logic [31:0]        start;    // cycle in which it was taken in
    logic [31:0]        src_len;
    logic               irq;      // PP_SQE_F_IRQ
  } unit_t;
  localparam int unsigned UNIT_W = 64 + 8 + 16 + 32 + 32 + 1;

  /// What an error log entry holds.
  typedef struct packed {
    logic [7:0]  cond;   // PP_ERR_*
    logic [15:0] qid;
    logic [31:0] index;
    logic [63:0] addr;
  } error_t;
  localparam int unsigned ERROR_W = 120;

  /// A completion that has been written, for the counters.
  typedef struct packed {
    logic [7:0]  qid;
    logic        on_engine;
    logic [6:0]  engine;
    logic [7:0]  status;
    logic [31:0] bytes_in;
    logic [31:0] bytes_out;
    logic [31:0] latency;
  } stat_t;
  localparam int unsigned STAT_W = 8 + 1 + 7 + 8 + 96;

endpackage

`default_nettype wire
