// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// PP_CTRL_RESET: stops new bursts, waits until the AXI master has nothing
/// outstanding (a burst that was begun must be finished, whatever happens to its
/// data), then resets everything but the register port.
///
/// **Limitations**
/// - A bus that never answers keeps the device in reset for ever, as AXI4 has no
///   way to take a burst back; rst_ni is the way out.
module pp_reset_ctrl (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic request_i,      // one cycle
  input  logic dma_idle_i,     // nothing outstanding on AXI
  output logic quiesce_o,      // no new bursts
  output logic resetting_o,
  output logic core_rst_no     // glitch-free: a flip-flop's output
);

  localparam logic [2:0] HOLD_CYCLES = 3'd4;

  logic       draining_q;
  logic [2:0] hold_q;  // cycles that the reset is still held
  logic       core_rst_nq;

  assign quiesce_o   = draining_q;
  assign resetting_o = draining_q || !core_rst_nq;
  assign core_rst_no = core_rst_nq;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      draining_q  <= 1'b0;
      hold_q      <= '0;
      core_rst_nq <= 1'b0;
    end else begin
      core_rst_nq <= hold_q == '0;
      if (hold_q != '0) begin
        hold_q <= hold_q - 1'b1;
      end else if (draining_q) begin
        if (dma_idle_i) begin
          draining_q  <= 1'b0;
          hold_q      <= HOLD_CYCLES;
          core_rst_nq <= 1'b0;
        end
      end else if (request_i && core_rst_nq) begin
        draining_q <= 1'b1;
      end
    end
  end

endmodule

`default_nettype wire
