// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// PP_REG_INJECT*: counts the events of the armed kind and queue, lets the first ones
/// pass and tells for the next ones that they are to fail.
///
/// **Limitations**
/// - A write of PP_REG_INJECT takes PP_REG_INJECT_COUNT as it stands then; a later write of
///   the count waits for the next arming. The argument is taken at the hit.
/// - A kind that does not exist is never armed.
/// - One unit and one message a cycle.
module pp_inject (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        wr_sel_i,     // a write to the page of the global registers
  input  logic [11:0] wr_offset_i,
  input  logic [31:0] wr_data_i,
  input  logic [3:0]  wr_strb_i,
  input  logic [11:0] rd_offset_i,
  output logic [31:0] rd_data_o,    // 0 for the registers of others

  input  logic        unit_valid_i, // one cycle: a unit of unit_qid_i goes to an engine
  input  logic [7:0]  unit_qid_i,
  output logic [2:0]  unit_kind_o,  // in that cycle: PP_INJECT_* that it is to suffer, or 0
  output logic [31:0] arg_o,
  input  logic        irq_valid_i,  // one cycle: a message of irq_qid_i is sent
  input  logic [7:0]  irq_qid_i,
  output logic        irq_drop_o    // in that cycle: it is not to be sent
);

  localparam logic [11:0] A_INJECT = 12'(pagepress_abi_pkg::PP_REG_INJECT);
  localparam logic [11:0] A_COUNT  = 12'(pagepress_abi_pkg::PP_REG_INJECT_COUNT);
  localparam logic [11:0] A_ARG    = 12'(pagepress_abi_pkg::PP_REG_INJECT_ARG);

  localparam logic [7:0] NONE     = 8'(pagepress_abi_pkg::PP_INJECT_NONE);
  localparam logic [7:0] DROP_IRQ = 8'(pagepress_abi_pkg::PP_INJECT_DROP_IRQ);  // the last one

  logic        armed_q;
  logic [7:0]  kind_q;
  logic [15:0] queue_q;
  logic [31:0] count_q;  // the register
  logic [31:0] arg_q;
  logic [15:0] pass_q;   // events still to let pass
  logic [15:0] hits_q;   // hits still to give out

  // ---- Registers
  logic [11:0] wr_offset;
  logic [11:0] rd_offset;
  logic [31:0] inject_value;
  logic [31:0] old_value;
  logic [31:0] mask;
  logic [31:0] value;
  logic        arm;

  assign wr_offset    = {wr_offset_i[11:2], 2'b00};
  assign rd_offset    = {rd_offset_i[11:2], 2'b00};
  assign inject_value = {armed_q, 7'd0, queue_q, kind_q};
  assign mask = {{8{wr_strb_i[3]}}, {8{wr_strb_i[2]}}, {8{wr_strb_i[1]}}, {8{wr_strb_i[0]}}};

  always_comb begin
    case (rd_offset)
      A_INJECT: rd_data_o = inject_value;
      A_COUNT:  rd_data_o = count_q;
      A_ARG:    rd_data_o = arg_q;
      default:  rd_data_o = '0;
    endcase
    case (wr_offset)
      A_INJECT: old_value = inject_value;
      A_COUNT:  old_value = count_q;
      default:  old_value = arg_q;
    endcase
  end

  assign value = (old_value & ~mask) | (wr_data_i & mask);
  assign arm   = (value & pagepress_abi_pkg::PP_INJECT_ARMED) != '0 && value[7:0] != NONE &&
                 value[7:0] <= DROP_IRQ && count_q[31:16] != '0;

  // ---- Events
  logic all_queues;
  logic is_event;
  logic hit;

  assign all_queues = queue_q == 16'(pagepress_abi_pkg::PP_INJECT_ALL_QUEUES);

  always_comb begin
    if (kind_q == DROP_IRQ) begin
      is_event = armed_q && irq_valid_i && (all_queues || queue_q == {8'd0, irq_qid_i});
    end else begin
      is_event = armed_q && unit_valid_i && (all_queues || queue_q == {8'd0, unit_qid_i});
    end
  end

  assign hit         = is_event && pass_q == '0;
  assign unit_kind_o = (hit && kind_q != DROP_IRQ) ? kind_q[2:0] : '0;
  assign irq_drop_o  = hit && kind_q == DROP_IRQ;
  assign arg_o       = arg_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      armed_q <= 1'b0;
      kind_q  <= '0;
      queue_q <= '0;
      count_q <= '0;
      arg_q   <= '0;
      pass_q  <= '0;
      hits_q  <= '0;
    end else begin
      if (wr_sel_i && wr_offset == A_INJECT) begin
        armed_q <= arm;
        kind_q  <= value[7:0];
        queue_q <= value[23:8];
        pass_q  <= count_q[15:0];
        hits_q  <= count_q[31:16];
      end else if (hit) begin
        hits_q  <= hits_q - 1'b1;
        armed_q <= hits_q != 16'd1;
      end else if (is_event) begin
        pass_q <= pass_q - 1'b1;
      end
      if (wr_sel_i && wr_offset == A_COUNT) count_q <= value;
      if (wr_sel_i && wr_offset == A_ARG) arg_q <= value;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{wr_offset_i[1:0], rd_offset_i[1:0]};

endmodule

`default_nettype wire
