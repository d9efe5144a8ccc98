// SPDX-License-Identifier: Apache-2.0
// log2 of the largest unit that the hardware handles: 12 to 16. A macro and not a
// parameter of modules, as the record types of the packages depend on it and yosys 0.23
// knows neither type parameters nor one package's names in another.
//
// Limitation: one value for all of a design.
`ifndef PP_UNIT_LOG2
`define PP_UNIT_LOG2 12
`endif
