// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// One channel of an engine: a compressor or a decompressor between a reader and a
/// writer of units. Units stay in the order in which they came.
///
///   job -> reader -----------> compressor or -----------> writer -> result
///            |  parameters --> decompressor                  ^
///            |                      | result                 |
///            |  fault -------------(join)-- length ----------'
///            `-- ranges of the destination ------------------'
///
/// What a bad list or a failed read left is fed to the engine all the same, and its
/// result dropped: nothing in here has to step aside for a fault.
///
/// Injected faults (PP_INJECT_*) travel with the unit: its read or its write is told as
/// failed, its result is held back, a bit of its output is flipped by the engine, or its
/// status is replaced.
///
/// **Limitations**
/// - MAX_UNITS from job to result; the user counts on room_o.
/// - A read fault outranks the engine's verdict; CRC, cycles and length are then 0,
///   as they describe nothing.
/// - With a scatter list, an injected DMA fault tells the list's address.
module pp_channel #(
  parameter bit          DECOMPRESS   = 1'b0,
  parameter int unsigned ENGINE       = 0,      // its number, for the counters
  parameter int unsigned W            = 8,      // positions a cycle of the match finder
  parameter int unsigned DATA_W       = 256,
  parameter int unsigned ADDR_W       = 64,
  parameter int unsigned BURST_BEATS  = 16,
  parameter int unsigned BUFFER_BYTES = 16384,  // read ahead of the engine
  parameter int unsigned WRITE_BURSTS = 32,
  parameter int unsigned SGE_MAX      = 8,
  parameter int unsigned SLOT_W       = 5,
  parameter int unsigned MAX_UNITS    = 12,     // at most 12
  parameter int unsigned COUNT_W      = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic                   job_valid_i,  // one cycle, with room_o only
  input  logic [SLOT_W-1:0]      job_slot_i,
  input  pp_queue_pkg::job_t     job_i,
  output logic                   room_o,
  output logic [COUNT_W-1:0]     units_o,      // from job to result

  output logic                   result_valid_o,
  input  logic                   result_ready_i,
  output logic [SLOT_W-1:0]      result_slot_o,
  output pp_queue_pkg::result_t  result_o,

  // AXI read client
  output logic                   rd_req_valid_o,
  input  logic                   rd_req_ready_i,
  output logic [ADDR_W-1:0]      rd_req_addr_o,
  output logic [7:0]             rd_req_len_o,
  input  logic                   rd_beat_valid_i,
  input  logic [DATA_W-1:0]      rd_beat_data_i,
  input  logic                   rd_beat_error_i,

  // AXI write client
  output logic                   wr_req_valid_o,
  input  logic                   wr_req_ready_i,
  output logic [ADDR_W-1:0]      wr_req_addr_o,
  output logic [7:0]             wr_req_len_o,
  output logic                   wr_beat_valid_o,
  input  logic                   wr_beat_ready_i,
  output logic [DATA_W-1:0]      wr_beat_data_o,
  output logic [DATA_W/8-1:0]    wr_beat_strb_o,
  input  logic                   wr_resp_valid_i,
  input  logic                   wr_resp_error_i,

  output logic                   stall_in_o,   // the engine waits for a unit's data
  output logic                   stall_out_o,  // output waits for the bus
  output logic                   busy_o
);

  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned SIZE_W  = pp_lz_pkg::SIZE_W;
  localparam int unsigned DEPTH   = 16;  // of the queues beside the data

  localparam logic [2:0] BAD_COMPLETION = 3'(pagepress_abi_pkg::PP_INJECT_BAD_COMPLETION);
  localparam logic [2:0] BAD_READ       = 3'(pagepress_abi_pkg::PP_INJECT_DMA_READ);
  localparam logic [2:0] BAD_WRITE      = 3'(pagepress_abi_pkg::PP_INJECT_DMA_WRITE);
  localparam logic [2:0] STUCK          = 3'(pagepress_abi_pkg::PP_INJECT_STUCK_ENGINE);
  localparam logic [2:0] FLIP           = 3'(pagepress_abi_pkg::PP_INJECT_FLIP_OUTPUT);

  if (MAX_UNITS > 12 || MAX_UNITS < 2) begin : gen_bad_units
    $error("%m: MAX_UNITS must be 2 to 12");
  end

  // ---- How many are inside
  logic [COUNT_W-1:0] units_q;
  logic               result_taken;
  assign result_taken = result_valid_o && result_ready_i;
  assign room_o       = units_q < COUNT_W'(MAX_UNITS);
  assign units_o      = units_q;
  assign busy_o       = units_q != '0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) units_q <= '0;
    else units_q <= units_q + COUNT_W'(job_valid_i) - COUNT_W'(result_taken);
  end

  // ---- Jobs wait for the reader; none is lost, as there are no more than MAX_UNITS
  logic               wait_valid;
  logic               wait_ready;
  pp_queue_pkg::job_t waiting;
  logic               unused_wait_ready;
  pp_fifo #(
    .WIDTH(pp_queue_pkg::JOB_W),
    .DEPTH(DEPTH)
  ) i_jobs (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i),
    .in_ready_o (unused_wait_ready),
    .in_data_i  (job_i),
    .out_valid_o(wait_valid),
    .out_ready_i(wait_ready),
    .out_data_o (waiting)
  );

  // The engine's share of the job goes another way.
  logic unused_waiting;
  assign unused_waiting = ^{waiting.work, waiting.size, waiting.limit, waiting.raw, waiting.verify,
                            waiting.expect_crc, waiting.expected, waiting.inject, waiting.inject_arg};

  // ---- Reader
  logic               feed_valid;
  logic               feed_ready;
  logic [255:0]       feed_data;
  logic               feed_last;
  logic               read_valid;
  logic               read_taken;
  logic               read_fault;
  logic               read_list_fault;
  logic               read_bad_list;
  logic [63:0]        read_addr;
  logic               rng_valid;
  logic               rng_ready;
  logic [63:0]        rng_addr;
  logic [LEN_W-1:0]   rng_len;
  logic               rng_last;
  logic               unused_reader_busy;
  pp_unit_reader #(
    .DATA_W      (DATA_W),
    .ADDR_W      (ADDR_W),
    .BURST_BEATS (BURST_BEATS),
    .BUFFER_BYTES(BUFFER_BYTES),
    .SGE_MAX     (SGE_MAX)
  ) i_reader (
    .clk_i,
    .rst_ni,
    .job_valid_i        (wait_valid),
    .job_ready_o        (wait_ready),
    .job_src_addr_i     (waiting.src_addr),
    .job_src_len_i      (waiting.src_len),
    .job_src_sgl_i      (waiting.src_sgl),
    .job_src_count_i    (waiting.src_count),
    .job_dst_addr_i     (waiting.dst_addr),
    .job_dst_cap_i      (waiting.dst_capacity),
    .job_dst_sgl_i      (waiting.dst_sgl),
    .job_dst_count_i    (waiting.dst_count),
    .req_valid_o        (rd_req_valid_o),
    .req_ready_i        (rd_req_ready_i),
    .req_addr_o         (rd_req_addr_o),
    .req_len_o          (rd_req_len_o),
    .beat_valid_i       (rd_beat_valid_i),
    .beat_data_i        (rd_beat_data_i),
    .beat_error_i       (rd_beat_error_i),
    .out_valid_o        (feed_valid),
    .out_ready_i        (feed_ready),
    .out_data_o         (feed_data),
    .out_last_o         (feed_last),
    .result_valid_o     (read_valid),
    .result_ready_i     (read_taken),
    .result_fault_o     (read_fault),
    .result_list_fault_o(read_list_fault),
    .result_bad_list_o  (read_bad_list),
    .result_addr_o      (read_addr),
    .dst_valid_o        (rng_valid),
    .dst_ready_i        (rng_ready),
    .dst_addr_o         (rng_addr),
    .dst_len_o          (rng_len),
    .dst_last_o         (rng_last),
    .busy_o             (unused_reader_busy)
  );

  // ---- Parameters of the units whose data has not all gone into the engine
  localparam int unsigned PARAM_W = 2 + SIZE_W + LEN_W + 3 + 32 + BLOCK_W + 1 + LEN_W + 3;
  logic               param_valid;
  logic [1:0]         p_work;
  logic [SIZE_W-1:0]  p_size;
  logic [LEN_W-1:0]   p_limit;
  logic               p_raw, p_verify, p_expect, p_flip;
  logic [31:0]        p_expected;
  logic [BLOCK_W-1:0] p_len;
  logic [LEN_W+2:0]   p_flip_bit;
  logic               unused_param_ready;
  pp_fifo #(
    .WIDTH(PARAM_W),
    .DEPTH(DEPTH)
  ) i_params (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i),
    .in_ready_o (unused_param_ready),
    // A bit beyond what can be counted is beyond every output.
    .in_data_i  ({job_i.work, job_i.size, DECOMPRESS ? job_i.dst_capacity : job_i.limit, job_i.raw,
                  job_i.verify, job_i.expect_crc, job_i.expected, job_i.src_len,
                  job_i.inject == FLIP && (job_i.inject_arg >> (LEN_W + 3)) == '0,
                  job_i.inject_arg[LEN_W+2:0]}),
    .out_valid_o(param_valid),
    .out_ready_i(feed_valid && feed_ready && feed_last),
    .out_data_o ({p_work, p_size, p_limit, p_raw, p_verify, p_expect, p_expected, p_len, p_flip,
                  p_flip_bit})
  );

  // ---- The engine
  logic               in_valid;
  logic               in_ready;
  logic               res_valid;
  logic               res_ready;
  logic               res_drop;
  logic [7:0]         res_status;
  logic               res_raw;
  logic [LEN_W-1:0]   res_len;
  logic [31:0]        res_crc32c;
  logic [63:0]        res_info;
  logic [31:0]        res_cycles;
  logic               out_valid;
  logic               out_ready;
  logic [255:0]       out_data;
  logic               out_last;
  logic               unused_engine_busy;

  assign in_valid    = feed_valid && param_valid;
  assign feed_ready  = in_ready && param_valid;
  assign stall_in_o  = param_valid && in_ready && !feed_valid;
  assign stall_out_o = out_valid && !out_ready;

  if (DECOMPRESS) begin : gen_decompress
    pp_lz4_decompressor i_engine (
      .clk_i,
      .rst_ni,
      .in_valid_i    (in_valid),
      .in_ready_o    (in_ready),
      .in_data_i     (feed_data),
      .in_len_i      (p_len),
      .in_capacity_i (p_limit),
      .in_expect_i   (p_expect),
      .in_expected_i (p_expected),
      .in_flip_i     (p_flip),
      .in_flip_bit_i (p_flip_bit),
      .res_valid_o   (res_valid),
      .res_ready_i   (res_ready),
      .res_drop_i    (res_drop),
      .res_status_o  (res_status),
      .res_len_o     (res_len),
      .res_crc32c_o  (res_crc32c),
      .res_cycles_o  (res_cycles),
      .out_valid_o   (out_valid),
      .out_ready_i   (out_ready),
      .out_data_o    (out_data),
      .out_last_o    (out_last),
      .busy_o        (unused_engine_busy)
    );
    assign res_raw  = 1'b0;
    assign res_info = '0;
    logic unused_params;
    assign unused_params = ^{p_work, p_size, p_raw, p_verify};
  end else begin : gen_compress
    pp_lz4_compressor #(
      .W(W)
    ) i_engine (
      .clk_i,
      .rst_ni,
      .in_valid_i    (in_valid),
      .in_ready_o    (in_ready),
      .in_data_i     (feed_data),
      .in_work_i     (p_work),
      .in_size_i     (p_size),
      .in_limit_i    (p_limit),
      .in_raw_i      (p_raw),
      .in_verify_i   (p_verify),
      .in_flip_i     (p_flip),
      .in_flip_bit_i (p_flip_bit),
      .res_valid_o   (res_valid),
      .res_ready_i   (res_ready),
      .res_drop_i    (res_drop),
      .res_status_o  (res_status),
      .res_raw_o     (res_raw),
      .res_len_o     (res_len),
      .res_crc32c_o  (res_crc32c),
      .res_info_o    (res_info),
      .res_cycles_o  (res_cycles),
      .out_valid_o   (out_valid),
      .out_ready_i   (out_ready),
      .out_data_o    (out_data),
      .out_last_o    (out_last),
      .busy_o        (unused_engine_busy)
    );
    logic unused_params;
    assign unused_params = ^{p_expect, p_expected, p_len};
  end

  // ---- Join: the engine's result, the reads' outcome and what was injected
  localparam int unsigned NOTE_W = SLOT_W + 3 + 32 + 64 + 64 + 1;
  logic              note_valid;
  logic [SLOT_W-1:0] n_slot;
  logic [2:0]        n_inject;
  logic [31:0]       n_arg;
  logic [63:0]       n_src;
  logic [63:0]       n_dst;
  logic              n_verify;
  logic              unused_note_ready;
  logic              joined;
  pp_fifo #(
    .WIDTH(NOTE_W),
    .DEPTH(DEPTH)
  ) i_notes (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i),
    .in_ready_o (unused_note_ready),
    .in_data_i  ({job_slot_i, job_i.inject, job_i.inject_arg, job_i.src_addr, job_i.dst_addr,
                  job_i.verify}),
    .out_valid_o(note_valid),
    .out_ready_i(joined),
    .out_data_o ({n_slot, n_inject, n_arg, n_src, n_dst, n_verify})
  );

  // A stuck engine: its result is held back for so many cycles, or for ever.
  logic [31:0] stuck_q;
  logic        stuck;
  assign stuck = n_inject == STUCK && (n_arg == '0 || stuck_q < n_arg);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) stuck_q <= '0;
    else if (joined) stuck_q <= '0;
    else if (note_valid && res_valid && stuck) stuck_q <= stuck_q + 1'b1;
  end

  logic                  job_ready;
  logic                  pending_ready;
  logic                  bad_read;
  logic                  drop;
  logic                  has_data;
  pp_queue_pkg::result_t met;
  assign res_ready = note_valid && read_valid && job_ready && pending_ready && !stuck;
  assign joined    = res_ready && res_valid;
  assign bad_read  = read_fault || n_inject == BAD_READ;
  assign drop      = bad_read || read_list_fault || read_bad_list;
  assign res_drop  = drop;
  assign has_data  = !drop && res_len != '0;
  assign read_taken = joined;

  always_comb begin
    met           = '0;
    met.on_engine = 1'b1;
    met.engine    = 7'(ENGINE);
    if (read_bad_list) begin
      met.status = 8'(pagepress_abi_pkg::PP_STATUS_BAD_DESCRIPTOR);
      met.detail = 4'(pagepress_abi_pkg::PP_BAD_SGL);
    end else if (read_list_fault || bad_read) begin
      met.status     = 8'(pagepress_abi_pkg::PP_STATUS_DMA_FAULT);
      met.detail     = 4'(pagepress_abi_pkg::PP_FAULT_READ);
      met.info       = (read_list_fault || read_fault) ? read_addr : n_src;
      met.list_fault = read_list_fault;
    end else begin
      met.status       = res_status;
      met.raw          = res_raw;
      met.out_len      = res_len;
      met.crc32c       = res_crc32c;
      met.info         = res_info;
      met.cycles       = res_cycles;
      met.engine_error = n_verify && res_status == 8'(pagepress_abi_pkg::PP_STATUS_VERIFY_FAILED);
    end
  end

  // ---- Writer
  logic        write_valid;
  logic        write_fault;
  logic [63:0] write_addr;
  logic        unused_writer_busy;
  pp_unit_writer #(
    .DATA_W     (DATA_W),
    .ADDR_W     (ADDR_W),
    .BURST_BEATS(BURST_BEATS),
    .MAX_BURSTS (WRITE_BURSTS),
    .MAX_UNITS  (DEPTH)
  ) i_writer (
    .clk_i,
    .rst_ni,
    .job_valid_i   (res_valid && note_valid && read_valid && pending_ready && !stuck),
    .job_ready_o   (job_ready),
    .job_len_i     (has_data ? res_len : '0),
    .rng_valid_i   (rng_valid),
    .rng_ready_o   (rng_ready),
    .rng_addr_i    (rng_addr),
    .rng_len_i     (rng_len),
    .rng_last_i    (rng_last),
    .in_valid_i    (out_valid),
    .in_ready_o    (out_ready),
    .in_data_i     (out_data),
    .in_last_i     (out_last),
    .req_valid_o   (wr_req_valid_o),
    .req_ready_i   (wr_req_ready_i),
    .req_addr_o    (wr_req_addr_o),
    .req_len_o     (wr_req_len_o),
    .beat_valid_o  (wr_beat_valid_o),
    .beat_ready_i  (wr_beat_ready_i),
    .beat_data_o   (wr_beat_data_o),
    .beat_strb_o   (wr_beat_strb_o),
    .resp_valid_i  (wr_resp_valid_i),
    .resp_error_i  (wr_resp_error_i),
    .result_valid_o(write_valid),
    .result_ready_i(result_taken),
    .result_fault_o(write_fault),
    .result_addr_o (write_addr),
    .busy_o        (unused_writer_busy)
  );

  // ---- Results wait for their writes
  localparam int unsigned PENDING_W = pp_queue_pkg::RESULT_W + SLOT_W + 3 + 8 + 64;
  logic                  pending_valid;
  pp_queue_pkg::result_t pending;
  logic [SLOT_W-1:0]     pending_slot;
  logic [2:0]            pending_inject;
  logic [7:0]            pending_status;
  logic [63:0]           pending_dst;
  logic                  bad_write;
  pp_fifo #(
    .WIDTH(PENDING_W),
    .DEPTH(DEPTH)
  ) i_pending (
    .clk_i,
    .rst_ni,
    .in_valid_i (joined),
    .in_ready_o (pending_ready),
    .in_data_i  ({met, n_slot, n_inject, n_arg[7:0], n_dst}),
    .out_valid_o(pending_valid),
    .out_ready_i(result_taken),
    .out_data_o ({pending, pending_slot, pending_inject, pending_status, pending_dst})
  );

  assign result_valid_o = pending_valid && write_valid;
  assign result_slot_o  = pending_slot;
  assign bad_write      = write_fault || (pending_inject == BAD_WRITE && pending.out_len != '0);

  always_comb begin
    result_o = pending;
    if (bad_write) begin
      result_o           = '0;
      result_o.on_engine = 1'b1;
      result_o.engine    = 7'(ENGINE);
      result_o.status    = 8'(pagepress_abi_pkg::PP_STATUS_DMA_FAULT);
      result_o.detail    = 4'(pagepress_abi_pkg::PP_FAULT_WRITE);
      result_o.info      = write_fault ? write_addr : pending_dst;
    end
    if (pending_inject == BAD_COMPLETION) result_o.status = pending_status;
  end

  `PP_ASSERT(JobHasRoom, !(job_valid_i && !room_o))
  `PP_ASSERT(ReadBeforeResult, !(res_valid && note_valid && !read_valid))
  `PP_ASSERT(WritesHaveAResult, !(write_valid && !pending_valid))

endmodule

`default_nettype wire
