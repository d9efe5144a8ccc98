// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What PP_REG_PERF_SELECT names: whether there is such a counter, in which scope, and
/// if its events are collected, as which source of its scope (the order in pp_counters).
/// Combinational.
///
/// **Limitations**
/// - The kinds mean something only with collected_o and the scope's flag.
module pp_counter_select #(
  parameter int unsigned QUEUES  = 8,
  parameter int unsigned ENGINES = 2
) (
  input  logic [31:0] sel_i,
  output logic        exists_o,
  output logic        device_o,
  output logic        queue_o,
  output logic        engine_o,
  output logic        collected_o,
  output logic [2:0]  d_kind_o,
  output logic [1:0]  q_kind_o,
  output logic [1:0]  e_kind_o
);

  localparam logic [15:0] C_SUBMITTED  = 16'(pagepress_abi_pkg::PP_PERF_SUBMITTED);
  localparam logic [15:0] C_COMPLETED  = 16'(pagepress_abi_pkg::PP_PERF_COMPLETED);
  localparam logic [15:0] C_BUSY       = 16'(pagepress_abi_pkg::PP_PERF_BUSY_CYCLES);
  localparam logic [15:0] C_STALL_IN   = 16'(pagepress_abi_pkg::PP_PERF_STALL_INPUT);
  localparam logic [15:0] C_STALL_OUT  = 16'(pagepress_abi_pkg::PP_PERF_STALL_OUTPUT);
  localparam logic [15:0] C_STALL_Q    = 16'(pagepress_abi_pkg::PP_PERF_STALL_QUEUE);
  localparam logic [15:0] C_INTERRUPTS = 16'(pagepress_abi_pkg::PP_PERF_INTERRUPTS);
  localparam logic [15:0] C_STATUS     = 16'(pagepress_abi_pkg::PP_PERF_STATUS_BASE);
  localparam logic [15:0] C_STATUS_END = 16'(pagepress_abi_pkg::PP_PERF_STATUS_BASE +
                                             pagepress_abi_pkg::PP_STATUS_COUNT);
  localparam logic [15:0] C_LATENCY    = 16'(pagepress_abi_pkg::PP_PERF_LATENCY_BASE);
  localparam logic [15:0] C_LATENCY_END = C_LATENCY + 16'd32;

  logic [15:0] counter;
  logic [11:0] instance_no;
  logic        all_scopes;   // a counter that each scope has
  logic        of_queues;
  logic        of_engines;

  assign counter     = sel_i[15:0];
  assign instance_no = sel_i[27:16];
  assign all_scopes  = (counter >= C_COMPLETED && counter <= C_BUSY) ||
                       (counter >= C_STATUS && counter < C_STATUS_END) ||
                       (counter >= C_LATENCY && counter < C_LATENCY_END);
  assign of_queues   = counter == C_SUBMITTED || counter == C_INTERRUPTS || counter == C_STALL_Q;
  assign of_engines  = counter == C_STALL_IN || counter == C_STALL_OUT;

  assign device_o = sel_i[31:28] == 4'(pagepress_abi_pkg::PP_PERF_SCOPE_DEVICE);
  assign queue_o  = sel_i[31:28] == 4'(pagepress_abi_pkg::PP_PERF_SCOPE_QUEUE);
  assign engine_o = sel_i[31:28] == 4'(pagepress_abi_pkg::PP_PERF_SCOPE_ENGINE);

  assign exists_o = (device_o && instance_no == '0 && (all_scopes || of_queues || of_engines)) ||
                    (queue_o && instance_no < 12'(QUEUES) && (all_scopes || of_queues)) ||
                    (engine_o && instance_no < 12'(ENGINES) && (all_scopes || of_engines));

  assign collected_o = counter == C_BUSY || of_queues || of_engines;

  always_comb begin
    d_kind_o = '0;
    case (counter)
      C_SUBMITTED:  d_kind_o = 3'd0;
      C_INTERRUPTS: d_kind_o = 3'd1;
      C_BUSY:       d_kind_o = 3'd2;
      C_STALL_Q:    d_kind_o = 3'd3;
      C_STALL_IN:   d_kind_o = 3'd4;
      C_STALL_OUT:  d_kind_o = 3'd5;
      default: ;
    endcase
  end

  // Queues have the device's first four, in its order; engines busy and its last two.
  assign q_kind_o = d_kind_o[1:0];
  assign e_kind_o = (counter == C_STALL_IN) ? 2'd1 : ((counter == C_STALL_OUT) ? 2'd2 : 2'd0);

endmodule

`default_nettype wire
