// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The queue pairs up to their first submissions: control blocks, doorbells, states,
/// and the fetching of submission rings over one client of the read bus. Rings are
/// fetched by the queues' priority, a burst at a time.
///
/// **Limitations**
/// - NUM_QUEUES is 2 to 256.
/// - SQ_PREFETCH submissions of each queue are held ahead; they count as taken in.
module pp_queues #(
  parameter int unsigned NUM_QUEUES     = 8,
  parameter int unsigned DATA_W         = 256,
  parameter int unsigned ADDR_W         = 64,
  parameter int unsigned BURST_BEATS    = 16,
  parameter int unsigned DEPTH_LOG2_MAX = 15,
  parameter int unsigned SQ_PREFETCH    = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,  // of the device: fetching stops when clear
  input  logic [31:0] now_i,     // cycle counter

  // Registers: addresses of BAR 0
  input  logic        wr_en_i,
  input  logic [20:0] wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [20:0] rd_addr_i,
  output logic [31:0] rd_data_o,

  // AXI read client
  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [7:0]        req_len_o,
  input  logic              beat_valid_i,
  input  logic [DATA_W-1:0] beat_data_i,
  input  logic              beat_error_i,
  input  logic              beat_last_i,

  // First submissions
  output logic [NUM_QUEUES-1:0]     sqe_valid_o,
  input  logic [NUM_QUEUES-1:0]     sqe_ready_i,
  output logic [512*NUM_QUEUES-1:0] sqe_o,
  output logic [16*NUM_QUEUES-1:0]  sqe_index_o,
  output logic [32*NUM_QUEUES-1:0]  sqe_time_o,

  // State
  output logic [NUM_QUEUES-1:0]     clear_o,     // one cycle: the queue is being enabled
  output logic [NUM_QUEUES-1:0]     abort_o,
  output logic [3*NUM_QUEUES-1:0]   class_o,
  output logic [64*NUM_QUEUES-1:0]  cq_base_o,
  output logic [4*NUM_QUEUES-1:0]   cq_log2_o,
  output logic [16*NUM_QUEUES-1:0]  sq_head_o,
  output logic [16*NUM_QUEUES-1:0]  cq_head_o,
  input  logic [16*NUM_QUEUES-1:0]  cq_tail_i,
  output logic [NUM_QUEUES-1:0]     received_o,  // one cycle: a submission has come
  input  logic [NUM_QUEUES-1:0]     completed_i, // one cycle: one is done with
  output logic [NUM_QUEUES-1:0]     in_flight_o, // there are some between the two
  output logic                      busy_o,

  output logic [NUM_QUEUES-1:0]     irq_enable_o,
  output logic [NUM_QUEUES-1:0]     irq_mask_o,
  output logic [8*NUM_QUEUES-1:0]   irq_count_o,
  output logic [12*NUM_QUEUES-1:0]  irq_vector_o,
  output logic [24*NUM_QUEUES-1:0]  irq_time_o,

  output logic                      reg_err_valid_o,
  output pp_queue_pkg::error_t      reg_err_o,
  output logic                      sq_err_valid_o,
  output pp_queue_pkg::error_t      sq_err_o,
  input  logic                      cq_err_valid_i,
  input  logic [15:0]               cq_err_qid_i
);

  localparam int unsigned Q_W   = $clog2(NUM_QUEUES);
  localparam int unsigned ERR_W = pp_queue_pkg::ERROR_W;

  if (NUM_QUEUES < 2 || NUM_QUEUES > 256) begin : gen_bad_queues
    $error("%m: NUM_QUEUES must be 2 to 256");
  end

  // ---- Which queue a register belongs to
  logic       wr_is_queue;
  logic       wr_is_doorbell;
  logic [7:0] wr_queue;
  logic [7:0] wr_doorbell;
  logic       rd_is_queue;
  // The low 8 bits of a doorbell page's offset are the doorbell's; the rest of the
  // page is reserved.
  assign wr_is_queue    = wr_en_i && wr_addr_i[20:16] == pagepress_abi_pkg::PP_QUEUE_BASE[20:16];
  assign wr_queue       = wr_addr_i[15:8];
  assign wr_is_doorbell = wr_en_i && wr_addr_i[20] && wr_addr_i[11:8] == '0;
  assign wr_doorbell    = wr_addr_i[19:12];
  assign rd_is_queue    = rd_addr_i[20:16] == pagepress_abi_pkg::PP_QUEUE_BASE[20:16];

  logic [32*NUM_QUEUES-1:0]    rd_data;
  logic [NUM_QUEUES-1:0]       reg_err_valid;
  logic [ERR_W*NUM_QUEUES-1:0] reg_err;
  always_comb begin
    rd_data_o       = '0;
    reg_err_o       = '0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (rd_is_queue && rd_addr_i[15:8] == 8'(q)) rd_data_o = rd_data[32*q+:32];
      if (reg_err_valid[q]) reg_err_o = reg_err[ERR_W*q+:ERR_W];
    end
  end
  assign reg_err_valid_o = reg_err_valid != '0;

  // ---- Queues
  logic [NUM_QUEUES-1:0]        fetch_busy;
  logic [NUM_QUEUES-1:0]        fetch_want;
  logic [NUM_QUEUES-1:0]        fetch_valid;
  logic [NUM_QUEUES-1:0]        fetch_ready;
  logic [ADDR_W*NUM_QUEUES-1:0] fetch_addr;
  logic [8*NUM_QUEUES-1:0]      fetch_len;
  logic [NUM_QUEUES-1:0]        fetch_beat;
  logic [NUM_QUEUES-1:0]        sq_err_valid;
  logic [ERR_W*NUM_QUEUES-1:0]  sq_err;
  logic [NUM_QUEUES-1:0]        queue_busy;

  for (genvar q = 0; q < NUM_QUEUES; q++) begin : gen_queue
    logic        run;
    logic [63:0] sq_base;
    logic [3:0]  sq_log2;
    logic [15:0] sq_tail;
    logic [15:0] in_flight_q;
    logic        busy;
    logic [15:0] err_index;
    logic [ADDR_W-1:0] err_addr;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) in_flight_q <= '0;
      else in_flight_q <= in_flight_q + 16'(received_o[q]) - 16'(completed_i[q]);
    end
    assign in_flight_o[q] = in_flight_q != '0;
    assign busy           = fetch_busy[q] || in_flight_q != '0;
    assign queue_busy[q]  = busy || (fetch_want[q] && run && enable_i);

    pp_queue_regs #(
      .QUEUE         (16'(q)),
      .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX)
    ) i_regs (
      .clk_i,
      .rst_ni,
      .wr_ctrl_sel_i(wr_is_queue && wr_queue == 8'(q)),
      .wr_db_sel_i  (wr_is_doorbell && wr_doorbell == 8'(q)),
      .wr_offset_i  (wr_addr_i[7:0]),
      .wr_data_i,
      .wr_strb_i,
      .rd_offset_i  ({rd_addr_i[7:2], 2'b00}),
      .rd_data_o    (rd_data[32*q+:32]),
      .clear_o      (clear_o[q]),
      .run_o        (run),
      .abort_o      (abort_o[q]),
      .class_o      (class_o[3*q+:3]),
      .sq_base_o    (sq_base),
      .cq_base_o    (cq_base_o[64*q+:64]),
      .sq_log2_o    (sq_log2),
      .cq_log2_o    (cq_log2_o[4*q+:4]),
      .sq_tail_o    (sq_tail),
      .cq_head_o    (cq_head_o[16*q+:16]),
      .sq_head_i    (sq_head_o[16*q+:16]),
      .cq_tail_i    (cq_tail_i[16*q+:16]),
      .in_flight_i  (in_flight_q),
      .busy_i       (busy),
      .sq_error_i   (sq_err_valid[q]),
      .cq_error_i   (cq_err_valid_i && cq_err_qid_i == 16'(q)),
      .irq_enable_o (irq_enable_o[q]),
      .irq_mask_o   (irq_mask_o[q]),
      .irq_count_o  (irq_count_o[8*q+:8]),
      .irq_vector_o (irq_vector_o[12*q+:12]),
      .irq_time_o   (irq_time_o[24*q+:24]),
      .err_valid_o  (reg_err_valid[q]),
      .err_o        (reg_err[ERR_W*q+:ERR_W])
    );

    pp_sq_fetch #(
      .DATA_W     (DATA_W),
      .ADDR_W     (ADDR_W),
      .BURST_BEATS(BURST_BEATS),
      .DEPTH      (SQ_PREFETCH)
    ) i_fetch (
      .clk_i,
      .rst_ni,
      .clear_i     (clear_o[q]),
      .run_i       (run && enable_i),
      .base_i      (sq_base[ADDR_W-1:0]),
      .log2_i      (sq_log2),
      .tail_i      (sq_tail),
      .now_i,
      .head_o      (sq_head_o[16*q+:16]),
      .busy_o      (fetch_busy[q]),
      .want_o      (fetch_want[q]),
      .req_valid_o (fetch_valid[q]),
      .req_ready_i (fetch_ready[q]),
      .req_addr_o  (fetch_addr[ADDR_W*q+:ADDR_W]),
      .req_len_o   (fetch_len[8*q+:8]),
      .beat_valid_i(fetch_beat[q]),
      .beat_data_i,
      .beat_error_i,
      .sqe_valid_o (sqe_valid_o[q]),
      .sqe_ready_i (sqe_ready_i[q]),
      .sqe_o       (sqe_o[512*q+:512]),
      .sqe_index_o (sqe_index_o[16*q+:16]),
      .sqe_time_o  (sqe_time_o[32*q+:32]),
      .received_o  (received_o[q]),
      .err_valid_o (sq_err_valid[q]),
      .err_index_o (err_index),
      .err_addr_o  (err_addr)
    );
    // An error_t; yosys 0.23 knows no members of a record inside a generate block.
    assign sq_err[ERR_W*q+:ERR_W] = {8'(pagepress_abi_pkg::PP_ERR_SQ_FETCH), 16'(q),
                                     32'(err_index), 64'(err_addr)};
  end

  assign busy_o = queue_busy != '0;

  // ---- One burst after the other, and whose beats come back
  logic           pick_valid;
  logic [Q_W-1:0] pick;
  logic           order_ready;
  logic           order_valid;
  logic [Q_W-1:0] order;

  pp_arbiter #(
    .N(NUM_QUEUES)
  ) i_arbiter (
    .clk_i,
    .rst_ni,
    .request_i(fetch_valid),
    .class_i  (class_o),
    .take_i   (req_valid_o && req_ready_i),
    .valid_o  (pick_valid),
    .index_o  (pick)
  );

  pp_fifo #(
    .WIDTH(Q_W),
    .DEPTH(16)
  ) i_order (
    .clk_i,
    .rst_ni,
    .in_valid_i (req_valid_o && req_ready_i),
    .in_ready_o (order_ready),
    .in_data_i  (pick),
    .out_valid_o(order_valid),
    .out_ready_i(beat_valid_i && beat_last_i),
    .out_data_o (order)
  );

  assign req_valid_o = pick_valid && order_ready;
  // Each in a block of its own: together they look like a loop to a simulator that does not
  // split blocks (coverage), as req_ready_i follows req_addr_o.
  for (genvar q = 0; q < NUM_QUEUES; q++) begin : gen_fetch
    assign fetch_ready[q] = req_ready_i && order_ready && pick == Q_W'(q);
    assign fetch_beat[q]  = beat_valid_i && order == Q_W'(q);
  end
  always_comb begin
    req_addr_o = '0;
    req_len_o  = '0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (pick == Q_W'(q)) begin
        req_addr_o = fetch_addr[ADDR_W*q+:ADDR_W];
        req_len_o  = fetch_len[8*q+:8];
      end
    end
  end
  always_comb begin
    sq_err_o = '0;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (sq_err_valid[q]) sq_err_o = sq_err[ERR_W*q+:ERR_W];
    end
  end
  assign sq_err_valid_o = sq_err_valid != '0;

  `PP_ASSERT(BeatOfAQueue, !(beat_valid_i && !order_valid))

  logic unused_bits;
  assign unused_bits = ^{rd_addr_i[1:0], order_valid};

endmodule

`default_nettype wire
