// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The interrupts: a moderator for each queue and one for the error log, one message a
/// cycle. The error log goes first, the queues take turns; who waits keeps its events.
///
/// **Limitations**
/// - A vector of VECTORS or more takes the message and sends nothing.
/// - drop_i answers sent_valid_o and sent_qid_o in the same cycle.
module pp_interrupts #(
  parameter int unsigned QUEUES  = 8,  // 1 to 256
  parameter int unsigned VECTORS = 9   // 1 to 2048
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  // PP_Q_IRQ_CTRL and PP_Q_IRQ_TIME of the queues; queue q in slice q
  input  logic [QUEUES-1:0]    enable_i,
  input  logic [QUEUES-1:0]    mask_i,
  input  logic [QUEUES*8-1:0]  count_i,
  input  logic [QUEUES*12-1:0] vector_i,
  input  logic [QUEUES*24-1:0] time_i,
  input  logic [QUEUES-1:0]    event_i,      // a completion with PP_SQE_F_IRQ was written

  // PP_REG_ERR_VECTOR
  input  logic                 err_enable_i,
  input  logic                 err_mask_i,
  input  logic [11:0]          err_vector_i,
  input  logic                 err_event_i,  // an entry was logged

  output logic                 sent_valid_o, // a message of queue sent_qid_o is about to be sent
  output logic [7:0]           sent_qid_o,
  input  logic                 drop_i,       // it is not (pp_inject)

  output logic [VECTORS-1:0]   irq_o,        // one cycle high for each message of vector i
  output logic [QUEUES-1:0]    sent_o,       // one cycle: a message of the queue was sent
  output logic                 err_sent_o,
  output logic                 waiting_o     // events wait or a message leaves: the clock must run
);

  logic [QUEUES-1:0]  due;
  logic [QUEUES-1:0]  waiting;
  logic               err_due;
  logic               err_waiting;
  logic [QUEUES-1:0]  later_q;  // queues whose turn comes before the others'
  logic [QUEUES-1:0]  preferred;
  logic [QUEUES-1:0]  pool;
  logic [QUEUES-1:0]  grant;    // one queue or none
  logic [7:0]         grant_qid;
  logic [11:0]        grant_vector;
  logic [11:0]        vector;
  logic               vector_ok;
  logic               send;
  logic [VECTORS-1:0] irq_q;
  logic [VECTORS-1:0] irq_d;

  for (genvar i = 0; i < QUEUES; i++) begin : gen_queue
    pp_irq_moderator i_moderator (
      .clk_i,
      .rst_ni,
      .enable_i (enable_i[i]),
      .mask_i   (mask_i[i]),
      .count_i  (count_i[i*8 +: 8]),
      .time_i   (time_i[i*24 +: 24]),
      .event_i  (event_i[i]),
      .due_o    (due[i]),
      .take_i   (grant[i]),
      .waiting_o(waiting[i])
    );
  end

  // A message for every entry: no moderation.
  pp_irq_moderator i_errors (
    .clk_i,
    .rst_ni,
    .enable_i (err_enable_i),
    .mask_i   (err_mask_i),
    .count_i  (8'd1),
    .time_i   (24'd0),
    .event_i  (err_event_i),
    .due_o    (err_due),
    .take_i   (err_due),
    .waiting_o(err_waiting)
  );

  // ---- Whose turn it is: the first one behind the last winner, else the first one
  assign preferred = due & later_q;
  assign pool      = (preferred != '0) ? preferred : due;
  assign grant     = err_due ? '0 : pool & (~pool + 1'b1);

  always_comb begin
    grant_qid    = '0;
    grant_vector = '0;
    for (int unsigned i = 0; i < QUEUES; i++) begin
      grant_qid    |= grant[i] ? 8'(i) : '0;
      grant_vector |= grant[i] ? vector_i[i*12 +: 12] : '0;
    end
  end

  assign vector       = err_due ? err_vector_i : grant_vector;
  assign vector_ok    = vector < 12'(VECTORS);
  assign sent_valid_o = grant != '0 && vector_ok;
  assign sent_qid_o   = grant_qid;
  assign sent_o       = (vector_ok && !drop_i) ? grant : '0;
  assign err_sent_o   = err_due && vector_ok;
  assign send         = err_due || (grant != '0 && !drop_i);

  for (genvar i = 0; i < VECTORS; i++) begin : gen_vector
    assign irq_d[i] = send && vector == 12'(i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      later_q <= '0;
      irq_q   <= '0;
    end else begin
      // All above the winner: its bit less one has all below set.
      if (grant != '0) later_q <= ~((grant - 1'b1) | grant);
      irq_q <= irq_d;
    end
  end

  assign irq_o     = irq_q;
  assign waiting_o = waiting != '0 || err_waiting || irq_q != '0;

endmodule

`default_nettype wire
