// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Control block, doorbells and state of one queue pair.
///
///               enable                       SQ_FETCH / CQ_WRITE error
///   DISABLED ----------> RUNNING <-> PAUSED ---------------------------> ERROR
///       ^                   | disable, DRAIN or ABORT                      |
///       |     all complete  v                           disable, ABORT     |
///       +--------- DRAINING, ABORTING <------------------------------------+
///
/// Whatever the driver writes wrongly is ignored and logged:
/// - A doorbell's index may only move forward: sq_tail up to one ring ahead of
///   sq_head, cq_head up to cq_tail. An index behind the last one accepted is
///   65,536 less its distance ahead, thus out of range.
/// - sq_tail is taken in RUNNING and PAUSED, cq_head in every state but DISABLED.
/// - Size and bases are locked unless DISABLED.
/// - CTRL writes in DRAINING and ABORTING are ignored without an entry: the driver
///   polls STATE. But for the priority, CTRL does nothing to a queue that stays DISABLED.
/// A ring's error in DRAINING or ABORTING is logged, and the queue goes on to stop.
///
/// **Limitations**
/// - No WEIGHT: it reads 0 and ignores writes.
/// - Indices start at 0 at every enable.
module pp_queue_regs #(
  parameter logic [15:0] QUEUE = 16'd0,
  parameter int unsigned DEPTH_LOG2_MAX = 15
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  // Register access: the control block by ctrl_sel, the doorbells by db_sel. A
  // write lasts one cycle; reads are combinational.
  input  logic        wr_ctrl_sel_i,
  input  logic        wr_db_sel_i,
  input  logic [7:0]  wr_offset_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [7:0]  rd_offset_i,
  output logic [31:0] rd_data_o,

  output logic        clear_o,  // one cycle: enabled, indices start at 0
  output logic        run_o,    // fetching is allowed
  output logic        abort_o,  // units that have not completed are to complete as ABORTED
  output logic [2:0]  class_o,  // priority; 7 first
  output logic [63:0] sq_base_o,
  output logic [63:0] cq_base_o,
  output logic [3:0]  sq_log2_o,
  output logic [3:0]  cq_log2_o,
  output logic [15:0] sq_tail_o,
  output logic [15:0] cq_head_o,
  input  logic [15:0] sq_head_i,
  input  logic [15:0] cq_tail_i,
  input  logic [15:0] in_flight_i,
  input  logic        busy_i,       // entries are being fetched or are in flight
  input  logic        sq_error_i,   // one cycle
  input  logic        cq_error_i,   // one cycle

  output logic        irq_enable_o,
  output logic        irq_mask_o,
  output logic [7:0]  irq_count_o,
  output logic [11:0] irq_vector_o,
  output logic [23:0] irq_time_o,

  output logic                   err_valid_o,  // one cycle: the driver did something wrong
  output pp_queue_pkg::error_t   err_o
);

  localparam logic [3:0] DISABLED = 4'(pagepress_abi_pkg::PP_QSTATE_DISABLED);
  localparam logic [3:0] RUNNING  = 4'(pagepress_abi_pkg::PP_QSTATE_RUNNING);
  localparam logic [3:0] PAUSED   = 4'(pagepress_abi_pkg::PP_QSTATE_PAUSED);
  localparam logic [3:0] DRAINING = 4'(pagepress_abi_pkg::PP_QSTATE_DRAINING);
  localparam logic [3:0] ABORTING = 4'(pagepress_abi_pkg::PP_QSTATE_ABORTING);
  localparam logic [3:0] ERROR    = 4'(pagepress_abi_pkg::PP_QSTATE_ERROR);

  localparam logic [7:0] A_CTRL       = 8'(pagepress_abi_pkg::PP_Q_CTRL);
  localparam logic [7:0] A_STATE      = 8'(pagepress_abi_pkg::PP_Q_STATE);
  localparam logic [7:0] A_SIZE       = 8'(pagepress_abi_pkg::PP_Q_SIZE);
  localparam logic [7:0] A_SQ_BASE_LO = 8'(pagepress_abi_pkg::PP_Q_SQ_BASE_LO);
  localparam logic [7:0] A_SQ_BASE_HI = 8'(pagepress_abi_pkg::PP_Q_SQ_BASE_HI);
  localparam logic [7:0] A_CQ_BASE_LO = 8'(pagepress_abi_pkg::PP_Q_CQ_BASE_LO);
  localparam logic [7:0] A_CQ_BASE_HI = 8'(pagepress_abi_pkg::PP_Q_CQ_BASE_HI);
  localparam logic [7:0] A_SQ_HEAD    = 8'(pagepress_abi_pkg::PP_Q_SQ_HEAD);
  localparam logic [7:0] A_SQ_TAIL    = 8'(pagepress_abi_pkg::PP_Q_SQ_TAIL);
  localparam logic [7:0] A_CQ_HEAD    = 8'(pagepress_abi_pkg::PP_Q_CQ_HEAD);
  localparam logic [7:0] A_CQ_TAIL    = 8'(pagepress_abi_pkg::PP_Q_CQ_TAIL);
  localparam logic [7:0] A_IRQ_CTRL   = 8'(pagepress_abi_pkg::PP_Q_IRQ_CTRL);
  localparam logic [7:0] A_IRQ_TIME   = 8'(pagepress_abi_pkg::PP_Q_IRQ_TIME);
  localparam logic [7:0] A_DB_SQ_TAIL = 8'(pagepress_abi_pkg::PP_DB_SQ_TAIL);
  localparam logic [7:0] A_DB_CQ_HEAD = 8'(pagepress_abi_pkg::PP_DB_CQ_HEAD);

  logic [3:0]  state_q;
  logic        drain_q;  // DRAINING on the driver's DRAIN: the bit reads 1 until done
  logic [2:0]  class_q;
  logic [4:0]  sq_log2_q;
  logic [4:0]  cq_log2_q;
  logic [63:0] sq_base_q;
  logic [63:0] cq_base_q;
  logic [15:0] sq_tail_q;
  logic [15:0] cq_head_q;
  logic [31:0] irq_ctrl_q;
  logic [23:0] irq_time_q;

  // ---- Read; a write merges its bytes into what a read of the register gives
  logic [31:0] ctrl_value;
  logic [31:0] size_value;
  logic [7:0]  offset;
  logic [31:0] old_value;
  logic [31:0] mask;
  logic [31:0] value;

  assign ctrl_value = {21'd0, class_q, 4'd0, state_q == ABORTING, drain_q, state_q == PAUSED,
                       state_q == RUNNING || state_q == PAUSED || state_q == ERROR};
  assign size_value = {19'd0, cq_log2_q, 3'd0, sq_log2_q};

  always_comb begin
    case (rd_offset_i)
      A_CTRL:       rd_data_o = ctrl_value;
      A_STATE:      rd_data_o = {in_flight_i, 12'd0, state_q};
      A_SIZE:       rd_data_o = size_value;
      A_SQ_BASE_LO: rd_data_o = sq_base_q[31:0];
      A_SQ_BASE_HI: rd_data_o = sq_base_q[63:32];
      A_CQ_BASE_LO: rd_data_o = cq_base_q[31:0];
      A_CQ_BASE_HI: rd_data_o = cq_base_q[63:32];
      A_SQ_HEAD:    rd_data_o = {16'd0, sq_head_i};
      A_SQ_TAIL:    rd_data_o = {16'd0, sq_tail_q};
      A_CQ_HEAD:    rd_data_o = {16'd0, cq_head_q};
      A_CQ_TAIL:    rd_data_o = {16'd0, cq_tail_i};
      A_IRQ_CTRL:   rd_data_o = irq_ctrl_q;
      A_IRQ_TIME:   rd_data_o = {8'd0, irq_time_q};
      default:      rd_data_o = '0;
    endcase
  end

  assign offset = {wr_offset_i[7:2], 2'b00};
  assign mask   = {{8{wr_strb_i[3]}}, {8{wr_strb_i[2]}}, {8{wr_strb_i[1]}}, {8{wr_strb_i[0]}}};

  always_comb begin
    case (offset)
      A_CTRL:       old_value = ctrl_value;
      A_SIZE:       old_value = size_value;
      A_SQ_BASE_LO: old_value = sq_base_q[31:0];
      A_SQ_BASE_HI: old_value = sq_base_q[63:32];
      A_CQ_BASE_LO: old_value = cq_base_q[31:0];
      A_CQ_BASE_HI: old_value = cq_base_q[63:32];
      A_IRQ_CTRL:   old_value = irq_ctrl_q;
      A_IRQ_TIME:   old_value = {8'd0, irq_time_q};
      default:      old_value = '0;
    endcase
    if (wr_db_sel_i) old_value = {16'd0, (offset == A_DB_SQ_TAIL) ? sq_tail_q : cq_head_q};
  end

  assign value = (old_value & ~mask) | (wr_data_i & mask);

  // ---- Doorbells
  logic        db_sq;
  logic        db_cq;
  logic [16:0] sq_ahead;   // of sq_head, were the new tail taken
  logic [15:0] cq_unread;  // entries written and not yet consumed
  logic [15:0] cq_step;
  logic        sq_open;
  logic        sq_in_range;
  logic        cq_in_range;

  assign db_sq       = wr_db_sel_i && offset == A_DB_SQ_TAIL;
  assign db_cq       = wr_db_sel_i && offset == A_DB_CQ_HEAD;
  assign sq_open     = state_q == RUNNING || state_q == PAUSED;
  assign sq_ahead    = {1'b0, value[15:0] - sq_tail_q} + {1'b0, sq_tail_q - sq_head_i};
  assign sq_in_range = sq_ahead <= (17'd1 << sq_log2_q[3:0]);
  assign cq_unread   = cq_tail_i - cq_head_q;
  assign cq_step     = value[15:0] - cq_head_q;
  assign cq_in_range = cq_step <= cq_unread;

  // ---- Control writes
  logic wr_ctrl;
  logic wr_locked;
  logic size_bad;
  logic sq_base_bad;
  logic cq_base_bad;
  logic try_enable;
  logic enable_ok;

  assign wr_ctrl     = wr_ctrl_sel_i && offset == A_CTRL;
  assign wr_locked   = wr_ctrl_sel_i && (offset == A_SIZE || offset == A_SQ_BASE_LO ||
                       offset == A_SQ_BASE_HI || offset == A_CQ_BASE_LO || offset == A_CQ_BASE_HI);
  assign size_bad    = sq_log2_q == '0 || sq_log2_q > 5'(DEPTH_LOG2_MAX) ||
                       cq_log2_q == '0 || cq_log2_q > 5'(DEPTH_LOG2_MAX);
  assign sq_base_bad = sq_base_q[11:0] != '0;
  assign cq_base_bad = cq_base_q[11:0] != '0;
  assign try_enable  = wr_ctrl && value[0] && state_q == DISABLED;
  assign enable_ok   = try_enable && !size_bad && !sq_base_bad && !cq_base_bad;

  // ---- What is wrong with a write, if anything
  logic [7:0]  err_cond;
  logic [31:0] err_index;
  logic [63:0] err_addr;

  always_comb begin
    err_cond  = '0;
    err_index = {24'd0, offset};
    err_addr  = 64'(value);
    if (db_sq || db_cq) begin
      err_addr = 64'(value[15:0]);
      if (db_sq ? !sq_open : state_q == DISABLED) begin
        err_cond = 8'(pagepress_abi_pkg::PP_ERR_DOORBELL_DISABLED);
      end else if (db_sq && !sq_in_range) begin
        err_cond = 8'(pagepress_abi_pkg::PP_ERR_DOORBELL_RANGE);
      end else if (db_cq && !cq_in_range) begin
        err_cond = 8'(pagepress_abi_pkg::PP_ERR_CQ_HEAD_RANGE);
      end
    end else if (wr_locked && state_q != DISABLED) begin
      err_cond = 8'(pagepress_abi_pkg::PP_ERR_REGISTER_LOCKED);
    end else if (try_enable && size_bad) begin
      err_cond  = 8'(pagepress_abi_pkg::PP_ERR_QUEUE_SIZE);
      err_index = {24'd0, A_SIZE};
      err_addr  = 64'(size_value);
    end else if (try_enable && (sq_base_bad || cq_base_bad)) begin
      err_cond  = 8'(pagepress_abi_pkg::PP_ERR_RING_BASE);
      err_index = {24'd0, sq_base_bad ? A_SQ_BASE_LO : A_CQ_BASE_LO};
      err_addr  = sq_base_bad ? sq_base_q : cq_base_q;
    end
  end

  assign err_valid_o = err_cond != '0;
  assign err_o.cond  = err_cond;
  assign err_o.qid = QUEUE;
  assign err_o.index = err_index;
  assign err_o.addr  = err_addr;

  // ---- State
  logic [3:0] state_d;
  logic       drain_d;

  always_comb begin
    state_d = state_q;
    drain_d = drain_q;
    case (state_q)
      DISABLED: begin
        if (enable_ok) state_d = value[1] ? PAUSED : RUNNING;
      end
      RUNNING, PAUSED: begin
        // The driver's word comes first: a stop that meets an error must not be lost.
        if (wr_ctrl && value[3]) begin
          state_d = ABORTING;
        end else if (wr_ctrl && (!value[0] || value[2])) begin
          state_d = DRAINING;
          drain_d = value[2];
        end else if (sq_error_i || cq_error_i) begin
          state_d = ERROR;
        end else if (wr_ctrl) begin
          state_d = value[1] ? PAUSED : RUNNING;
        end
      end
      ERROR: begin
        if (wr_ctrl && value[3]) begin
          state_d = ABORTING;
        end else if (wr_ctrl && (!value[0] || value[2])) begin
          state_d = DRAINING;
          drain_d = value[2];
        end
      end
      DRAINING, ABORTING: begin
        if (!busy_i) begin
          state_d = DISABLED;
          drain_d = 1'b0;
        end
      end
      default: state_d = DISABLED;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= DISABLED;
      drain_q    <= 1'b0;
      class_q    <= '0;
      sq_log2_q  <= '0;
      cq_log2_q  <= '0;
      sq_base_q  <= '0;
      cq_base_q  <= '0;
      sq_tail_q  <= '0;
      cq_head_q  <= '0;
      irq_ctrl_q <= '0;
      irq_time_q <= '0;
    end else begin
      state_q <= state_d;
      drain_q <= drain_d;
      if (wr_ctrl && state_q != DRAINING && state_q != ABORTING) class_q <= value[10:8];
      if (wr_locked && state_q == DISABLED) begin
        case (offset)
          A_SIZE: begin
            sq_log2_q <= value[4:0];
            cq_log2_q <= value[12:8];
          end
          A_SQ_BASE_LO: sq_base_q[31:0]  <= value;
          A_SQ_BASE_HI: sq_base_q[63:32] <= value;
          A_CQ_BASE_LO: cq_base_q[31:0]  <= value;
          default:      cq_base_q[63:32] <= value;
        endcase
      end
      if (wr_ctrl_sel_i && offset == A_IRQ_CTRL) irq_ctrl_q <= value & 32'h0fff_ff03;
      if (wr_ctrl_sel_i && offset == A_IRQ_TIME) irq_time_q <= value[23:0];
      if (enable_ok) begin
        sq_tail_q <= '0;
        cq_head_q <= '0;
      end else begin
        if (db_sq && sq_open && sq_in_range) sq_tail_q <= value[15:0];
        if (db_cq && state_q != DISABLED && cq_in_range) cq_head_q <= value[15:0];
      end
    end
  end

  assign clear_o      = enable_ok;
  assign run_o        = state_q == RUNNING;
  assign abort_o      = state_q == ABORTING;
  assign class_o      = class_q;
  assign sq_base_o    = sq_base_q;
  assign cq_base_o    = cq_base_q;
  assign sq_log2_o    = sq_log2_q[3:0];
  assign cq_log2_o    = cq_log2_q[3:0];
  assign sq_tail_o    = sq_tail_q;
  assign cq_head_o    = cq_head_q;
  assign irq_enable_o = irq_ctrl_q[0];
  assign irq_mask_o   = irq_ctrl_q[1];
  assign irq_count_o  = irq_ctrl_q[15:8];
  assign irq_vector_o = irq_ctrl_q[27:16];
  assign irq_time_o   = irq_time_q;

  `PP_ASSERT(NotBusyWhenDisabled, !(state_q == DISABLED && busy_i))

  logic unused_bits;
  assign unused_bits = ^wr_offset_i[1:0];

endmodule

`default_nettype wire
