// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The global registers: identity, capabilities, control, state, error log, injection
/// (pp_inject is inside) and the registers of the counters (pp_counters stands beside).
///
/// **Limitations**
/// - CTRL.RESET is handed out as a pulse; pp_reset_ctrl does the rest.
/// - rd_hold_o tells of the offset alone: whoever decodes the page must qualify it.
module pp_global_regs #(
  parameter int unsigned NUM_QUEUES     = 8,
  parameter int unsigned NUM_ENGINES    = 2,
  parameter int unsigned NUM_VECTORS    = 9,
  parameter int unsigned POSITIONS      = 8,   // W of the engines
  parameter int unsigned SGE_MAX        = 8,
  parameter int unsigned DEPTH_LOG2_MAX = 15
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        wr_sel_i,
  input  logic [11:0] wr_offset_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [11:0] rd_offset_i,
  output logic [31:0] rd_data_o,
  output logic        rd_hold_o,     // a counter's value is not there yet

  output logic        enable_o,
  output logic        reset_o,       // one cycle: the driver asks for a reset
  input  logic        resetting_i,
  input  logic        busy_i,

  output logic                  err_pop_o,
  input  logic                  err_valid_i,
  input  pp_queue_pkg::error_t  err_i,
  input  logic                  err_overflow_i,
  input  logic [31:0]           err_count_i,
  output logic                  err_irq_enable_o,
  output logic                  err_irq_mask_o,
  output logic [11:0]           err_irq_vector_o,

  // pp_inject's
  input  logic        inj_unit_valid_i,
  input  logic [7:0]  inj_unit_qid_i,
  output logic [2:0]  inj_unit_kind_o,
  output logic [31:0] inj_arg_o,
  input  logic        inj_irq_valid_i,
  input  logic [7:0]  inj_irq_qid_i,
  output logic        inj_irq_drop_o,

  // pp_counters'
  output logic        perf_sel_valid_o,
  output logic [31:0] perf_sel_o,
  output logic        perf_clear_o,
  input  logic [63:0] perf_value_i,
  input  logic        perf_hold_i
);

  if (NUM_QUEUES > 256 || NUM_ENGINES > 127 || NUM_VECTORS > 2048 || POSITIONS > 255 ||
      SGE_MAX > 15) begin : gen_bad_capability
    $error("a capability does not fit its field");
  end

  localparam logic [11:0] A_ID         = 12'(pagepress_abi_pkg::PP_REG_ID);
  localparam logic [11:0] A_VERSION    = 12'(pagepress_abi_pkg::PP_REG_VERSION);
  localparam logic [11:0] A_CAP0       = 12'(pagepress_abi_pkg::PP_REG_CAP0);
  localparam logic [11:0] A_CAP1       = 12'(pagepress_abi_pkg::PP_REG_CAP1);
  localparam logic [11:0] A_CAP2       = 12'(pagepress_abi_pkg::PP_REG_CAP2);
  localparam logic [11:0] A_FEATURES   = 12'(pagepress_abi_pkg::PP_REG_FEATURES_LO);
  localparam logic [11:0] A_CTRL       = 12'(pagepress_abi_pkg::PP_REG_CTRL);
  localparam logic [11:0] A_STATE      = 12'(pagepress_abi_pkg::PP_REG_STATE);
  localparam logic [11:0] A_ERR_STATUS = 12'(pagepress_abi_pkg::PP_REG_ERR_STATUS);
  localparam logic [11:0] A_ERR_COUNT  = 12'(pagepress_abi_pkg::PP_REG_ERR_COUNT);
  localparam logic [11:0] A_ERR_COND   = 12'(pagepress_abi_pkg::PP_REG_ERR_COND);
  localparam logic [11:0] A_ERR_INDEX  = 12'(pagepress_abi_pkg::PP_REG_ERR_INDEX);
  localparam logic [11:0] A_ERR_LO     = 12'(pagepress_abi_pkg::PP_REG_ERR_ADDR_LO);
  localparam logic [11:0] A_ERR_HI     = 12'(pagepress_abi_pkg::PP_REG_ERR_ADDR_HI);
  localparam logic [11:0] A_ERR_POP    = 12'(pagepress_abi_pkg::PP_REG_ERR_POP);
  localparam logic [11:0] A_ERR_VECTOR = 12'(pagepress_abi_pkg::PP_REG_ERR_VECTOR);
  localparam logic [11:0] A_SELECT     = 12'(pagepress_abi_pkg::PP_REG_PERF_SELECT);
  localparam logic [11:0] A_PERF_LO    = 12'(pagepress_abi_pkg::PP_REG_PERF_LO);
  localparam logic [11:0] A_PERF_HI    = 12'(pagepress_abi_pkg::PP_REG_PERF_HI);
  localparam logic [11:0] A_PERF_CTRL  = 12'(pagepress_abi_pkg::PP_REG_PERF_CTRL);

  localparam logic [31:0] VERSION = (pagepress_abi_pkg::PP_VERSION_MAJOR << 16) |
                                    pagepress_abi_pkg::PP_VERSION_MINOR;
  localparam logic [31:0] CAP0 = 32'(NUM_QUEUES) | (32'(NUM_ENGINES) << 9) |
                                 (32'(DEPTH_LOG2_MAX) << 16) | (32'(pp_lz_pkg::UNIT_LOG2) << 24);
  localparam logic [31:0] CAP1 = (32'd1 << pagepress_abi_pkg::PP_ALG_LZ4_BLOCK) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_NOP) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_COMPRESS) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_DECOMPRESS) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_COMPRESS_VERIFY) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_COPY) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_FILL_CHECK);
  // Buffers lie at any byte: align_log2 is 0.
  localparam logic [31:0] CAP2 = 32'(POSITIONS) | (32'(SGE_MAX) << 12) | (32'(NUM_VECTORS) << 16);
  localparam logic [31:0] FEATURES = pagepress_abi_pkg::PP_FEAT_SAME_FILLED |
                                     pagepress_abi_pkg::PP_FEAT_CRC32C |
                                     pagepress_abi_pkg::PP_FEAT_IRQ |
                                     pagepress_abi_pkg::PP_FEAT_IRQ_MODERATION |
                                     pagepress_abi_pkg::PP_FEAT_PAUSE |
                                     pagepress_abi_pkg::PP_FEAT_ABORT |
                                     pagepress_abi_pkg::PP_FEAT_PRIORITY |
                                     pagepress_abi_pkg::PP_FEAT_STORE_RAW |
                                     pagepress_abi_pkg::PP_FEAT_SGL |
                                     pagepress_abi_pkg::PP_FEAT_UNALIGNED |
                                     pagepress_abi_pkg::PP_FEAT_ERROR_LOG |
                                     pagepress_abi_pkg::PP_FEAT_INJECTION |
                                     pagepress_abi_pkg::PP_FEAT_COUNTERS |
                                     pagepress_abi_pkg::PP_FEAT_EXPECT_CRC |
                                     pagepress_abi_pkg::PP_FEAT_OUT_OF_ORDER |
                                     pagepress_abi_pkg::PP_FEAT_IRQ_MASK;

  logic        enable_q;
  logic [31:0] err_vector_q;
  logic [31:0] select_q;
  logic [11:0] wr_offset;
  logic [11:0] rd_offset;
  logic [31:0] mask;
  logic [31:0] err_vector_d;
  logic [31:0] select_d;
  logic        wr_ctrl;
  logic        wr_select;
  logic [31:0] inject_rd_data;

  assign wr_offset = {wr_offset_i[11:2], 2'b00};
  assign rd_offset = {rd_offset_i[11:2], 2'b00};
  assign mask = {{8{wr_strb_i[3]}}, {8{wr_strb_i[2]}}, {8{wr_strb_i[1]}}, {8{wr_strb_i[0]}}};
  assign wr_ctrl   = wr_sel_i && wr_offset == A_CTRL && wr_strb_i[0];
  assign wr_select = wr_sel_i && wr_offset == A_SELECT;
  assign reset_o   = wr_ctrl && (wr_data_i & pagepress_abi_pkg::PP_CTRL_RESET) != '0;
  assign err_pop_o = wr_sel_i && wr_offset == A_ERR_POP && wr_strb_i[0] && wr_data_i[0];

  assign enable_o         = enable_q;
  assign err_irq_enable_o = (err_vector_q & pagepress_abi_pkg::PP_ERR_VECTOR_ENABLE) != '0;
  assign err_irq_mask_o   = (err_vector_q & pagepress_abi_pkg::PP_ERR_VECTOR_MASK) != '0;
  assign err_irq_vector_o = err_vector_q[11:0];

  assign err_vector_d = ((err_vector_q & ~mask) | (wr_data_i & mask)) & 32'hc000_0fff;
  assign select_d     = (select_q & ~mask) | (wr_data_i & mask);

  assign perf_sel_valid_o = wr_select;
  assign perf_sel_o       = select_d;
  assign perf_clear_o     = wr_sel_i && wr_offset == A_PERF_CTRL && wr_strb_i[0] && wr_data_i[0];
  assign rd_hold_o        = perf_hold_i && (rd_offset == A_PERF_LO || rd_offset == A_PERF_HI);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q     <= 1'b0;
      err_vector_q <= '0;
      select_q     <= '0;
    end else begin
      if (wr_ctrl) enable_q <= wr_data_i[0];
      if (wr_sel_i && wr_offset == A_ERR_VECTOR) err_vector_q <= err_vector_d;
      if (wr_select) select_q <= select_d;
    end
  end

  pp_inject i_inject (
    .clk_i,
    .rst_ni,
    .wr_sel_i,
    .wr_offset_i,
    .wr_data_i,
    .wr_strb_i,
    .rd_offset_i,
    .rd_data_o   (inject_rd_data),
    .unit_valid_i(inj_unit_valid_i),
    .unit_qid_i  (inj_unit_qid_i),
    .unit_kind_o (inj_unit_kind_o),
    .arg_o       (inj_arg_o),
    .irq_valid_i (inj_irq_valid_i),
    .irq_qid_i   (inj_irq_qid_i),
    .irq_drop_o  (inj_irq_drop_o)
  );

  always_comb begin
    rd_data_o = inject_rd_data;
    case (rd_offset)
      A_ID:         rd_data_o = pagepress_abi_pkg::PP_ID_VALUE;
      A_VERSION:    rd_data_o = VERSION;
      A_CAP0:       rd_data_o = CAP0;
      A_CAP1:       rd_data_o = CAP1;
      A_CAP2:       rd_data_o = CAP2;
      A_FEATURES:   rd_data_o = FEATURES;
      A_CTRL:       rd_data_o = {30'd0, resetting_i, enable_q};
      A_STATE:      rd_data_o = {29'd0, resetting_i, busy_i, !resetting_i};
      A_ERR_STATUS: rd_data_o = {30'd0, err_overflow_i, err_valid_i};
      A_ERR_COUNT:  rd_data_o = err_count_i;
      A_ERR_COND:   if (err_valid_i) rd_data_o = {8'd0, err_i.qid, err_i.cond};
      A_ERR_INDEX:  if (err_valid_i) rd_data_o = err_i.index;
      A_ERR_LO:     if (err_valid_i) rd_data_o = err_i.addr[31:0];
      A_ERR_HI:     if (err_valid_i) rd_data_o = err_i.addr[63:32];
      A_ERR_VECTOR: rd_data_o = err_vector_q;
      A_SELECT:     rd_data_o = select_q;
      A_PERF_LO:    rd_data_o = perf_value_i[31:0];
      A_PERF_HI:    rd_data_o = perf_value_i[63:32];
      default: ;
    endcase
  end

  logic unused_bits;
  assign unused_bits = ^{wr_offset_i[1:0], rd_offset_i[1:0]};

endmodule

`default_nettype wire
