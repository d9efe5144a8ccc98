// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Sends each submission on its way: a good COMPRESS to the page reader and to the
/// engine's list of limits; every entry, in order, to the list of units in flight,
/// where those that need no engine (NOP, bad ones) carry their status already.
/// Combinational.
///
/// **Limitations**
/// - Strictly in order: PP_SQE_F_RELAXED is not known.
module pp_dispatch #(
  parameter int unsigned ALIGN_LOG2 = 6
) (
  input  logic                 sqe_valid_i,
  output logic                 sqe_ready_o,
  input  logic [511:0]         sqe_i,

  output logic                 unit_valid_o,
  input  logic                 unit_ready_i,
  output pp_queue_pkg::unit_t  unit_o,

  output logic                 read_valid_o,
  input  logic                 read_ready_i,
  output logic [63:0]          read_addr_o,
  output logic [12:0]          limit_o
);

  pagepress_abi_pkg::pp_sqe_t sqe;
  logic       bad;
  logic [3:0] detail;
  logic       compress;

  assign sqe = sqe_i;

  pp_sqe_check #(
    .ALIGN_LOG2(ALIGN_LOG2)
  ) i_check (
    .sqe_i     (sqe),
    .bad_o     (bad),
    .detail_o  (detail),
    .compress_o(compress),
    .limit_o
  );

  // Both lists take the entry in the same cycle or neither does.
  assign sqe_ready_o  = unit_ready_i && read_ready_i;
  assign unit_valid_o = sqe_valid_i && sqe_ready_o;
  assign read_valid_o = sqe_valid_i && sqe_ready_o && compress;
  assign read_addr_o  = sqe.src_addr;

  assign unit_o.tag       = sqe.tag;
  assign unit_o.dst_addr  = sqe.dst_addr;
  assign unit_o.irq       = (sqe.flags & 16'(pagepress_abi_pkg::PP_SQE_F_IRQ)) != '0;
  assign unit_o.immediate = !compress;
  assign unit_o.status    = bad ? 8'(pagepress_abi_pkg::PP_STATUS_BAD_DESCRIPTOR)
                                : 8'(pagepress_abi_pkg::PP_STATUS_OK);
  assign unit_o.detail    = detail;

endmodule

`default_nettype wire
