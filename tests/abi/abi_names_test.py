#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""abi_names.py notices: each test spoils a copy of one of the three forms of
the contract and expects the check to name what was spoilt."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FORMS = {
    "header": ROOT / "rtl/abi/pagepress_abi.h",
    "package": ROOT / "rtl/abi/pagepress_abi_pkg.sv",
    "document": ROOT / "docs/abi.md",
}


class AbiNamesNotices(unittest.TestCase):
    def check(self, form=None, old="", new=""):
        """Runs the check with `old` replaced by `new` in a copy of one form."""
        command = [sys.executable, "-I", str(HERE / "abi_names.py")]
        with tempfile.TemporaryDirectory() as directory:
            if form:
                text = FORMS[form].read_text()
                self.assertIn(old, text, "the mutation must hit something")
                copy = Path(directory) / FORMS[form].name
                copy.write_text(text.replace(old, new, 1))
                command += [f"--{form}", str(copy)]
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def assert_noticed(self, expected, *mutation):
        result = self.check(*mutation)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(expected, result.stdout)

    def test_accepts_the_tree(self):
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_value_in_header(self):
        self.assert_noticed("PP_LIMIT_DEFAULT: 3625 in the package, 3624 in the header",
                            "header", "PP_LIMIT_DEFAULT 3625u", "PP_LIMIT_DEFAULT 3624u")

    def test_value_in_package(self):
        self.assert_noticed("PP_ERR_ENGINE: 11 in the package, 10 in the header",
                            "package", "PP_ERR_ENGINE = 32'd10", "PP_ERR_ENGINE = 32'd11")

    def test_name_only_in_header(self):
        self.assert_noticed("PP_OP_ENCRYPT: in the header but not in the package",
                            "header", "#define PP_OP_NOP 0u", "#define PP_OP_ENCRYPT 6u\n#define PP_OP_NOP 0u")

    def test_name_only_in_package(self):
        self.assert_noticed("PP_NEW: in the package but not in the header",
                            "package", "endpackage", "  localparam logic [31:0] PP_NEW = 32'd1;\nendpackage")

    def test_renamed_in_package(self):
        self.assert_noticed("PP_STATUS_OK: in the header but not in the package",
                            "package", "PP_STATUS_OK", "PP_STATUS_FINE")

    def test_commented_out_in_package(self):
        self.assert_noticed("PP_SGE_MAX: in the header but not in the package",
                            "package", "  localparam logic [31:0] PP_SGE_MAX", "  // localparam logic [31:0] PP_SGE_MAX")

    def test_invalid_package(self):
        self.assert_noticed("Verilator refuses", "package", "endpackage", "endpackag")

    def test_value_in_document(self):
        self.assert_noticed("PP_REG_STATE: `0x028` in abi.md, 36 in the header",
                            "document", "| `PP_REG_STATE` | `0x024` |", "| `PP_REG_STATE` | `0x028` |")

    def test_row_missing_in_document(self):
        self.assert_noticed("PP_REG_STATE: no table row", "document", "| `PP_REG_STATE` | `0x024` |", "|  |  |")

    def test_unknown_name_in_document(self):
        self.assert_noticed("PP_REG_STATUS: in abi.md but not in the header",
                            "document", "| `PP_REG_STATE` | `0x024` |",
                            "| `PP_REG_STATUS` | `0x024` |\n| `PP_REG_STATE` | `0x024` |")

    def test_header_that_is_not_c(self):
        result = self.check("header", "PP_SQE_SIZE 64u", "PP_SQE_SIZE 65u")
        self.assertEqual(result.returncode, 1)
        self.assertIn("pp_sqe is 64 bytes", result.stderr)


if __name__ == "__main__":
    unittest.main()
