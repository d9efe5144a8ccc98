// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Interrupt moderation of one queue: a message is due after count_i events, or time_i
/// cycles after the first event that has had no message, whichever comes first; it
/// is offered from the cycle after until it is taken. A message due by count stands for
/// count_i events, one due by time or held by the mask for all that came before its taking.
///
/// **Limitations**
/// - With time_i 0 no event waits for others, whatever count_i says: the longest delay is 0.
/// - Events that wait when enable_i is cleared are forgotten.
/// - 511 events can wait; more make no more messages.
module pp_irq_moderator (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic        mask_i,   // hold messages back: several become one
  input  logic [7:0]  count_i,  // 0 and 1: every event
  input  logic [23:0] time_i,   // longest delay, clock cycles
  input  logic        event_i,
  output logic        due_o,    // a message is to be sent
  input  logic        take_i,   // it is sent in this cycle; only with due_o
  output logic        waiting_o // events wait: the clock must run
);

  logic [8:0]  events_q;
  logic [8:0]  events_d;
  logic [8:0]  left;     // of events_q, after this cycle's message
  logic [8:0]  step;     // events that a message stands for
  logic [23:0] age_q;    // of the first one
  logic [23:0] age_d;
  logic        due_q;
  logic        due_d;
  logic        held_q;   // a message fell due while masked
  logic        held_d;

  assign step      = (count_i == '0) ? 9'd1 : {1'b0, count_i};
  assign due_o     = due_q && enable_i && !mask_i;
  assign waiting_o = events_q != '0 && !(held_q && mask_i);

  always_comb begin
    left = events_q;
    if (take_i) left = (held_q || events_q < step) ? '0 : events_q - step;
    events_d = (event_i && left != '1) ? left + 1'b1 : left;
    // The age counts from the cycle after the first event.
    age_d = take_i ? '0 : age_q;
    if (events_d == '0) age_d = '0;
    else if (age_d != '1) age_d = age_d + 1'b1;
    held_d = !take_i && (held_q || (mask_i && due_q));
    due_d  = held_d || (events_d != '0 && (events_d >= step || age_d >= time_i));
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      events_q <= '0;
      age_q    <= '0;
      due_q    <= 1'b0;
      held_q   <= 1'b0;
    end else if (!enable_i) begin
      events_q <= '0;
      age_q    <= '0;
      due_q    <= 1'b0;
      held_q   <= 1'b0;
    end else begin
      events_q <= events_d;
      age_q    <= age_d;
      due_q    <= due_d;
      held_q   <= held_d;
    end
  end

endmodule

`default_nettype wire
