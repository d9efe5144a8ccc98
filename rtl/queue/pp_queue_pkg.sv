// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Records that units travel as between the stages of a queue pair. All of them
/// stay in the order of submission.
///
/// **Limitations**
/// - Lengths are 13 bits: units of 4 KiB.
package pp_queue_pkg;

  localparam int unsigned UNIT_BYTES = 4096;

  /// A submission after its check, until its result is known.
  typedef struct packed {
    logic [63:0] tag;
    logic [63:0] dst_addr;
    logic        irq;        // PP_SQE_F_IRQ
    logic        immediate;  // completes with status and detail; never sees the engine
    logic [7:0]  status;
    logic [3:0]  detail;
  } unit_t;

  /// A unit whose result is known, until its completion entry is written.
  typedef struct packed {
    logic [63:0] tag;
    logic [12:0] out_len;
    logic [31:0] crc32c;
    logic [63:0] info;
    logic [31:0] cycles;
    logic [7:0]  status;
    logic [3:0]  detail;
    logic        irq;
    logic        has_data;  // output was handed to the page writer: wait for its responses
  } done_t;

  /// Outcome of a unit's reads or writes.
  typedef struct packed {
    logic        fault;
    logic [63:0] addr;  // first address that failed
  } dma_result_t;

  /// What an error log entry holds.
  typedef struct packed {
    logic [7:0]  cond;   // PP_ERR_*
    logic [15:0] qid;
    logic [31:0] index;
    logic [63:0] addr;
  } error_t;

  // Widths of the records above: yosys 0.23 has no $bits() of a type. Verilator
  // warns at the ports of the queues that hold them if these are wrong.
  localparam int unsigned UNIT_W = 142;
  localparam int unsigned DONE_W = 219;
  localparam int unsigned DMA_RESULT_W = 65;
  localparam int unsigned ERROR_W = 120;

endpackage

`default_nettype wire
