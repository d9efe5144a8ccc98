// SPDX-License-Identifier: Apache-2.0
// Where Verilated code prints: standard error, never standard output (which may
// carry results), and a buffer from which a wrapper takes the words of an assertion
// that failed. Compiled into pp_verilated_rt by -DVL_PRINTF=pp_verilated_printf.
// Limitation: the buffer keeps the first 4 KiB since it was last taken; one per thread.
#pragma once

#include <string>

int pp_verilated_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));

// What this thread's Verilated code has printed since the last call.
std::string pp_take_verilated_messages();
