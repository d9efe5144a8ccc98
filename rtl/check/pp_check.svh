// SPDX-License-Identifier: Apache-2.0
// The rule macro of the protocol checkers; simulation only.
//
// A broken rule prints "<hierarchy>: <text> (violation <n>)" and stops the simulation
// by $error, as a failed assertion does. Limitation: needs violations_q of the module.
`ifndef PP_CHECK_SVH
`define PP_CHECK_SVH

// PP_RULE(expression, ("format", arguments...)): must hold when it is reached.
`define PP_RULE(Expr, Text) \
  if (!(Expr)) begin \
    violations_q = violations_q + 1; \
    $error("%m: %s (violation %0d)", $sformatf Text, violations_q); \
  end

`endif
