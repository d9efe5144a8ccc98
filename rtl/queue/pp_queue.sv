// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A queue pair: registers, descriptor fetch, dispatch, completion, interrupt.
///
///   SQ --> pp_sq_fetch --> pp_dispatch --+--> units in flight --> pp_result --> done --+
///                                        |                            ^                |
///                                        +--> reads, limits --> engine result          |
///   CQ <-- pp_cq_writer <--------------------------------------------------------------+
///
/// The page reader, the engine and the page writer are shared parts outside.
///
/// **Limitations**
/// - In order throughout; see pp_sqe_check for what a submission may be.
module pp_queue #(
  parameter logic [15:0] QUEUE          = 16'd0,
  parameter int unsigned DATA_W         = 256,
  parameter int unsigned ADDR_W         = 64,
  parameter int unsigned BURST_BEATS    = 16,
  parameter int unsigned ALIGN_LOG2     = 6,
  parameter int unsigned DEPTH_LOG2_MAX = 15,
  parameter int unsigned SQ_PREFETCH    = 16,  // submissions held ahead
  parameter int unsigned MAX_UNITS      = 16   // units from dispatch to result, and from there on
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,  // of the device: fetching stops when clear

  input  logic        wr_ctrl_sel_i,
  input  logic        wr_db_sel_i,
  input  logic [7:0]  wr_offset_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [7:0]  rd_offset_i,
  output logic [31:0] rd_data_o,

  output logic              sq_req_valid_o,
  input  logic              sq_req_ready_i,
  output logic [ADDR_W-1:0] sq_req_addr_o,
  output logic [7:0]        sq_req_len_o,
  input  logic              sq_beat_valid_i,
  input  logic [DATA_W-1:0] sq_beat_data_i,
  input  logic              sq_beat_error_i,

  output logic              cq_req_valid_o,
  input  logic              cq_req_ready_i,
  output logic [ADDR_W-1:0] cq_req_addr_o,
  output logic [DATA_W-1:0] cq_req_data_o,
  input  logic              cq_resp_valid_i,
  input  logic              cq_resp_error_i,

  output logic              read_valid_o,   // a unit for the page reader
  input  logic              read_ready_i,
  output logic [63:0]       read_addr_o,
  output logic [12:0]       read_limit_o,   // and its limit for the engine
  input  logic                       read_result_valid_i,
  input  pp_queue_pkg::dma_result_t  read_result_i,

  input  logic              res_valid_i,    // the engine's result
  output logic              res_ready_o,
  output logic              res_drop_o,
  input  logic [7:0]        res_status_i,
  input  logic [12:0]       res_len_i,
  input  logic [31:0]       res_crc32c_i,
  input  logic [63:0]       res_info_i,
  input  logic [31:0]       res_cycles_i,

  output logic              write_valid_o,  // a unit for the page writer
  input  logic              write_ready_i,
  output logic [63:0]       write_addr_o,
  output logic [12:0]       write_len_o,
  input  logic                       write_result_valid_i,
  output logic                       write_result_ready_o,
  input  pp_queue_pkg::dma_result_t  write_result_i,

  output logic              irq_fire_o,
  output logic [11:0]       irq_vector_o,
  output logic              irq_waiting_o,
  output logic              busy_o,

  output logic                       reg_err_valid_o,  // one cycle each
  output pp_queue_pkg::error_t       reg_err_o,
  output logic                       sq_err_valid_o,
  output pp_queue_pkg::error_t       sq_err_o,
  output logic                       cq_err_valid_o,
  output pp_queue_pkg::error_t       cq_err_o
);

  // ---- Registers and state
  logic        clear;
  logic        run;
  logic [63:0] sq_base;
  logic [63:0] cq_base;
  logic [3:0]  sq_log2;
  logic [3:0]  cq_log2;
  logic [15:0] sq_tail;
  logic [15:0] cq_head;
  logic [15:0] sq_head;
  logic [15:0] cq_tail;
  logic [15:0] in_flight_q;
  logic        queue_busy;
  logic        fetch_busy;
  logic        fetch_want;
  logic        received;
  logic        completed;
  logic        irq_enable;
  logic [7:0]  irq_count;
  logic [23:0] irq_time;
  logic        irq_event;

  assign queue_busy = fetch_busy || in_flight_q != '0;
  assign busy_o     = queue_busy || (fetch_want && run && enable_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) in_flight_q <= '0;
    else in_flight_q <= in_flight_q + 16'(received) - 16'(completed);
  end

  pp_queue_regs #(
    .QUEUE         (QUEUE),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX)
  ) i_regs (
    .clk_i,
    .rst_ni,
    .wr_ctrl_sel_i,
    .wr_db_sel_i,
    .wr_offset_i,
    .wr_data_i,
    .wr_strb_i,
    .rd_offset_i,
    .rd_data_o,
    .clear_o     (clear),
    .run_o       (run),
    .sq_base_o   (sq_base),
    .cq_base_o   (cq_base),
    .sq_log2_o   (sq_log2),
    .cq_log2_o   (cq_log2),
    .sq_tail_o   (sq_tail),
    .cq_head_o   (cq_head),
    .sq_head_i   (sq_head),
    .cq_tail_i   (cq_tail),
    .in_flight_i (in_flight_q),
    .busy_i      (queue_busy),
    .sq_error_i  (sq_err_valid_o),
    .cq_error_i  (cq_err_valid_o),
    .irq_enable_o(irq_enable),
    .irq_count_o (irq_count),
    .irq_vector_o,
    .irq_time_o  (irq_time),
    .err_valid_o (reg_err_valid_o),
    .err_o       (reg_err_o)
  );

  // ---- Submissions
  logic         sqe_valid;
  logic         sqe_ready;
  logic [511:0] sqe;
  logic [15:0]  sq_err_index;
  logic [ADDR_W-1:0] sq_err_addr;

  pp_sq_fetch #(
    .DATA_W     (DATA_W),
    .ADDR_W     (ADDR_W),
    .BURST_BEATS(BURST_BEATS),
    .DEPTH      (SQ_PREFETCH)
  ) i_fetch (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .run_i       (run && enable_i),
    .base_i      (sq_base[ADDR_W-1:0]),
    .log2_i      (sq_log2),
    .tail_i      (sq_tail),
    .head_o      (sq_head),
    .busy_o      (fetch_busy),
    .want_o      (fetch_want),
    .req_valid_o (sq_req_valid_o),
    .req_ready_i (sq_req_ready_i),
    .req_addr_o  (sq_req_addr_o),
    .req_len_o   (sq_req_len_o),
    .beat_valid_i(sq_beat_valid_i),
    .beat_data_i (sq_beat_data_i),
    .beat_error_i(sq_beat_error_i),
    .sqe_valid_o (sqe_valid),
    .sqe_ready_i (sqe_ready),
    .sqe_o       (sqe),
    .received_o  (received),
    .err_valid_o (sq_err_valid_o),
    .err_index_o (sq_err_index),
    .err_addr_o  (sq_err_addr)
  );

  assign sq_err_o.cond  = 8'(pagepress_abi_pkg::PP_ERR_SQ_FETCH);
  assign sq_err_o.qid = QUEUE;
  assign sq_err_o.index = 32'(sq_err_index);
  assign sq_err_o.addr  = 64'(sq_err_addr);

  logic                unit_in_valid;
  logic                unit_in_ready;
  pp_queue_pkg::unit_t unit_in;
  logic                unit_valid;
  logic                unit_ready;
  pp_queue_pkg::unit_t unit;

  pp_dispatch #(
    .ALIGN_LOG2(ALIGN_LOG2)
  ) i_dispatch (
    .sqe_valid_i (sqe_valid),
    .sqe_ready_o (sqe_ready),
    .sqe_i       (sqe),
    .unit_valid_o(unit_in_valid),
    .unit_ready_i(unit_in_ready),
    .unit_o      (unit_in),
    .read_valid_o,
    .read_ready_i,
    .read_addr_o,
    .limit_o     (read_limit_o)
  );

  pp_fifo #(
    .WIDTH(pp_queue_pkg::UNIT_W),
    .DEPTH(MAX_UNITS)
  ) i_units (
    .clk_i,
    .rst_ni,
    .in_valid_i (unit_in_valid),
    .in_ready_o (unit_in_ready),
    .in_data_i  (unit_in),
    .out_valid_o(unit_valid),
    .out_ready_i(unit_ready),
    .out_data_o (unit)
  );

  // ---- Results
  logic                      rd_result_ready;
  logic                      rd_result_valid;
  logic                      rd_result_taken;
  pp_queue_pkg::dma_result_t rd_result;
  logic                      done_in_valid;
  logic                      done_in_ready;
  pp_queue_pkg::done_t       done_in;
  logic                      done_valid;
  logic                      done_ready;
  pp_queue_pkg::done_t       done;

  // Never full: each of its entries has a unit in i_units.
  pp_fifo #(
    .WIDTH(pp_queue_pkg::DMA_RESULT_W),
    .DEPTH(MAX_UNITS)
  ) i_read_results (
    .clk_i,
    .rst_ni,
    .in_valid_i (read_result_valid_i),
    .in_ready_o (rd_result_ready),
    .in_data_i  (read_result_i),
    .out_valid_o(rd_result_valid),
    .out_ready_i(rd_result_taken),
    .out_data_o (rd_result)
  );

  pp_result i_result (
    .clk_i,
    .rst_ni,
    .unit_valid_i (unit_valid),
    .unit_ready_o (unit_ready),
    .unit_i       (unit),
    .read_valid_i (rd_result_valid),
    .read_ready_o (rd_result_taken),
    .read_i       (rd_result),
    .res_valid_i,
    .res_ready_o,
    .res_drop_o,
    .res_status_i,
    .res_len_i,
    .res_crc32c_i,
    .res_info_i,
    .res_cycles_i,
    .write_valid_o,
    .write_ready_i,
    .write_addr_o,
    .write_len_o,
    .done_valid_o (done_in_valid),
    .done_ready_i (done_in_ready),
    .done_o       (done_in)
  );

  pp_fifo #(
    .WIDTH(pp_queue_pkg::DONE_W),
    .DEPTH(MAX_UNITS)
  ) i_done (
    .clk_i,
    .rst_ni,
    .in_valid_i (done_in_valid),
    .in_ready_o (done_in_ready),
    .in_data_i  (done_in),
    .out_valid_o(done_valid),
    .out_ready_i(done_ready),
    .out_data_o (done)
  );

  // ---- Completions
  logic [15:0]       cq_err_index;
  logic [ADDR_W-1:0] cq_err_addr;

  pp_cq_writer #(
    .DATA_W(DATA_W),
    .ADDR_W(ADDR_W)
  ) i_cq (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .base_i       (cq_base[ADDR_W-1:0]),
    .log2_i       (cq_log2),
    .cq_head_i    (cq_head),
    .cq_tail_o    (cq_tail),
    .sq_head_i    (sq_head),
    .done_valid_i (done_valid),
    .done_ready_o (done_ready),
    .done_i       (done),
    .write_valid_i(write_result_valid_i),
    .write_ready_o(write_result_ready_o),
    .write_i      (write_result_i),
    .req_valid_o  (cq_req_valid_o),
    .req_ready_i  (cq_req_ready_i),
    .req_addr_o   (cq_req_addr_o),
    .req_data_o   (cq_req_data_o),
    .resp_valid_i (cq_resp_valid_i),
    .resp_error_i (cq_resp_error_i),
    .completed_o  (completed),
    .irq_event_o  (irq_event),
    .err_valid_o  (cq_err_valid_o),
    .err_index_o  (cq_err_index),
    .err_addr_o   (cq_err_addr)
  );

  assign cq_err_o.cond  = 8'(pagepress_abi_pkg::PP_ERR_CQ_WRITE);
  assign cq_err_o.qid = QUEUE;
  assign cq_err_o.index = 32'(cq_err_index);
  assign cq_err_o.addr  = 64'(cq_err_addr);

  pp_irq_moderator i_irq (
    .clk_i,
    .rst_ni,
    .enable_i (irq_enable),
    .count_i  (irq_count),
    .time_i   (irq_time),
    .event_i  (irq_event),
    .fire_o   (irq_fire_o),
    .waiting_o(irq_waiting_o)
  );

  logic unused_ready;
  assign unused_ready = rd_result_ready;

endmodule

`default_nettype wire
