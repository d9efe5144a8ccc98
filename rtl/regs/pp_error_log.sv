// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The error log: some entries, oldest first, and a saturating count of all errors.
/// Four sources may report in the same cycle. Register errors (the driver's
/// mistakes) go first and never wait; the others have a small queue each.
///
/// **Limitations**
/// - An error that finds the log full, or its source's queue, is counted and lost;
///   OVERFLOW tells.
/// - pop_i of an empty log does nothing.
module pp_error_log #(
  parameter int unsigned DEPTH        = 16,  // entries, a power of two
  parameter int unsigned SOURCE_DEPTH = 4    // errors of a source that can wait, a power of two
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  reg_valid_i,   // registers and doorbells
  input  pp_queue_pkg::error_t  reg_i,
  input  logic                  sq_valid_i,    // reading a submission
  input  pp_queue_pkg::error_t  sq_i,
  input  logic                  cq_valid_i,    // writing a completion
  input  pp_queue_pkg::error_t  cq_i,
  input  logic                  unit_valid_i,  // scatter lists and engines
  input  pp_queue_pkg::error_t  unit_i,
  input  logic                  pop_i,
  output logic                  valid_o,     // entry_o is the oldest entry
  output pp_queue_pkg::error_t  entry_o,
  output logic                  overflow_o,
  output logic [31:0]           count_o,
  output logic                  logged_o,    // one cycle: an entry was logged
  output logic                  busy_o       // an error waits to be logged
);

  localparam int unsigned HELD_W = $clog2(DEPTH) + 1;

  // ---- What waits
  logic sq_ready;
  logic cq_ready;
  logic unit_ready;
  logic sq_wait;
  logic cq_wait;
  logic unit_wait;
  logic sq_take;
  logic cq_take;
  logic unit_take;
  pp_queue_pkg::error_t sq_first;
  pp_queue_pkg::error_t cq_first;
  pp_queue_pkg::error_t unit_first;

  assign sq_take   = !reg_valid_i;
  assign cq_take   = !reg_valid_i && !sq_wait;
  assign unit_take = !reg_valid_i && !sq_wait && !cq_wait;

  pp_fifo #(
    .WIDTH(pp_queue_pkg::ERROR_W),
    .DEPTH(SOURCE_DEPTH)
  ) i_sq (
    .clk_i,
    .rst_ni,
    .in_valid_i (sq_valid_i),
    .in_ready_o (sq_ready),
    .in_data_i  (sq_i),
    .out_valid_o(sq_wait),
    .out_ready_i(sq_take),
    .out_data_o (sq_first)
  );

  pp_fifo #(
    .WIDTH(pp_queue_pkg::ERROR_W),
    .DEPTH(SOURCE_DEPTH)
  ) i_cq (
    .clk_i,
    .rst_ni,
    .in_valid_i (cq_valid_i),
    .in_ready_o (cq_ready),
    .in_data_i  (cq_i),
    .out_valid_o(cq_wait),
    .out_ready_i(cq_take),
    .out_data_o (cq_first)
  );

  pp_fifo #(
    .WIDTH(pp_queue_pkg::ERROR_W),
    .DEPTH(SOURCE_DEPTH)
  ) i_unit (
    .clk_i,
    .rst_ni,
    .in_valid_i (unit_valid_i),
    .in_ready_o (unit_ready),
    .in_data_i  (unit_i),
    .out_valid_o(unit_wait),
    .out_ready_i(unit_take),
    .out_data_o (unit_first)
  );

  // ---- The log
  logic in_valid;
  logic in_ready;
  pp_queue_pkg::error_t in;

  assign in_valid = reg_valid_i || sq_wait || cq_wait || unit_wait;
  assign in       = reg_valid_i ? reg_i : (sq_wait ? sq_first : (cq_wait ? cq_first : unit_first));

  pp_fifo #(
    .WIDTH(pp_queue_pkg::ERROR_W),
    .DEPTH(DEPTH)
  ) i_entries (
    .clk_i,
    .rst_ni,
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in),
    .out_valid_o(valid_o),
    .out_ready_i(pop_i),
    .out_data_o (entry_o)
  );

  // ---- Count and overflow
  logic [HELD_W-1:0] held_q;  // entries
  logic [31:0]       count_q;
  logic              overflow_q;
  logic              pop;
  logic [2:0]        more;    // errors counted in this cycle
  logic              lost;
  logic [32:0]       count;

  assign pop  = pop_i && valid_o;
  assign more = 3'(in_valid) + 3'(sq_valid_i && !sq_ready) + 3'(cq_valid_i && !cq_ready) +
                3'(unit_valid_i && !unit_ready);
  assign lost = (in_valid && !in_ready) || (sq_valid_i && !sq_ready) ||
                (cq_valid_i && !cq_ready) || (unit_valid_i && !unit_ready);
  assign count = {1'b0, count_q} + 33'(more);

  assign logged_o   = in_valid && in_ready;
  assign overflow_o = overflow_q;
  assign count_o    = count_q;
  assign busy_o     = sq_wait || cq_wait || unit_wait;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q    <= '0;
      overflow_q <= 1'b0;
      held_q     <= '0;
    end else begin
      held_q  <= held_q + HELD_W'(logged_o) - HELD_W'(pop);
      count_q <= count[32] ? '1 : count[31:0];
      if (lost) overflow_q <= 1'b1;
      else if (pop && held_q == HELD_W'(1) && !logged_o) overflow_q <= 1'b0;
    end
  end

endmodule

`default_nettype wire
