// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: a unit reader and a unit writer back to back, as a channel whose engine
/// copies. A unit that the reader finds fault with is not written: its stream and its
/// ranges are dropped.
module dma_copy_bench #(
  parameter int unsigned DATA_W       = 256,
  parameter int unsigned BURST_BEATS  = 16,
  parameter int unsigned BUFFER_BYTES = 16384
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  output logic                idle_o,
  input  logic                job_valid_i,
  output logic                job_ready_o,
  input  logic [63:0]         job_src_addr_i,
  input  logic                job_src_sgl_i,
  input  logic [3:0]          job_src_count_i,
  input  logic [63:0]         job_dst_addr_i,
  input  logic                job_dst_sgl_i,
  input  logic [3:0]          job_dst_count_i,
  input  logic [31:0]         job_len_i,  // of either side
  output logic                done_valid_o,
  output logic                done_good_o,   // read without fault
  output logic                done_fault_o,  // of the write
  output logic [3:0]          m_axi_arid_o,
  output logic [63:0]         m_axi_araddr_o,
  output logic [7:0]          m_axi_arlen_o,
  output logic [2:0]          m_axi_arsize_o,
  output logic [1:0]          m_axi_arburst_o,
  output logic                m_axi_arvalid_o,
  input  logic                m_axi_arready_i,
  input  logic [3:0]          m_axi_rid_i,
  input  logic [DATA_W-1:0]   m_axi_rdata_i,
  input  logic [1:0]          m_axi_rresp_i,
  input  logic                m_axi_rlast_i,
  input  logic                m_axi_rvalid_i,
  output logic                m_axi_rready_o,
  output logic [3:0]          m_axi_awid_o,
  output logic [63:0]         m_axi_awaddr_o,
  output logic [7:0]          m_axi_awlen_o,
  output logic [2:0]          m_axi_awsize_o,
  output logic [1:0]          m_axi_awburst_o,
  output logic                m_axi_awvalid_o,
  input  logic                m_axi_awready_i,
  output logic [DATA_W-1:0]   m_axi_wdata_o,
  output logic [DATA_W/8-1:0] m_axi_wstrb_o,
  output logic                m_axi_wlast_o,
  output logic                m_axi_wvalid_o,
  input  logic                m_axi_wready_i,
  input  logic [3:0]          m_axi_bid_i,
  input  logic [1:0]          m_axi_bresp_i,
  input  logic                m_axi_bvalid_i,
  output logic                m_axi_bready_o
);

  localparam int unsigned LEN_W = pp_lz_pkg::LEN_W;

  logic              rd_req_valid, rd_req_ready, rd_beat_valid, rd_beat_error;
  logic [63:0]       rd_req_addr;
  logic [7:0]        rd_req_len;
  logic [DATA_W-1:0] rd_beat_data;
  logic              wr_req_valid, wr_req_ready, wr_beat_valid, wr_beat_ready, wr_resp, wr_error;
  logic [63:0]       wr_req_addr;
  logic [7:0]        wr_req_len;
  logic [DATA_W-1:0] wr_data;
  logic [DATA_W/8-1:0] wr_strb;

  logic              src_valid, src_ready, src_last;
  logic [255:0]      src_data;
  logic              read_valid, read_ready, read_fault, read_list, read_bad;
  logic              rng_valid, rng_ready, rng_last;
  logic [63:0]       rng_addr;
  logic [LEN_W-1:0]  rng_len;
  logic              len_ready, len_valid;
  logic [LEN_W-1:0]  len;
  logic              wr_job_ready, wr_in_ready, wr_result, wr_fault;
  logic              good_ready, good_valid;
  logic              reader_busy, writer_busy, rd_idle, wr_idle;

  assign m_axi_arsize_o  = 3'($clog2(DATA_W / 8));
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_awsize_o  = 3'($clog2(DATA_W / 8));
  assign m_axi_awburst_o = 2'b01;
  assign idle_o = !reader_busy && !writer_busy && rd_idle && wr_idle;

  // What this bench does not look at.
  logic [4:0]  unused_pins;
  logic [63:0] unused_read_addr, unused_write_addr;
  logic        unused_bits;
  assign unused_bits = ^{unused_pins, unused_read_addr, unused_write_addr, job_len_i};

  // The channel: a unit's result starts its job; then its stream goes to the writer or nowhere.
  logic busy_q;
  logic good_q;
  logic good;
  logic start;

  assign good       = !read_fault && !read_list && !read_bad;
  assign start      = read_valid && !busy_q && wr_job_ready && len_valid && good_ready;
  assign read_ready = start;
  assign src_ready  = busy_q && (!good_q || wr_in_ready);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      good_q <= 1'b0;
    end else if (start) begin
      busy_q <= 1'b1;
      good_q <= good;
    end else if (src_valid && src_ready && src_last) begin
      busy_q <= 1'b0;
    end
  end

  pp_fifo #(.WIDTH(LEN_W), .DEPTH(64)) i_len (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i && job_ready_o),
    .in_ready_o (len_ready),
    .in_data_i  (LEN_W'(job_len_i)),
    .out_valid_o(len_valid),
    .out_ready_i(start),
    .out_data_o (len)
  );

  pp_fifo #(.WIDTH(1), .DEPTH(16)) i_good (
    .clk_i,
    .rst_ni,
    .in_valid_i (start),
    .in_ready_o (good_ready),
    .in_data_i  (good),
    .out_valid_o(good_valid),
    .out_ready_i(wr_result),
    .out_data_o (done_good_o)
  );

  assign done_valid_o = wr_result && good_valid;
  assign done_fault_o = wr_fault;

  logic reader_ready;
  assign job_ready_o = reader_ready && len_ready;

  pp_unit_reader #(
    .DATA_W      (DATA_W),
    .BURST_BEATS (BURST_BEATS),
    .BUFFER_BYTES(BUFFER_BYTES)
  ) i_reader (
    .clk_i,
    .rst_ni,
    .busy_o             (reader_busy),
    .job_valid_i        (job_valid_i && len_ready),
    .job_ready_o        (reader_ready),
    .job_src_addr_i,
    .job_src_len_i      (pp_lz_pkg::BLOCK_W'(job_len_i)),
    .job_src_sgl_i,
    .job_src_count_i,
    .job_dst_addr_i,
    .job_dst_cap_i      (LEN_W'(job_len_i)),
    .job_dst_sgl_i,
    .job_dst_count_i,
    .req_valid_o        (rd_req_valid),
    .req_ready_i        (rd_req_ready),
    .req_addr_o         (rd_req_addr),
    .req_len_o          (rd_req_len),
    .beat_valid_i       (rd_beat_valid),
    .beat_data_i        (rd_beat_data),
    .beat_error_i       (rd_beat_error),
    .out_valid_o        (src_valid),
    .out_ready_i        (src_ready),
    .out_data_o         (src_data),
    .out_last_o         (src_last),
    .result_valid_o     (read_valid),
    .result_ready_i     (read_ready),
    .result_fault_o     (read_fault),
    .result_list_fault_o(read_list),
    .result_bad_list_o  (read_bad),
    .result_addr_o      (unused_read_addr),
    .dst_valid_o        (rng_valid),
    .dst_ready_i        (rng_ready),
    .dst_addr_o         (rng_addr),
    .dst_len_o          (rng_len),
    .dst_last_o         (rng_last)
  );

  pp_unit_writer #(
    .DATA_W     (DATA_W),
    .BURST_BEATS(BURST_BEATS)
  ) i_writer (
    .clk_i,
    .rst_ni,
    .busy_o        (writer_busy),
    .job_valid_i   (start),
    .job_ready_o   (wr_job_ready),
    .job_len_i     (good ? len : '0),
    .rng_valid_i   (rng_valid),
    .rng_ready_o   (rng_ready),
    .rng_addr_i    (rng_addr),
    .rng_len_i     (rng_len),
    .rng_last_i    (rng_last),
    .in_valid_i    (src_valid && busy_q && good_q),
    .in_ready_o    (wr_in_ready),
    .in_data_i     (src_data),
    .in_last_i     (src_last),
    .req_valid_o   (wr_req_valid),
    .req_ready_i   (wr_req_ready),
    .req_addr_o    (wr_req_addr),
    .req_len_o     (wr_req_len),
    .beat_valid_o  (wr_beat_valid),
    .beat_ready_i  (wr_beat_ready),
    .beat_data_o   (wr_data),
    .beat_strb_o   (wr_strb),
    .resp_valid_i  (wr_resp),
    .resp_error_i  (wr_error),
    .result_valid_o(wr_result),
    .result_ready_i(1'b1),
    .result_fault_o(wr_fault),
    .result_addr_o (unused_write_addr)
  );

  pp_axi_read #(
    .DATA_W (DATA_W),
    .CLIENTS(2)
  ) i_axi_read (
    .clk_i,
    .rst_ni,
    .quiesce_i   (1'b0),
    .idle_o      (rd_idle),
    .req_valid_i ({rd_req_valid, 1'b0}),
    .req_ready_o ({rd_req_ready, unused_pins[0]}),
    .req_addr_i  ({rd_req_addr, 64'd0}),
    .req_len_i   ({rd_req_len, 8'd0}),
    .beat_valid_o({rd_beat_valid, unused_pins[1]}),
    .beat_data_o (rd_beat_data),
    .beat_error_o(rd_beat_error),
    .beat_last_o (unused_pins[2]),
    .m_axi_arid_o,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .m_axi_rvalid_i,
    .m_axi_rready_o
  );

  pp_axi_write #(
    .DATA_W (DATA_W),
    .CLIENTS(1)
  ) i_axi_write (
    .clk_i,
    .rst_ni,
    .quiesce_i      (1'b0),
    .idle_o         (wr_idle),
    .req_valid_i    (wr_req_valid),
    .req_ready_o    (wr_req_ready),
    .req_addr_i     (wr_req_addr),
    .req_len_i      (wr_req_len),
    .beat_valid_i   (wr_beat_valid),
    .beat_ready_o   (wr_beat_ready),
    .beat_data_i    (wr_data),
    .beat_strb_i    (wr_strb),
    .resp_valid_o   (wr_resp),
    .cq_req_valid_i (1'b0),
    .cq_req_ready_o (unused_pins[3]),
    .cq_req_addr_i  ('0),
    .cq_req_data_i  ('0),
    .cq_resp_valid_o(unused_pins[4]),
    .resp_error_o   (wr_error),
    .m_axi_awid_o,
    .m_axi_awaddr_o,
    .m_axi_awlen_o,
    .m_axi_awvalid_o,
    .m_axi_awready_i,
    .m_axi_wdata_o,
    .m_axi_wstrb_o,
    .m_axi_wlast_o,
    .m_axi_wvalid_o,
    .m_axi_wready_i,
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .m_axi_bvalid_i,
    .m_axi_bready_o
  );

endmodule

`default_nettype wire
