// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The error log: a few entries, oldest first, and a saturating count of all errors.
/// Three sources may report in the same cycle. Register errors (the driver's
/// mistakes) are held at once; the two DMA sources wait a cycle or two, which they
/// can since each reports once until its queue is enabled again.
///
/// **Limitations**
/// - An entry that finds the log full is counted and lost; OVERFLOW tells.
/// - pop_i of an empty log does nothing.
module pp_error_log #(
  parameter int unsigned DEPTH = 4  // a power of two
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  reg_valid_i,
  input  pp_queue_pkg::error_t  reg_i,
  input  logic                  sq_valid_i,
  input  pp_queue_pkg::error_t  sq_i,
  input  logic                  cq_valid_i,
  input  pp_queue_pkg::error_t  cq_i,
  input  logic                  pop_i,
  output logic                  valid_o,     // entry_o is the oldest entry
  output pp_queue_pkg::error_t  entry_o,
  output logic                  overflow_o,
  output logic [31:0]           count_o,
  output logic                  logged_o,    // one cycle: an entry was logged
  output logic                  busy_o       // an error waits to be logged
);

  logic sq_wait_q;
  logic cq_wait_q;
  pp_queue_pkg::error_t sq_q;
  pp_queue_pkg::error_t cq_q;
  logic in_valid;
  logic in_ready;
  pp_queue_pkg::error_t in;
  logic full_after_pop;
  logic [31:0] count_q;
  logic overflow_q;
  logic [7:0] held_q;  // entries

  assign in_valid = reg_valid_i || sq_wait_q || cq_wait_q;
  assign in       = reg_valid_i ? reg_i : (sq_wait_q ? sq_q : cq_q);

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

  assign logged_o       = in_valid && in_ready;
  assign full_after_pop = held_q != 8'd1;  // the pop leaves something
  assign overflow_o     = overflow_q;
  assign count_o        = count_q;
  assign busy_o         = sq_wait_q || cq_wait_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sq_wait_q  <= 1'b0;
      cq_wait_q  <= 1'b0;
      sq_q       <= '0;
      cq_q       <= '0;
      count_q    <= '0;
      overflow_q <= 1'b0;
      held_q     <= '0;
    end else begin
      if (sq_valid_i) begin
        sq_wait_q <= 1'b1;
        sq_q      <= sq_i;
      end else if (!reg_valid_i) begin
        sq_wait_q <= 1'b0;
      end
      if (cq_valid_i) begin
        cq_wait_q <= 1'b1;
        cq_q      <= cq_i;
      end else if (!reg_valid_i && !sq_wait_q) begin
        cq_wait_q <= 1'b0;
      end
      held_q <= held_q + 8'(logged_o) - 8'(pop_i && valid_o);
      if (in_valid && count_q != '1) count_q <= count_q + 1'b1;
      if (in_valid && !in_ready) overflow_q <= 1'b1;
      else if (pop_i && valid_o && !full_after_pop) overflow_q <= 1'b0;
    end
  end

endmodule

`default_nettype wire
