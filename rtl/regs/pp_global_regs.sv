// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The global registers: identity, capabilities, control, state, error log.
///
/// **Limitations**
/// - PP_REG_INJECT* and PP_REG_PERF_* are reserved, as the features tell.
/// - CTRL.RESET is handed out as a pulse; pp_reset_ctrl does the rest.
module pp_global_regs #(
  parameter int unsigned POSITIONS      = 8,   // W of the engine
  parameter int unsigned NUM_QUEUES     = 1,
  parameter int unsigned NUM_VECTORS    = 2,
  parameter int unsigned DEPTH_LOG2_MAX = 15,
  parameter int unsigned ALIGN_LOG2     = 6
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        wr_sel_i,
  input  logic [11:0] wr_offset_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [11:0] rd_offset_i,
  output logic [31:0] rd_data_o,

  output logic        enable_o,
  output logic        reset_o,       // one cycle: the driver asks for a reset
  input  logic        resetting_i,
  input  logic        busy_i,

  output logic        err_pop_o,
  input  logic                  err_valid_i,
  input  pp_queue_pkg::error_t  err_i,
  input  logic                  err_overflow_i,
  input  logic [31:0]           err_count_i,
  output logic        err_irq_enable_o,
  output logic [11:0] err_irq_vector_o
);

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

  localparam logic [31:0] VERSION = (pagepress_abi_pkg::PP_VERSION_MAJOR << 16) |
                                    pagepress_abi_pkg::PP_VERSION_MINOR;
  // One engine; units of 4 KiB.
  localparam logic [31:0] CAP0 = 32'(NUM_QUEUES) | (32'd1 << 9) | (32'(DEPTH_LOG2_MAX) << 16) |
                                 (pagepress_abi_pkg::PP_UNIT_LOG2_MIN << 24);
  localparam logic [31:0] CAP1 = (32'd1 << pagepress_abi_pkg::PP_ALG_LZ4_BLOCK) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_NOP) |
                                 (32'h0001_0000 << pagepress_abi_pkg::PP_OP_COMPRESS);
  localparam logic [31:0] CAP2 = 32'(POSITIONS) | (32'(ALIGN_LOG2) << 8) |
                                 (32'(NUM_VECTORS) << 16);
  localparam logic [31:0] FEATURES = pagepress_abi_pkg::PP_FEAT_SAME_FILLED |
                                     pagepress_abi_pkg::PP_FEAT_CRC32C |
                                     pagepress_abi_pkg::PP_FEAT_IRQ |
                                     pagepress_abi_pkg::PP_FEAT_IRQ_MODERATION |
                                     pagepress_abi_pkg::PP_FEAT_PAUSE |
                                     pagepress_abi_pkg::PP_FEAT_ERROR_LOG;

  logic        enable_q;
  logic [31:0] err_vector_q;
  logic [11:0] wr_offset;
  logic [11:0] rd_offset;
  logic [31:0] err_vector_d;
  logic        wr_ctrl;

  assign wr_offset = {wr_offset_i[11:2], 2'b00};
  assign rd_offset = {rd_offset_i[11:2], 2'b00};
  assign wr_ctrl   = wr_sel_i && wr_offset == A_CTRL && wr_strb_i[0];
  assign reset_o   = wr_ctrl && (wr_data_i & pagepress_abi_pkg::PP_CTRL_RESET) != '0;
  assign err_pop_o = wr_sel_i && wr_offset == A_ERR_POP && wr_strb_i[0] && wr_data_i[0];

  assign enable_o         = enable_q;
  assign err_irq_enable_o = err_vector_q[31];
  assign err_irq_vector_o = err_vector_q[11:0];

  always_comb begin
    err_vector_d = err_vector_q;
    if (wr_strb_i[0]) err_vector_d[7:0] = wr_data_i[7:0];
    if (wr_strb_i[1]) err_vector_d[11:8] = wr_data_i[11:8];
    if (wr_strb_i[3]) err_vector_d[31] = wr_data_i[31];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q     <= 1'b0;
      err_vector_q <= '0;
    end else begin
      if (wr_ctrl) enable_q <= wr_data_i[0];
      if (wr_sel_i && wr_offset == A_ERR_VECTOR) err_vector_q <= err_vector_d;
    end
  end

  always_comb begin
    rd_data_o = '0;
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
      default: ;
    endcase
  end

  logic unused_bits;
  assign unused_bits = ^{wr_offset_i[1:0], rd_offset_i[1:0], wr_strb_i[2]};

endmodule

`default_nettype wire
