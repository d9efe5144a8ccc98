#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes rtl/common/pp_crc32c.sv: CRC32C over 32 bytes a cycle as an XOR matrix.

Each bit of the next CRC is the parity of some bits of the old CRC and of the
data: a linear map over GF(2), found here by pushing unit vectors through the
bit-serial definition (RFC 3720, appendix B.4; polynomial reflected 0x82f63b78).
"""
import pathlib

POLYNOMIAL = 0x82F63B78
DATA_BITS = 256


def step(crc: int, data: int) -> int:
    for i in range(DATA_BITS):
        bit = (crc ^ (data >> i)) & 1
        crc = (crc >> 1) ^ (POLYNOMIAL if bit else 0)
    return crc


def masks() -> list[int]:
    """masks()[b]: which bits of {crc, data} bit b of the next CRC depends on."""
    columns = [step(0, 1 << i) for i in range(DATA_BITS)]
    columns += [step(1 << i, 0) for i in range(32)]
    return [sum(((column >> b) & 1) << i for i, column in enumerate(columns)) for b in range(32)]


def main() -> None:
    rows = "\n".join(
        f"  assign crc_o[{b}] = ^({{crc_i, data_i}} & 288'h{mask:072x});" for b, mask in enumerate(masks())
    )
    text = f"""// SPDX-License-Identifier: Apache-2.0
// Written by scripts/gen_crc32c.py; do not edit.
`default_nettype none

/// CRC32C (Castagnoli, RFC 3720) of 32 bytes in one step: each bit of the result is
/// the parity of some bits of the old CRC and of the data, eight levels of XOR.
/// Start with all ones and invert the last result. Combinational.
///
/// **Limitations**
/// - Whole beats of 32 bytes only.
module pp_crc32c (
  input  logic [31:0]  crc_i,
  input  logic [255:0] data_i,  // byte i in [8*i +: 8]; byte 0 is the first
  output logic [31:0]  crc_o
);

{rows}

endmodule

`default_nettype wire
"""
    path = pathlib.Path(__file__).resolve().parent.parent / "rtl/common/pp_crc32c.sv"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
