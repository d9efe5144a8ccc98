// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Interrupt moderation of one queue: a message after count_i events, or time_i
/// cycles after the first event that has had no message, whichever comes first.
///
/// **Limitations**
/// - With time_i 0 no event waits, whatever count_i says: the longest delay is 0.
/// - Events that wait when enable_i is cleared are forgotten.
module pp_irq_moderator (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic [7:0]  count_i,  // 0 and 1: every event
  input  logic [23:0] time_i,   // longest delay, clock cycles
  input  logic        event_i,
  output logic        fire_o,   // one cycle: send a message
  output logic        waiting_o // events wait: the clock must run
);

  logic [7:0]  events_q;
  logic [23:0] age_q;
  logic [8:0]  events;  // those that wait and the one of this cycle
  logic        due;

  assign events    = {1'b0, events_q} + 9'(event_i);
  assign due       = events >= {1'b0, count_i} || age_q >= time_i;
  assign fire_o    = enable_i && events != '0 && due;
  assign waiting_o = events_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      events_q <= '0;
      age_q    <= '0;
    end else if (!enable_i || fire_o) begin
      events_q <= '0;
      age_q    <= '0;
    end else begin
      events_q <= events[7:0];
      // The age counts from the cycle after the first event.
      if (events != '0) age_q <= age_q + 1'b1;
    end
  end

endmodule

`default_nettype wire
