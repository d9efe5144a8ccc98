// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Joins each unit in flight with what became of it: the engine's result, a fault
/// of its reads, or the status it already had. Units with output become a job of
/// the page writer; all go on to wait for their completion. Combinational.
///
/// **Limitations**
/// - A read fault outranks the engine's verdict, whose output is dropped; CRC,
///   cycles and length are then 0, as they describe nothing.
module pp_result (
  input  logic                       clk_i,
  input  logic                       rst_ni,

  input  logic                       unit_valid_i,
  output logic                       unit_ready_o,
  input  pp_queue_pkg::unit_t        unit_i,

  // Outcome of the reads of units that went to the engine, in order.
  input  logic                       read_valid_i,
  output logic                       read_ready_o,
  input  pp_queue_pkg::dma_result_t  read_i,

  // The engine's result (rtl/lz4/pp_lz4_compressor.sv).
  input  logic                       res_valid_i,
  output logic                       res_ready_o,
  output logic                       res_drop_o,
  input  logic [7:0]                 res_status_i,
  input  logic [12:0]                res_len_i,
  input  logic [31:0]                res_crc32c_i,
  input  logic [63:0]                res_info_i,
  input  logic [31:0]                res_cycles_i,

  output logic                       write_valid_o,
  input  logic                       write_ready_i,
  output logic [63:0]                write_addr_o,
  output logic [12:0]                write_len_o,

  output logic                       done_valid_o,
  input  logic                       done_ready_i,
  output pp_queue_pkg::done_t        done_o
);

  logic join_ready;   // everything but the engine's result is there
  logic take_engine;
  logic has_data;

  assign join_ready   = unit_valid_i && done_ready_i && !unit_i.immediate &&
                        read_valid_i && write_ready_i;
  assign take_engine  = join_ready && res_valid_i;
  assign unit_ready_o = take_engine || (unit_i.immediate && done_ready_i);
  assign read_ready_o = take_engine;
  assign res_ready_o  = join_ready;
  assign res_drop_o   = read_i.fault;

  assign has_data      = !unit_i.immediate && !read_i.fault &&
                         res_status_i == 8'(pagepress_abi_pkg::PP_STATUS_OK);
  assign write_valid_o = take_engine && has_data;
  assign write_addr_o  = unit_i.dst_addr;
  assign write_len_o   = res_len_i;

  assign done_valid_o = unit_valid_i && unit_ready_o;

  logic [12:0] out_len;
  logic [31:0] crc32c;
  logic [63:0] info;
  logic [31:0] cycles;
  logic [7:0]  status;
  logic [3:0]  detail;

  always_comb begin
    out_len = '0;
    crc32c  = '0;
    info    = '0;
    cycles  = '0;
    status  = unit_i.status;
    detail  = unit_i.detail;
    if (!unit_i.immediate) begin
      if (read_i.fault) begin
        info   = read_i.addr;
        status = 8'(pagepress_abi_pkg::PP_STATUS_DMA_FAULT);
        detail = 4'(pagepress_abi_pkg::PP_FAULT_READ);
      end else begin
        out_len = res_len_i;
        crc32c  = res_crc32c_i;
        info    = res_info_i;
        cycles  = res_cycles_i;
        status  = res_status_i;
        detail  = '0;
      end
    end
  end

  assign done_o.tag      = unit_i.tag;
  assign done_o.out_len  = out_len;
  assign done_o.crc32c   = crc32c;
  assign done_o.info     = info;
  assign done_o.cycles   = cycles;
  assign done_o.status   = status;
  assign done_o.detail   = detail;
  assign done_o.irq      = unit_i.irq;
  assign done_o.has_data = has_data;

  `PP_ASSERT(OkHasLength, !(take_engine && has_data && res_len_i == '0))
  `PP_ASSERT(ReadBeforeResult, !(res_valid_i && unit_valid_i && !unit_i.immediate && !read_valid_i))

  // Only the assertions use the clock.
  logic unused_clock;
  assign unused_clock = clk_i & rst_ni;

endmodule

`default_nettype wire
