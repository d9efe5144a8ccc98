// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Writes completions in order: each one after the responses of its unit's data,
/// and never over an entry that the driver has not consumed (cq_head).
///
/// cq_tail_o counts an entry as soon as its write is granted: the driver may see
/// it in memory, and ring cq_head, before the response is back here.
///
/// **Limitations**
/// - One entry a burst.
/// - After a failed write further completions are discarded until clear_i, so that
///   the queue can still be drained. Only the first failure is told.
module pp_cq_writer #(
  parameter int unsigned DATA_W = 256,
  parameter int unsigned ADDR_W = 64,
  parameter int unsigned MAX_OUTSTANDING = 16  // a power of two
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic              clear_i,  // the queue is being enabled: start at index 0
  input  logic [ADDR_W-1:0] base_i,   // of the ring
  input  logic [3:0]        log2_i,   // of the ring's entries
  input  logic [15:0]       cq_head_i,
  output logic [15:0]       cq_tail_o,
  input  logic [15:0]       sq_head_i,

  input  logic                       done_valid_i,
  output logic                       done_ready_o,
  input  pp_queue_pkg::done_t        done_i,
  input  logic                       write_valid_i,  // outcome of the data's writes
  output logic                       write_ready_o,
  input  pp_queue_pkg::dma_result_t  write_i,

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [DATA_W-1:0] req_data_o,
  input  logic              resp_valid_i,
  input  logic              resp_error_i,

  output logic              completed_o,  // one cycle: a unit is out of the device
  output logic              irq_event_o,  // one cycle: and it counts for an interrupt
  output logic              err_valid_o,  // one cycle: the entry at err_index_o failed
  output logic [15:0]       err_index_o,
  output logic [ADDR_W-1:0] err_addr_o
);

  if (DATA_W != 256) begin : gen_bad_width
    $error("an entry must be one beat: DATA_W 256");
  end

  logic [15:0] tail_q;     // next entry to write
  logic [15:0] written_q;  // next entry whose response is to come
  logic        dead_q;     // a write failed
  logic [15:0] ring_mask;
  logic [15:0] tail_slot;
  logic [15:0] written_slot;
  logic        full;
  logic        ready;
  logic        issue;
  logic        discard;
  logic        track_ready;
  logic        track_valid;
  logic        track_irq;

  assign ring_mask    = ~(16'hffff << log2_i);
  assign tail_slot    = tail_q & ring_mask;
  assign written_slot = written_q & ring_mask;
  assign full         = (tail_q - cq_head_i) > ring_mask;

  assign ready   = done_valid_i && (!done_i.has_data || write_valid_i);
  assign req_valid_o = ready && !full && !dead_q && track_ready;
  assign req_addr_o  = base_i + (ADDR_W'(tail_slot) << 5);
  assign issue   = req_valid_o && req_ready_i;
  // What is still on its way counts first, so that one unit leaves a cycle.
  assign discard = ready && dead_q && !track_valid;

  assign done_ready_o  = issue || discard;
  assign write_ready_o = (issue || discard) && done_i.has_data;

  // ---- The entry
  pagepress_abi_pkg::pp_cqe_t cqe;
  logic       write_fault;
  logic [3:0] detail;
  logic       phase;

  assign write_fault = done_i.has_data && write_i.fault;
  assign detail      = write_fault ? 4'(pagepress_abi_pkg::PP_FAULT_WRITE) : done_i.detail;
  // 1 on the first pass, then alternating: the index bit above the ring's.
  assign phase       = ((tail_q >> log2_i) & 16'd1) == 16'd0;

  assign cqe.tag           = done_i.tag;
  assign cqe.out_len       = write_fault ? '0 : 32'(done_i.out_len);
  assign cqe.crc32c        = write_fault ? '0 : done_i.crc32c;
  assign cqe.info          = write_fault ? write_i.addr : done_i.info;
  assign cqe.engine_cycles = write_fault ? '0 : done_i.cycles;
  assign cqe.sq_head       = sq_head_i;
  assign cqe.status        = write_fault ? 8'(pagepress_abi_pkg::PP_STATUS_DMA_FAULT)
                                         : done_i.status;
  assign cqe.flags         = {detail, 3'd0, phase};
  assign req_data_o        = cqe;

  // ---- Responses
  pp_fifo #(
    .WIDTH(1),
    .DEPTH(MAX_OUTSTANDING)
  ) i_track (
    .clk_i,
    .rst_ni,
    .in_valid_i (issue),
    .in_ready_o (track_ready),
    .in_data_i  (done_i.irq),
    .out_valid_o(track_valid),
    .out_ready_i(resp_valid_i),
    .out_data_o (track_irq)
  );

  assign completed_o = resp_valid_i || discard;
  assign irq_event_o = resp_valid_i && track_irq && !resp_error_i;
  assign err_valid_o = resp_valid_i && resp_error_i && !dead_q;
  assign err_index_o = written_q;
  assign err_addr_o  = base_i + (ADDR_W'(written_slot) << 5);
  assign cq_tail_o   = tail_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q    <= '0;
      written_q <= '0;
      dead_q    <= 1'b0;
    end else if (clear_i) begin
      tail_q    <= '0;
      written_q <= '0;
      dead_q    <= 1'b0;
    end else begin
      if (issue) tail_q <= tail_q + 1'b1;
      if (resp_valid_i) written_q <= written_q + 1'b1;
      if (err_valid_o) dead_q <= 1'b1;
    end
  end

  `PP_ASSERT(ResponseOfAnEntry, !(resp_valid_i && !track_valid))
  `PP_ASSERT(EmptyWhenCleared, !(clear_i && (track_valid || done_valid_i)))

endmodule

`default_nettype wire
