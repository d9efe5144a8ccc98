// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The page-compression device: registers on an AXI4-Lite slave, everything else on
/// an AXI4 master, interrupt messages.
///
///   AXI4-Lite -> pp_axil_slave -> pp_global_regs, pp_error_log, pp_counters
///                    |
///                 pp_core: queues -> scheduler -> unit table -> completions
///                              ^        | jobs      ^ results       |
///                              |   pp_channel x 2 engines x 2       |
///                              |    ^ reads       v writes          v
///   AXI4 <- pp_axi_read <------+----'             `-> pp_axi_write <'
///
/// An engine is two channels, one that compresses, copies and checks and one that
/// decompresses. They share nothing but the bus, so that a decompression never waits
/// for compressions.
///
/// **Limitations**
/// - AXI addresses of 64 bits; an ID for submissions and two for each engine.
/// - irq_o and m_axi_* are outputs of flip-flops, but for m_axi_rready_o and
///   m_axi_bready_o, which are 1 for ever: room is put aside before each burst.
/// - An interrupt vector of NUM_VECTORS or more sends nothing.
module pagepress_top #(
  parameter int unsigned W             = 16,   // positions a cycle of a match finder
  parameter int unsigned NUM_QUEUES    = 8,    // 2 to 256
  parameter int unsigned NUM_ENGINES   = 2,    // 1 to (2^AXI_ID_W - 1) / 2
  parameter int unsigned NUM_VECTORS   = NUM_QUEUES + 1,
  parameter int unsigned AXI_DATA_W    = 512,  // 256 or 512
  parameter int unsigned AXI_ID_W      = 4,
  parameter int unsigned AXI_ADDR_W    = 64,
  parameter int unsigned BURST_BEATS   = 16,   // longest AXI burst, beats
  parameter int unsigned SGE_MAX       = 8,    // entries of a scatter list
  parameter int unsigned READ_BUFFER   = 32768,  // bytes read ahead of a compressor
  parameter int unsigned SQ_PREFETCH   = 8,    // submissions of a queue held ahead
  parameter int unsigned CHANNEL_UNITS = 12,   // 2 to 12 in a channel, from job to result
  parameter int unsigned WRITE_BURSTS  = 32,   // of a channel, without response
  parameter int unsigned ERR_LOG_DEPTH = 16
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

  // AXI4 master. Read IDs: 0 submissions, 1 + c channel c. Write IDs: c channel c, and
  // 2 * NUM_ENGINES completions
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

  localparam int unsigned DEPTH_LOG2_MAX = 15;
  localparam int unsigned CHANNELS = 2 * NUM_ENGINES;
  // A slot for each unit that the channels hold, and some for units that need none.
  localparam int unsigned SLOTS    = CHANNELS * CHANNEL_UNITS + 8;
  localparam int unsigned SLOT_W   = $clog2(SLOTS);
  localparam int unsigned COUNT_W  = 4;
  localparam int unsigned RESULT_W = pp_queue_pkg::RESULT_W;
  localparam int unsigned CLIENTS  = CHANNELS + 1;  // of the read bus; 0 fetches submissions
  localparam int unsigned STRB_W   = AXI_DATA_W / 8;

  if (AXI_DATA_W != 256 && AXI_DATA_W != 512) begin : gen_bad_data_w
    $error("AXI_DATA_W must be 256 or 512");
  end
  if (AXI_ADDR_W != 64) begin : gen_bad_addr_w
    $error("AXI_ADDR_W must be 64");
  end
  if (NUM_QUEUES < 2 || NUM_QUEUES > 256) begin : gen_bad_queues
    $error("NUM_QUEUES must be 2 to 256");
  end
  if (NUM_ENGINES < 1 || CLIENTS > (1 << AXI_ID_W)) begin : gen_bad_engines
    $error("NUM_ENGINES must be at least 1, and AXI_ID_W hold two IDs for each and one");
  end
  if (BURST_BEATS < 2 || BURST_BEATS > 4096 / STRB_W) begin : gen_bad_burst
    $error("BURST_BEATS must be 2 to what 4 KiB hold");
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
  logic        rd_global;
  logic        rd_hold;
  logic [31:0] global_rd_data;
  logic [31:0] queue_rd_data;
  logic        global_rd_hold;
  logic        axil_busy;
  logic        wr_taken;

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
    .rd_hold_i(rd_hold),
    .busy_o   (axil_busy)
  );

  // Writes during a reset are ignored: none may raise an interrupt or be half undone.
  assign wr_taken  = wr_en && !resetting;
  assign rd_global = rd_addr[20:12] == '0;
  assign rd_data   = rd_global ? global_rd_data : queue_rd_data;
  assign rd_hold   = rd_global && global_rd_hold && !resetting;

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
  logic                 err_irq_mask;
  logic [11:0]          err_irq_vector;
  logic                 err_irq_sent;
  logic                 inject_valid;
  logic [15:0]          inject_qid;
  logic [2:0]           inject_kind;
  logic [31:0]          inject_arg;
  logic                 irq_sending;
  logic [7:0]           irq_sending_qid;
  logic                 irq_drop;
  logic                 perf_sel_valid;
  logic [31:0]          perf_sel;
  logic                 perf_clear;
  logic [63:0]          perf_value;
  logic                 perf_hold;
  logic                 perf_busy;

  pp_global_regs #(
    .NUM_QUEUES    (NUM_QUEUES),
    .NUM_ENGINES   (NUM_ENGINES),
    .NUM_VECTORS   (NUM_VECTORS),
    .POSITIONS     (W),
    .SGE_MAX       (SGE_MAX),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX)
  ) i_globals (
    .clk_i,
    .rst_ni          (core_rst_n),
    .wr_sel_i        (wr_taken && wr_addr[20:12] == '0),
    .wr_offset_i     (wr_addr[11:0]),
    .wr_data_i       (wr_data),
    .wr_strb_i       (wr_strb),
    .rd_offset_i     (rd_addr[11:0]),
    .rd_data_o       (global_rd_data),
    .rd_hold_o       (global_rd_hold),
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
    .err_irq_mask_o  (err_irq_mask),
    .err_irq_vector_o(err_irq_vector),
    .inj_unit_valid_i(inject_valid),
    .inj_unit_qid_i  (inject_qid[7:0]),
    .inj_unit_kind_o (inject_kind),
    .inj_arg_o       (inject_arg),
    .inj_irq_valid_i (irq_sending),
    .inj_irq_qid_i   (irq_sending_qid),
    .inj_irq_drop_o  (irq_drop),
    .perf_sel_valid_o(perf_sel_valid),
    .perf_sel_o      (perf_sel),
    .perf_clear_o    (perf_clear),
    .perf_value_i    (perf_value),
    .perf_hold_i     (perf_hold)
  );

  // ---- Queues, scheduler, completions
  logic [CHANNELS-1:0]          room;
  logic [CHANNELS*COUNT_W-1:0]  units;
  logic [CHANNELS-1:0]          job_valid;
  logic [SLOT_W-1:0]            job_slot;
  pp_queue_pkg::job_t           job;
  logic [CHANNELS-1:0]          result_valid;
  logic [CHANNELS-1:0]          result_ready;
  logic [CHANNELS*SLOT_W-1:0]   result_slot;
  logic [CHANNELS*RESULT_W-1:0] result;

  logic [CLIENTS-1:0]            rd_req_valid;
  logic [CLIENTS-1:0]            rd_req_ready;
  logic [CLIENTS*AXI_ADDR_W-1:0] rd_req_addr;
  logic [CLIENTS*8-1:0]          rd_req_len;
  logic [CLIENTS-1:0]            rd_beat_valid;
  logic [AXI_DATA_W-1:0]         rd_beat_data;
  logic                          rd_beat_error;
  logic                          rd_beat_last;

  logic                  cq_req_valid;
  logic                  cq_req_ready;
  logic [AXI_ADDR_W-1:0] cq_req_addr;
  logic [255:0]          cq_req_data;
  logic                  cq_resp_valid;
  logic                  resp_error;

  logic [NUM_QUEUES-1:0]    irq_event;
  logic [NUM_QUEUES-1:0]    irq_enable;
  logic [NUM_QUEUES-1:0]    irq_mask;
  logic [8*NUM_QUEUES-1:0]  irq_count;
  logic [12*NUM_QUEUES-1:0] irq_vector;
  logic [24*NUM_QUEUES-1:0] irq_time;
  logic [NUM_QUEUES-1:0]    irq_sent;
  logic                     irq_waiting;

  logic                 reg_err_valid;
  pp_queue_pkg::error_t reg_err;
  logic                 sq_err_valid;
  pp_queue_pkg::error_t sq_err;
  logic                 cq_err_valid;
  pp_queue_pkg::error_t cq_err;
  logic                 unit_err_valid;
  pp_queue_pkg::error_t unit_err;

  logic [NUM_QUEUES-1:0] received;
  logic [NUM_QUEUES-1:0] in_flight;
  logic [NUM_QUEUES-1:0] queue_stall;
  logic                  stat_valid;
  logic                  stat_ready;
  pp_queue_pkg::stat_t   stat;
  logic                  core_busy;

  pp_core #(
    .NUM_QUEUES    (NUM_QUEUES),
    .NUM_ENGINES   (NUM_ENGINES),
    .SLOTS         (SLOTS),
    .COUNT_W       (COUNT_W),
    .CHANNEL_UNITS (CHANNEL_UNITS),
    .DATA_W        (AXI_DATA_W),
    .ADDR_W        (AXI_ADDR_W),
    .BURST_BEATS   (BURST_BEATS),
    .DEPTH_LOG2_MAX(DEPTH_LOG2_MAX),
    .SQ_PREFETCH   (SQ_PREFETCH),
    .SGE_MAX       (SGE_MAX)
  ) i_core (
    .clk_i,
    .rst_ni          (core_rst_n),
    .enable_i        (device_enable && !quiesce),
    .wr_en_i         (wr_taken),
    .wr_addr_i       (wr_addr),
    .wr_data_i       (wr_data),
    .wr_strb_i       (wr_strb),
    .rd_addr_i       (rd_addr),
    .rd_data_o       (queue_rd_data),
    .sq_req_valid_o  (rd_req_valid[0]),
    .sq_req_ready_i  (rd_req_ready[0]),
    .sq_req_addr_o   (rd_req_addr[0+:AXI_ADDR_W]),
    .sq_req_len_o    (rd_req_len[0+:8]),
    .sq_beat_valid_i (rd_beat_valid[0]),
    .sq_beat_data_i  (rd_beat_data),
    .sq_beat_error_i (rd_beat_error),
    .sq_beat_last_i  (rd_beat_last),
    .cq_req_valid_o  (cq_req_valid),
    .cq_req_ready_i  (cq_req_ready),
    .cq_req_addr_o   (cq_req_addr),
    .cq_req_data_o   (cq_req_data),
    .cq_resp_valid_i (cq_resp_valid),
    .cq_resp_error_i (resp_error),
    .room_i          (room),
    .units_i         (units),
    .job_valid_o     (job_valid),
    .job_slot_o      (job_slot),
    .job_o           (job),
    .result_valid_i  (result_valid),
    .result_ready_o  (result_ready),
    .result_slot_i   (result_slot),
    .result_i        (result),
    .inject_valid_o  (inject_valid),
    .inject_qid_o    (inject_qid),
    .inject_kind_i   (inject_kind),
    .inject_arg_i    (inject_arg),
    .irq_event_o     (irq_event),
    .irq_enable_o    (irq_enable),
    .irq_mask_o      (irq_mask),
    .irq_count_o     (irq_count),
    .irq_vector_o    (irq_vector),
    .irq_time_o      (irq_time),
    .reg_err_valid_o (reg_err_valid),
    .reg_err_o       (reg_err),
    .sq_err_valid_o  (sq_err_valid),
    .sq_err_o        (sq_err),
    .cq_err_valid_o  (cq_err_valid),
    .cq_err_o        (cq_err),
    .unit_err_valid_o(unit_err_valid),
    .unit_err_o      (unit_err),
    .received_o      (received),
    .in_flight_o     (in_flight),
    .stall_o         (queue_stall),
    .stat_valid_o    (stat_valid),
    .stat_ready_i    (stat_ready),
    .stat_o          (stat),
    .busy_o          (core_busy)
  );

  pp_error_log #(
    .DEPTH(ERR_LOG_DEPTH)
  ) i_errors (
    .clk_i,
    .rst_ni      (core_rst_n),
    .reg_valid_i (reg_err_valid),
    .reg_i       (reg_err),
    .sq_valid_i  (sq_err_valid),
    .sq_i        (sq_err),
    .cq_valid_i  (cq_err_valid),
    .cq_i        (cq_err),
    .unit_valid_i(unit_err_valid),
    .unit_i      (unit_err),
    .pop_i       (err_pop),
    .valid_o     (err_valid),
    .entry_o     (err_entry),
    .overflow_o  (err_overflow),
    .count_o     (err_count),
    .logged_o    (err_logged),
    .busy_o      (err_waiting)
  );

  // ---- Channels: bit e compresses on engine e, bit NUM_ENGINES + e decompresses on it
  logic [CHANNELS-1:0]            wr_req_valid;
  logic [CHANNELS-1:0]            wr_req_ready;
  logic [CHANNELS*AXI_ADDR_W-1:0] wr_req_addr;
  logic [CHANNELS*8-1:0]          wr_req_len;
  logic [CHANNELS-1:0]            wr_beat_valid;
  logic [CHANNELS-1:0]            wr_beat_ready;
  logic [CHANNELS*AXI_DATA_W-1:0] wr_beat_data;
  logic [CHANNELS*STRB_W-1:0]     wr_beat_strb;
  logic [CHANNELS-1:0]            wr_resp_valid;
  logic [CHANNELS-1:0]            channel_busy;
  logic [CHANNELS-1:0]            stall_in;
  logic [CHANNELS-1:0]            stall_out;

  for (genvar c = 0; c < CHANNELS; c++) begin : gen_channel
    pp_channel #(
      .DECOMPRESS  (c >= NUM_ENGINES),
      .ENGINE      (c % NUM_ENGINES),
      .W           (W),
      .DATA_W      (AXI_DATA_W),
      .ADDR_W      (AXI_ADDR_W),
      .BURST_BEATS (BURST_BEATS),
      // A block is half its unit, and what it is for waits for it alone.
      .BUFFER_BYTES(c >= NUM_ENGINES ? READ_BUFFER / 2 : READ_BUFFER),
      .WRITE_BURSTS(WRITE_BURSTS),
      .SGE_MAX     (SGE_MAX),
      .SLOT_W      (SLOT_W),
      .MAX_UNITS   (CHANNEL_UNITS),
      .COUNT_W     (COUNT_W)
    ) i_channel (
      .clk_i,
      .rst_ni         (core_rst_n),
      .job_valid_i    (job_valid[c]),
      .job_slot_i     (job_slot),
      .job_i          (job),
      .room_o         (room[c]),
      .units_o        (units[COUNT_W*c+:COUNT_W]),
      .result_valid_o (result_valid[c]),
      .result_ready_i (result_ready[c]),
      .result_slot_o  (result_slot[SLOT_W*c+:SLOT_W]),
      .result_o       (result[RESULT_W*c+:RESULT_W]),
      .rd_req_valid_o (rd_req_valid[c+1]),
      .rd_req_ready_i (rd_req_ready[c+1]),
      .rd_req_addr_o  (rd_req_addr[AXI_ADDR_W*(c+1)+:AXI_ADDR_W]),
      .rd_req_len_o   (rd_req_len[8*(c+1)+:8]),
      .rd_beat_valid_i(rd_beat_valid[c+1]),
      .rd_beat_data_i (rd_beat_data),
      .rd_beat_error_i(rd_beat_error),
      .wr_req_valid_o (wr_req_valid[c]),
      .wr_req_ready_i (wr_req_ready[c]),
      .wr_req_addr_o  (wr_req_addr[AXI_ADDR_W*c+:AXI_ADDR_W]),
      .wr_req_len_o   (wr_req_len[8*c+:8]),
      .wr_beat_valid_o(wr_beat_valid[c]),
      .wr_beat_ready_i(wr_beat_ready[c]),
      .wr_beat_data_o (wr_beat_data[AXI_DATA_W*c+:AXI_DATA_W]),
      .wr_beat_strb_o (wr_beat_strb[STRB_W*c+:STRB_W]),
      .wr_resp_valid_i(wr_resp_valid[c]),
      .wr_resp_error_i(resp_error),
      .stall_in_o     (stall_in[c]),
      .stall_out_o    (stall_out[c]),
      .busy_o         (channel_busy[c])
    );
  end

  // ---- The bus
  pp_axi_read #(
    .DATA_W (AXI_DATA_W),
    .ID_W   (AXI_ID_W),
    .ADDR_W (AXI_ADDR_W),
    .CLIENTS(CLIENTS)
  ) i_axi_read (
    .clk_i,
    .rst_ni      (core_rst_n),
    .quiesce_i   (quiesce),
    .idle_o      (read_idle),
    .req_valid_i (rd_req_valid),
    .req_ready_o (rd_req_ready),
    .req_addr_i  (rd_req_addr),
    .req_len_i   (rd_req_len),
    .beat_valid_o(rd_beat_valid),
    .beat_data_o (rd_beat_data),
    .beat_error_o(rd_beat_error),
    .beat_last_o (rd_beat_last),
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
    .DATA_W (AXI_DATA_W),
    .ID_W   (AXI_ID_W),
    .ADDR_W (AXI_ADDR_W),
    .CLIENTS(CHANNELS)
  ) i_axi_write (
    .clk_i,
    .rst_ni         (core_rst_n),
    .quiesce_i      (quiesce),
    .idle_o         (write_idle),
    .req_valid_i    (wr_req_valid),
    .req_ready_o    (wr_req_ready),
    .req_addr_i     (wr_req_addr),
    .req_len_i      (wr_req_len),
    .beat_valid_i   (wr_beat_valid),
    .beat_ready_o   (wr_beat_ready),
    .beat_data_i    (wr_beat_data),
    .beat_strb_i    (wr_beat_strb),
    .resp_valid_o   (wr_resp_valid),
    .cq_req_valid_i (cq_req_valid),
    .cq_req_ready_o (cq_req_ready),
    .cq_req_addr_i  (cq_req_addr),
    .cq_req_data_i  (cq_req_data),
    .cq_resp_valid_o(cq_resp_valid),
    .resp_error_o   (resp_error),
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

  assign m_axi_arsize_o  = 3'($clog2(STRB_W));
  assign m_axi_arburst_o = 2'b01;  // INCR
  assign m_axi_awsize_o  = 3'($clog2(STRB_W));
  assign m_axi_awburst_o = 2'b01;

  // ---- Interrupts
  pp_interrupts #(
    .QUEUES (NUM_QUEUES),
    .VECTORS(NUM_VECTORS)
  ) i_interrupts (
    .clk_i,
    .rst_ni      (core_rst_n),
    .enable_i    (irq_enable),
    .mask_i      (irq_mask),
    .count_i     (irq_count),
    .vector_i    (irq_vector),
    .time_i      (irq_time),
    .event_i     (irq_event),
    .err_enable_i(err_irq_enable),
    .err_mask_i  (err_irq_mask),
    .err_vector_i(err_irq_vector),
    .err_event_i (err_logged),
    .sent_valid_o(irq_sending),
    .sent_qid_o  (irq_sending_qid),
    .drop_i      (irq_drop),
    .irq_o,
    .sent_o      (irq_sent),
    .err_sent_o  (err_irq_sent),
    .waiting_o   (irq_waiting)
  );

  // ---- Counters; an engine is busy or stalls when one of its channels does
  pp_counters #(
    .QUEUES (NUM_QUEUES),
    .ENGINES(NUM_ENGINES)
  ) i_counters (
    .clk_i,
    .rst_ni            (core_rst_n),
    .received_i        (received),
    .irq_i             (irq_sent),
    .err_irq_i         (err_irq_sent),
    .done_valid_i      (stat_valid),
    .done_ready_o      (stat_ready),
    .done_qid_i        (stat.qid),
    .done_engine_i     (stat.engine),
    .done_on_engine_i  (stat.on_engine),
    .done_status_i     (stat.status),
    .done_bytes_in_i   (stat.bytes_in),
    .done_bytes_out_i  (stat.bytes_out),
    .done_latency_i    (stat.latency),
    .queue_busy_i      (in_flight),
    .queue_stall_i     (queue_stall),
    .engine_busy_i     (channel_busy[NUM_ENGINES-1:0] | channel_busy[CHANNELS-1:NUM_ENGINES]),
    .engine_stall_in_i (stall_in[NUM_ENGINES-1:0] | stall_in[CHANNELS-1:NUM_ENGINES]),
    .engine_stall_out_i(stall_out[NUM_ENGINES-1:0] | stall_out[CHANNELS-1:NUM_ENGINES]),
    .sel_valid_i       (perf_sel_valid),
    .sel_i             (perf_sel),
    .value_o           (perf_value),
    .hold_o            (perf_hold),
    .clear_i           (perf_clear),
    .busy_o            (perf_busy)
  );

  // ---- State
  assign device_busy = core_busy || channel_busy != '0 || !read_idle || !write_idle;
  assign busy_o      = device_busy || resetting || axil_busy || err_waiting || irq_waiting ||
                       perf_busy;

  logic unused_bits;
  assign unused_bits = ^inject_qid[15:8];

endmodule

`default_nettype wire
