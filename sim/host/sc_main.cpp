// SPDX-License-Identifier: Apache-2.0
// libsystemc's own main() calls sc_main(), so the linker wants one even where
// the program has a main() and calls sc_start() itself. A program's own
// sc_main() takes precedence over this one.
#include <systemc>

int sc_main(int, char*[]);

int sc_main(int, char*[]) { return 0; }
