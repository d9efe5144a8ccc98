// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The page-compression device: registers on an AXI4-Lite slave, everything else on
/// an AXI4 master, interrupt messages.
///
///              +-------------------------- pp_queue --------------------------+
///   AXI4-Lite -> registers, doorbells   descriptors -> checks -> completions  |
///              +------^-------------------------v----------^----------v-------+
///                     |            reads+limits |  results |          | CQEs
///                     |                         v          |          v
///              pp_axi_read --> pp_page_reader --> engine --> pp_page_writer --> pp_axi_write
///                     ^ AR, R                                                      v AW, W, B
///
/// Several units are in every part at once; all stay in order of submission.
///
/// **Limitations**
/// - One queue pair, one engine, units of 4 KiB, AXI data of 256 and addresses of 64
///   bits, buffers aligned to 64 bytes. The capability registers tell the same.
/// - irq_o and m_axi_* are outputs of flip-flops, but for m_axi_rready_o and
///   m_axi_bready_o, which are 1 for ever: room is put aside before each burst.
/// - An interrupt vector of NUM_VECTORS or more sends nothing.
/// - Interrupts of one vector in the same cycle make one message.
module pagepress_top #(
  parameter int unsigned W                 = 8,    // positions a cycle of the match finder
  parameter int unsigned AXI_DATA_W        = 256,
  parameter int unsigned AXI_ID_W          = 4,
  parameter int unsigned AXI_ADDR_W        = 64,
  parameter int unsigned BURST_BEATS       = 16,   // longest AXI burst, beats
  parameter int unsigned NUM_QUEUES        = 1,
  parameter int unsigned NUM_VECTORS       = 2,
  parameter int unsigned READ_BUFFER_PAGES = 4,    // units on their way to the engine
  parameter int unsigned SQ_PREFETCH       = 16,   // submissions held ahead
  parameter int unsigned MAX_UNITS         = 16,   // units from dispatch to result, and from there on
  parameter int unsigned WRITE_BURSTS      = 32,   // page write bursts without response
  parameter int unsigned ERR_LOG_DEPTH     = 4
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // AXI4-Lite slave: BAR0
  input  logic [20:0]             s_axil_awaddr_i,
  input  logic                    s_axil_awvalid_i,
  output logic                    s_axil_awready_o,
  input  logic [31:0]             s_axil_wdata_i,
  input  logic [3:0]              s_axil_wstrb_i,
  input  logic                    s_axil_wvalid_i,
  output logic                    s_axil_wready_o,
  output logic [1:0]              s_axil_bresp_o,
  output logic                    s_axil_bvalid_o,
  input  logic                    s_axil_bready_i,
  input  logic [20:0]             s_axil_araddr_i,
  input  logic                    s_axil_arvalid_i,
  output logic                    s_axil_arready_o,
  output logic [31:0]             s_axil_rdata_o,
  output logic [1:0]              s_axil_rresp_o,
  output logic                    s_axil_rvalid_o,
  input  logic                    s_axil_rready_i,

  // AXI4 master: IDs 0 descriptors / 1 pages on reads, 0 pages / 1 completions on writes
  output logic [AXI_ID_W-1:0]     m_axi_awid_o,
  output logic [AXI_ADDR_W-1:0]   m_axi_awaddr_o,
  output logic [7:0]              m_axi_awlen_o,
  output logic [2:0]              m_axi_awsize_o,
  output logic [1:0]              m_axi_awburst_o,
  output logic                    m_axi_awvalid_o,
  input  logic                    m_axi_awready_i,
  output logic [AXI_DATA_W-1:0]   m_axi_wdata_o,
  output logic [AXI_DATA_W/8-1:0] m_axi_wstrb_o,
  output logic                    m_axi_wlast_o,
  output logic                    m_axi_wvalid_o,
  input  logic                    m_axi_wready_i,
  input  logic [AXI_ID_W-1:0]     m_axi_bid_i,
  input  logic [1:0]              m_axi_bresp_i,
  input  logic                    m_axi_bvalid_i,
  output logic                    m_axi_bready_o,
  output logic [AXI_ID_W-1:0]     m_axi_arid_o,
  output logic [AXI_ADDR_W-1:0]   m_axi_araddr_o,
  output logic [7:0]              m_axi_arlen_o,
  output logic [2:0]              m_axi_arsize_o,
  output logic [1:0]              m_axi_arburst_o,
  output logic                    m_axi_arvalid_o,
  input  logic                    m_axi_arready_i,
  input  logic [AXI_ID_W-1:0]     m_axi_rid_i,
  input  logic [AXI_DATA_W-1:0]   m_axi_rdata_i,
  input  logic [1:0]              m_axi_rresp_i,
  input  logic                    m_axi_rlast_i,
  input  logic                    m_axi_rvalid_i,
  output logic                    m_axi_rready_o,

  // Interrupt messages: one cycle high for each interrupt of vector i
  output logic [NUM_VECTORS-1:0]  irq_o,
  // Anything in flight: the clock may be stopped while 0 and the bus is quiet
  output logic                    busy_o
);

  localparam int unsigned ALIGN_LOG2     = 6;
  localparam int unsigned DEPTH_LOG2_MAX = 15;

  if (AXI_DATA_W != 256) begin : gen_bad_data_w
    $error("AXI_DATA_W must be 256");
  end
  if (AXI_ADDR_W != 64 || AXI_ID_W < 2) begin : gen_bad_addr_w
    $error("AXI_ADDR_W must be 64, AXI_ID_W at least 2");
  end
  if (NUM_QUEUES != 1) begin : gen_bad_queues
    $error("NUM_QUEUES must be 1");
  end
  if (BURST_BEATS < 2 || BURST_BEATS > 128) begin : gen_bad_burst
    $error("BURST_BEATS must be 2 to 128");
  end
  if (NUM_VECTORS < 1 || NUM_VECTORS > 2048) begin : gen_bad_vectors
    $error("NUM_VECTORS must be 1 to 2048");
  end

  // ---- Reset
  logic core_rst_n;
  logic reset_request;
  logic resetting;
  logic quiesce;
  logic read_idle;
  logic write_idle;

  pp_reset_ctrl i_reset (
    .clk_i,
    .rst_ni,
    .request_i  (reset_request),
    .dma_idle_i (read_idle && write_idle),
    .quiesce_o  (quiesce),
    .resetting_o(resetting),
    .core_rst_no(core_rst_n)
  );

  // ---- Registers
  logic        wr_en;
  logic [20:0] wr_addr;
  logic [31:0] wr_data;
  logic [3:0]  wr_strb;
  logic [20:0] rd_addr;
  logic [31:0] rd_data;
  logic [31:0] global_rd_data;
  logic [31:0] queue_rd_data;
  logic        axil_busy;
  logic        wr_taken;
  logic        wr_global;
  logic        wr_queue;
  logic        wr_doorbell;

  pp_axil_slave #(
    .ADDR_W(21)
  ) i_axil (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr_i,
    .s_axil_awvalid_i,
    .s_axil_awready_o,
    .s_axil_wdata_i,
    .s_axil_wstrb_i,
    .s_axil_wvalid_i,
    .s_axil_wready_o,
    .s_axil_bresp_o,
    .s_axil_bvalid_o,
    .s_axil_bready_i,
    .s_axil_araddr_i,
    .s_axil_arvalid_i,
    .s_axil_arready_o,
    .s_axil_rdata_o,
    .s_axil_rresp_o,
    .s_axil_rvalid_o,
    .s_axil_rready_i,
    .wr_en_o  (wr_en),
    .wr_addr_o(wr_addr),
    .wr_data_o(wr_data),
    .wr_strb_o(wr_strb),
    .rd_addr_o(rd_addr),
    .rd_data_i(rd_data),
    .busy_o   (axil_busy)
  );

  // Writes during a reset are ignored: none may raise an interrupt or be half undone.
  // The low 8 bits of a doorbell page's offset are the doorbell's; the rest of the
  // page is reserved.
  assign wr_taken    = wr_en && !resetting;
  assign wr_global   = wr_taken && wr_addr[20:12] == '0;
  assign wr_queue    = wr_taken && wr_addr[20:8] == pagepress_abi_pkg::PP_QUEUE_BASE[20:8];
  assign wr_doorbell = wr_taken && wr_addr[20:8] == pagepress_abi_pkg::PP_DOORBELL_BASE[20:8];

  always_comb begin
    rd_data = '0;
    if (rd_addr[20:12] == '0) rd_data = global_rd_data;
    else if (rd_addr[20:8] == pagepress_abi_pkg::PP_QUEUE_BASE[20:8]) rd_data = queue_rd_data;
  end

  logic                 device_enable;
  logic                 device_busy;
  logic                 err_pop;
  logic                 err_valid;
  pp_queue_pkg::error_t err_entry;
  logic                 err_overflow;
  logic [31:0]          err_count;
  logic                 err_logged;
  logic                 err_waiting;
  logic                 err_irq_enable;
  logic [11:0]          err_irq_vector;
  logic                 reg_err_valid;
  pp_queue_pkg::error_t reg_err;
  logic                 sq_err_valid;
  pp_queue_pkg::error_t sq_err;
  logic                 cq_err_valid;
  pp_queue_pkg::error_t cq_err;

  pp_global_regs #(
    .POSITIONS     (W),
    .NUM_QUEUES    (NUM_QUEUES),
    .NUM_VECTORS   (NUM_VECTORS),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX),
    .ALIGN_LOG2    (ALIGN_LOG2)
  ) i_globals (
    .clk_i,
    .rst_ni          (core_rst_n),
    .wr_sel_i        (wr_global),
    .wr_offset_i     (wr_addr[11:0]),
    .wr_data_i       (wr_data),
    .wr_strb_i       (wr_strb),
    .rd_offset_i     (rd_addr[11:0]),
    .rd_data_o       (global_rd_data),
    .enable_o        (device_enable),
    .reset_o         (reset_request),
    .resetting_i     (resetting),
    .busy_i          (device_busy),
    .err_pop_o       (err_pop),
    .err_valid_i     (err_valid),
    .err_i           (err_entry),
    .err_overflow_i  (err_overflow),
    .err_count_i     (err_count),
    .err_irq_enable_o(err_irq_enable),
    .err_irq_vector_o(err_irq_vector)
  );

  pp_error_log #(
    .DEPTH(ERR_LOG_DEPTH)
  ) i_errors (
    .clk_i,
    .rst_ni     (core_rst_n),
    .reg_valid_i(reg_err_valid),
    .reg_i      (reg_err),
    .sq_valid_i (sq_err_valid),
    .sq_i       (sq_err),
    .cq_valid_i (cq_err_valid),
    .cq_i       (cq_err),
    .pop_i      (err_pop),
    .valid_o    (err_valid),
    .entry_o    (err_entry),
    .overflow_o (err_overflow),
    .count_o    (err_count),
    .logged_o   (err_logged),
    .busy_o     (err_waiting)
  );

  // ---- The queue pair
  logic                    sq_req_valid;
  logic                    sq_req_ready;
  logic [AXI_ADDR_W-1:0]   sq_req_addr;
  logic [7:0]              sq_req_len;
  logic                    sq_beat_valid;
  logic [AXI_DATA_W-1:0]   r_beat_data;
  logic                    r_beat_error;
  logic                    cq_req_valid;
  logic                    cq_req_ready;
  logic [AXI_ADDR_W-1:0]   cq_req_addr;
  logic [AXI_DATA_W-1:0]   cq_req_data;
  logic                    cq_resp_valid;
  logic                    b_resp_error;
  logic                    read_valid;
  logic                    read_ready;
  logic [63:0]             read_addr;
  logic [12:0]             read_limit;
  logic                    read_result_valid;
  pp_queue_pkg::dma_result_t read_result;
  logic                    res_valid;
  logic                    res_ready;
  logic                    res_drop;
  logic [7:0]              res_status;
  logic [12:0]             res_len;
  logic [31:0]             res_crc32c;
  logic [63:0]             res_info;
  logic [31:0]             res_cycles;
  logic                    write_valid;
  logic                    write_ready;
  logic [63:0]             write_addr;
  logic [12:0]             write_len;
  logic                    write_result_valid;
  logic                    write_result_ready;
  pp_queue_pkg::dma_result_t write_result;
  logic                    irq_fire;
  logic [11:0]             irq_vector;
  logic                    irq_waiting;
  logic                    queue_busy;

  pp_queue #(
    .QUEUE         (16'd0),
    .DATA_W        (AXI_DATA_W),
    .ADDR_W        (AXI_ADDR_W),
    .BURST_BEATS   (BURST_BEATS),
    .ALIGN_LOG2    (ALIGN_LOG2),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX),
    .SQ_PREFETCH   (SQ_PREFETCH),
    .MAX_UNITS     (MAX_UNITS)
  ) i_queue (
    .clk_i,
    .rst_ni              (core_rst_n),
    .enable_i            (device_enable && !quiesce),
    .wr_ctrl_sel_i       (wr_queue),
    .wr_db_sel_i         (wr_doorbell),
    .wr_offset_i         (wr_addr[7:0]),
    .wr_data_i           (wr_data),
    .wr_strb_i           (wr_strb),
    .rd_offset_i         ({rd_addr[7:2], 2'b00}),
    .rd_data_o           (queue_rd_data),
    .sq_req_valid_o      (sq_req_valid),
    .sq_req_ready_i      (sq_req_ready),
    .sq_req_addr_o       (sq_req_addr),
    .sq_req_len_o        (sq_req_len),
    .sq_beat_valid_i     (sq_beat_valid),
    .sq_beat_data_i      (r_beat_data),
    .sq_beat_error_i     (r_beat_error),
    .cq_req_valid_o      (cq_req_valid),
    .cq_req_ready_i      (cq_req_ready),
    .cq_req_addr_o       (cq_req_addr),
    .cq_req_data_o       (cq_req_data),
    .cq_resp_valid_i     (cq_resp_valid),
    .cq_resp_error_i     (b_resp_error),
    .read_valid_o        (read_valid),
    .read_ready_i        (read_ready),
    .read_addr_o         (read_addr),
    .read_limit_o        (read_limit),
    .read_result_valid_i (read_result_valid),
    .read_result_i       (read_result),
    .res_valid_i         (res_valid),
    .res_ready_o         (res_ready),
    .res_drop_o          (res_drop),
    .res_status_i        (res_status),
    .res_len_i           (res_len),
    .res_crc32c_i        (res_crc32c),
    .res_info_i          (res_info),
    .res_cycles_i        (res_cycles),
    .write_valid_o       (write_valid),
    .write_ready_i       (write_ready),
    .write_addr_o        (write_addr),
    .write_len_o         (write_len),
    .write_result_valid_i(write_result_valid),
    .write_result_ready_o(write_result_ready),
    .write_result_i      (write_result),
    .irq_fire_o          (irq_fire),
    .irq_vector_o        (irq_vector),
    .irq_waiting_o       (irq_waiting),
    .busy_o              (queue_busy),
    .reg_err_valid_o     (reg_err_valid),
    .reg_err_o           (reg_err),
    .sq_err_valid_o      (sq_err_valid),
    .sq_err_o            (sq_err),
    .cq_err_valid_o      (cq_err_valid),
    .cq_err_o            (cq_err)
  );

  // ---- Reads
  logic                  pg_req_valid;
  logic                  pg_req_ready;
  logic [AXI_ADDR_W-1:0] pg_req_addr;
  logic [7:0]            pg_req_len;
  logic                  pg_beat_valid;

  pp_axi_read #(
    .DATA_W(AXI_DATA_W),
    .ID_W  (AXI_ID_W),
    .ADDR_W(AXI_ADDR_W)
  ) i_axi_read (
    .clk_i,
    .rst_ni         (core_rst_n),
    .quiesce_i      (quiesce),
    .idle_o         (read_idle),
    .sq_req_valid_i (sq_req_valid),
    .sq_req_ready_o (sq_req_ready),
    .sq_req_addr_i  (sq_req_addr),
    .sq_req_len_i   (sq_req_len),
    .sq_beat_valid_o(sq_beat_valid),
    .pg_req_valid_i (pg_req_valid),
    .pg_req_ready_o (pg_req_ready),
    .pg_req_addr_i  (pg_req_addr),
    .pg_req_len_i   (pg_req_len),
    .pg_beat_valid_o(pg_beat_valid),
    .beat_data_o    (r_beat_data),
    .beat_error_o   (r_beat_error),
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

  assign m_axi_arsize_o  = 3'd5;  // 32 bytes
  assign m_axi_arburst_o = 2'b01; // INCR
  assign m_axi_awsize_o  = 3'd5;
  assign m_axi_awburst_o = 2'b01;

  logic        reader_ready;
  logic        limit_ready;
  logic        limit_valid;
  logic [12:0] limit;
  logic        feed_valid;
  logic        feed_ready;
  logic [AXI_DATA_W-1:0] feed_data;
  logic        feed_last;
  logic        engine_in_ready;

  assign read_ready = reader_ready && limit_ready;

  pp_page_reader #(
    .DATA_W      (AXI_DATA_W),
    .ADDR_W      (AXI_ADDR_W),
    .BURST_BEATS (BURST_BEATS),
    .BUFFER_PAGES(READ_BUFFER_PAGES)
  ) i_reader (
    .clk_i,
    .rst_ni        (core_rst_n),
    .job_valid_i   (read_valid),
    .job_ready_o   (reader_ready),
    .job_addr_i    (read_addr[AXI_ADDR_W-1:0]),
    .req_valid_o   (pg_req_valid),
    .req_ready_i   (pg_req_ready),
    .req_addr_o    (pg_req_addr),
    .req_len_o     (pg_req_len),
    .beat_valid_i  (pg_beat_valid),
    .beat_data_i   (r_beat_data),
    .beat_error_i  (r_beat_error),
    .out_valid_o   (feed_valid),
    .out_ready_i   (feed_ready),
    .out_data_o    (feed_data),
    .out_last_o    (feed_last),
    .result_valid_o(read_result_valid),
    .result_o      (read_result)
  );

  // Limits of the units whose data has not all gone into the engine.
  pp_fifo #(
    .WIDTH(13),
    .DEPTH(2 * READ_BUFFER_PAGES)
  ) i_limits (
    .clk_i,
    .rst_ni     (core_rst_n),
    .in_valid_i (read_valid),
    .in_ready_o (limit_ready),
    .in_data_i  (read_limit),
    .out_valid_o(limit_valid),
    .out_ready_i(feed_valid && feed_ready && feed_last),
    .out_data_o (limit)
  );

  assign feed_ready = engine_in_ready && limit_valid;

  // ---- The engine
  logic                  out_valid;
  logic                  out_ready;
  logic [AXI_DATA_W-1:0] out_data;
  logic                  out_last;

  pp_lz4_compressor #(
    .W(W)
  ) i_engine (
    .clk_i,
    .rst_ni      (core_rst_n),
    .in_valid_i  (feed_valid && limit_valid),
    .in_ready_o  (engine_in_ready),
    .in_data_i   (feed_data),
    .in_limit_i  (limit),
    .res_valid_o (res_valid),
    .res_ready_i (res_ready),
    .res_drop_i  (res_drop),
    .res_status_o(res_status),
    .res_len_o   (res_len),
    .res_crc32c_o(res_crc32c),
    .res_info_o  (res_info),
    .res_cycles_o(res_cycles),
    .out_valid_o (out_valid),
    .out_ready_i (out_ready),
    .out_data_o  (out_data),
    .out_last_o  (out_last)
  );

  // ---- Writes
  logic                    wr_pg_req_valid;
  logic                    wr_pg_req_ready;
  logic [AXI_ADDR_W-1:0]   wr_pg_req_addr;
  logic [7:0]              wr_pg_req_len;
  logic                    wr_pg_beat_valid;
  logic                    wr_pg_beat_ready;
  logic [AXI_DATA_W-1:0]   wr_pg_beat_data;
  logic [AXI_DATA_W/8-1:0] wr_pg_beat_strb;
  logic                    wr_pg_resp_valid;

  pp_page_writer #(
    .DATA_W     (AXI_DATA_W),
    .ADDR_W     (AXI_ADDR_W),
    .BURST_BEATS(BURST_BEATS),
    .MAX_BURSTS (WRITE_BURSTS),
    .MAX_UNITS  (MAX_UNITS)
  ) i_writer (
    .clk_i,
    .rst_ni        (core_rst_n),
    .job_valid_i   (write_valid),
    .job_ready_o   (write_ready),
    .job_addr_i    (write_addr[AXI_ADDR_W-1:0]),
    .job_len_i     (write_len),
    .in_valid_i    (out_valid),
    .in_ready_o    (out_ready),
    .in_data_i     (out_data),
    .in_last_i     (out_last),
    .req_valid_o   (wr_pg_req_valid),
    .req_ready_i   (wr_pg_req_ready),
    .req_addr_o    (wr_pg_req_addr),
    .req_len_o     (wr_pg_req_len),
    .beat_valid_o  (wr_pg_beat_valid),
    .beat_ready_i  (wr_pg_beat_ready),
    .beat_data_o   (wr_pg_beat_data),
    .beat_strb_o   (wr_pg_beat_strb),
    .resp_valid_i  (wr_pg_resp_valid),
    .resp_error_i  (b_resp_error),
    .result_valid_o(write_result_valid),
    .result_ready_i(write_result_ready),
    .result_o      (write_result)
  );

  pp_axi_write #(
    .DATA_W(AXI_DATA_W),
    .ID_W  (AXI_ID_W),
    .ADDR_W(AXI_ADDR_W)
  ) i_axi_write (
    .clk_i,
    .rst_ni         (core_rst_n),
    .quiesce_i      (quiesce),
    .idle_o         (write_idle),
    .pg_req_valid_i (wr_pg_req_valid),
    .pg_req_ready_o (wr_pg_req_ready),
    .pg_req_addr_i  (wr_pg_req_addr),
    .pg_req_len_i   (wr_pg_req_len),
    .pg_beat_valid_i(wr_pg_beat_valid),
    .pg_beat_ready_o(wr_pg_beat_ready),
    .pg_beat_data_i (wr_pg_beat_data),
    .pg_beat_strb_i (wr_pg_beat_strb),
    .pg_resp_valid_o(wr_pg_resp_valid),
    .cq_req_valid_i (cq_req_valid),
    .cq_req_ready_o (cq_req_ready),
    .cq_req_addr_i  (cq_req_addr),
    .cq_req_data_i  (cq_req_data),
    .cq_resp_valid_o(cq_resp_valid),
    .resp_error_o   (b_resp_error),
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

  // ---- Interrupts
  logic [NUM_VECTORS-1:0] irq_q;
  logic [NUM_VECTORS-1:0] irq_d;

  for (genvar i = 0; i < NUM_VECTORS; i++) begin : gen_irq
    assign irq_d[i] = (irq_fire && irq_vector == 12'(i)) ||
                      (err_logged && err_irq_enable && err_irq_vector == 12'(i));
  end

  always_ff @(posedge clk_i or negedge core_rst_n) begin
    if (!core_rst_n) irq_q <= '0;
    else irq_q <= irq_d;
  end

  assign irq_o = irq_q;

  // ---- State
  assign device_busy = queue_busy || !read_idle || !write_idle;
  assign busy_o      = device_busy || resetting || axil_busy || err_waiting || irq_waiting ||
                       irq_q != '0;

endmodule

`default_nettype wire
