#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_tree.py notices what it is there to notice."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "scripts/check_tree.py"
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class CheckTree(unittest.TestCase):
    def run_on(self, name, text):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            result = subprocess.run([sys.executable, "-I", str(CHECK), directory],
                                    capture_output=True, text=True, check=False)
        return result.returncode, result.stdout

    def assert_fault(self, name, text, expected):
        code, output = self.run_on(name, text)
        self.assertEqual(code, 1, output)
        self.assertIn(expected, output)

    def assert_fine(self, name, text):
        code, output = self.run_on(name, text)
        self.assertEqual(code, 0, output)

    def test_missing_licence(self):
        self.assert_fault("model/a.cpp", "int a;\n", "model/a.cpp: no SPDX")

    def test_empty_file(self):
        self.assert_fault("model/a.cpp", "", "model/a.cpp: no SPDX")

    def test_licence_of_the_folder(self):
        self.assert_fault("rtl/abi/a.h", SPDX, "expected Apache-2.0 OR GPL-2.0-only")
        self.assert_fault("kernel_glue/a.c", SPDX, "expected GPL-2.0-only")
        self.assert_fine("rtl/abi/a.h", "/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */\n")

    def test_licence_after_shebang(self):
        self.assert_fine("scripts/a.sh", "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n")

    def test_model_and_driver_do_not_know_each_other(self):
        self.assert_fault("model/a.cpp", SPDX + '#include "driver/queue/queue_pair.hpp"\n', "model must not know driver")
        self.assert_fault("model/a.cpp", SPDX + "#include <pagepress/bus.hpp>\n", "model must not know pagepress")
        self.assert_fault("driver/a.cpp", SPDX + '#  include "model/codec/crc32c.hpp"\n', "driver must not know model")

    def test_no_layer_looks_up(self):
        self.assert_fault("driver/a.cpp", SPDX + '#include "sim/host/bus.hpp"\n', "driver must not know sim")
        self.assert_fault("sim/a.cpp", SPDX + '#include "apps/pagepress/main.hpp"\n', "sim must not know apps")
        self.assert_fault("rtl/abi/a.h", SPDX + '#include "model/codec/crc32c.hpp"\n', "rtl must not know model")

    def test_experiments_stand_above_the_rest_of_sim(self):
        stats = SPDX + '#include "sim/stats/stats.hpp"\n'
        machine = SPDX + '#include "sim/experiment/machine.hpp"\n'
        for folder in ("reclaim/stats", "host", "config", "stats", "pagefile"):
            self.assert_fault(f"sim/{folder}/a.cpp", machine, "must not know it")
        self.assert_fault("sim/host/a.cpp", SPDX + '#include "sim/reclaim/ids.hpp"\n', "must not know it")
        self.assert_fine("sim/reclaim/stats/a.cpp", stats)
        self.assert_fine("sim/experiment/a.cpp", machine)

    def test_looking_down_is_fine(self):
        self.assert_fine("driver/a.cpp", SPDX + '#include "rtl/abi/pagepress_abi.h"\n#include <rte_ring.h>\n')
        self.assert_fine("sim/a.cpp", SPDX + '#include <pagepress/bus.hpp>\n#include "model/device/device.hpp"\n')

    def test_public_headers_are_clean(self):
        self.assert_fault("driver/include/pagepress/a.hpp", SPDX + "#include <rte_ring.h>\n", "must not know it")
        self.assert_fault("driver/queue/a.cpp", SPDX + "#include <systemc>\n", "must not know it")

    def test_relative_includes(self):
        self.assert_fault("model/link/a.cpp", SPDX + '#include "../codec/crc32c.hpp"\n', "from the top of the tree")


if __name__ == "__main__":
    unittest.main()
