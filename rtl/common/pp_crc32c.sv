// SPDX-License-Identifier: Apache-2.0
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

  assign crc_o[0] = ^({crc_i, data_i} & 288'h5f513d791f91caf6386f2c25de2753181954cd1ef5e1bbd961745c3ae969f40a5f513d79);
  assign crc_o[1] = ^({crc_i, data_i} & 288'hbea27af33f2395ec70de584bbc4ea63032a99a3debc377b2c2e8b875d2d3e814bea27af3);
  assign crc_o[2] = ^({crc_i, data_i} & 288'h7d44f5e67e472bd8e1bcb097789d4c606553347bd786ef6585d170eba5a7d0297d44f5e6);
  assign crc_o[3] = ^({crc_i, data_i} & 288'hfa89ebcdfc8e57b1c379612ef13a98c0caa668f7af0ddecb0ba2e1d74b4fa052fa89ebcd);
  assign crc_o[4] = ^({crc_i, data_i} & 288'haa42eae2e68d6595be9dee783c5262998c181cf1abfa064f76319f947ff6b4afaa42eae2);
  assign crc_o[5] = ^({crc_i, data_i} & 288'h0bd4e8bcd28b01dd4554f0d5a683962b0164f4fda215b7478d17631216849d550bd4e8bc);
  assign crc_o[6] = ^({crc_i, data_i} & 288'h48f8ec01ba87c94cb2c6cd8e93207f4e1b9d24e5b1cad5567b5a9a1ec460cea048f8ec01);
  assign crc_o[7] = ^({crc_i, data_i} & 288'hcea0e57b6a9e586f5de2b738f867ad842e6e84d59674117597c1680761a8694acea0e57b);
  assign crc_o[8] = ^({crc_i, data_i} & 288'h9d41caf6d53cb0debbc56e71f0cf5b085cdd09ab2ce822eb2f82d00ec350d2959d41caf6);
  assign crc_o[9] = ^({crc_i, data_i} & 288'h65d2a894b5e8ab4b4fe5f0c63fb9e508a0eede48ac31fe0f3e71fc276fc8512165d2a894);
  assign crc_o[10] = ^({crc_i, data_i} & 288'h94f46c5074409c60a7a4cda9a15499095889718fad8247c71d97a47436f9564894f46c50);
  assign crc_o[11] = ^({crc_i, data_i} & 288'h29e8d8a0e88138c14f499b5342a93212b112e31f5b048f8e3b2f48e86df2ac9129e8d8a0);
  assign crc_o[12] = ^({crc_i, data_i} & 288'h0c808c39ce93bb74a6fc1a835b75373d7b710b2043e8a4c5172acdea328cad280c808c39);
  assign crc_o[13] = ^({crc_i, data_i} & 288'h4650250a82b6bc1f7597192368cd3d62efb6db5e7230f2534f21c7ee8c70ae5a4650250a);
  assign crc_o[14] = ^({crc_i, data_i} & 288'hd3f1776d1afcb2c8d3411e630fbd29ddc6397ba211805f7fff37d3e7f188a8bed3f1776d);
  assign crc_o[15] = ^({crc_i, data_i} & 288'ha7e2eedb35f96591a6823cc61f7a53bb8c72f7442300befffe6fa7cfe311517da7e2eedb);
  assign crc_o[16] = ^({crc_i, data_i} & 288'h4fc5ddb66bf2cb234d04798c3ef4a77718e5ee8846017dfffcdf4f9fc622a2fb4fc5ddb6);
  assign crc_o[17] = ^({crc_i, data_i} & 288'h9f8bbb6dd7e596469a08f3187de94eee31cbdd108c02fbfff9be9f3f8c4545f69f8bbb6d);
  assign crc_o[18] = ^({crc_i, data_i} & 288'h60464ba3b05ae67b0c7eca1525f5cec47ac3773fede44c2692096245f1e37fe760464ba3);
  assign crc_o[19] = ^({crc_i, data_i} & 288'h9fddaa3e7f2406002092b80f95ccce90ecd223612e292394456698b10aaf0bc49fddaa3e);
  assign crc_o[20] = ^({crc_i, data_i} & 288'h3fbb547cfe480c004125701f2b999d21d9a446c25c5247288acd3162155e17893fbb547c);
  assign crc_o[21] = ^({crc_i, data_i} & 288'h20279581e301d2f6ba25cc1b8914695baa1c409a4d45358874ee3efec3d5db1820279581);
  assign crc_o[22] = ^({crc_i, data_i} & 288'h1f1e167ad9926f1b4c24b412cc0f81af4d6c4c2a6f6bd0c988a821c76ec2423a1f1e167a);
  assign crc_o[23] = ^({crc_i, data_i} & 288'h616d118dacb514c0a026440046385046838c554a2b361a4a70241fb434ed707e616d118d);
  assign crc_o[24] = ^({crc_i, data_i} & 288'h9d8b1e6346fbe3777823a4255257f3951e4c678aa38d8f4d813c635280b314f69d8b1e63);
  assign crc_o[25] = ^({crc_i, data_i} & 288'h3b163cc68df7c6eef047484aa4afe72a3c98cf15471b1e9b0278c6a5016629ed3b163cc6);
  assign crc_o[26] = ^({crc_i, data_i} & 288'h297d44f5047e472bd8e1bcb097789d4c606553347bd786ef6585d170eba5a7d0297d44f5);
  assign crc_o[27] = ^({crc_i, data_i} & 288'h52fa89eb08fc8e57b1c379612ef13a98c0caa668f7af0ddecb0ba2e1d74b4fa052fa89eb);
  assign crc_o[28] = ^({crc_i, data_i} & 288'ha5f513d711f91caf6386f2c25de2753181954cd1ef5e1bbd961745c3ae969f40a5f513d7);
  assign crc_o[29] = ^({crc_i, data_i} & 288'h4bea27af23f2395ec70de584bbc4ea63032a99a3debc377b2c2e8b875d2d3e814bea27af);
  assign crc_o[30] = ^({crc_i, data_i} & 288'h97d44f5e47e472bd8e1bcb097789d4c606553347bd786ef6585d170eba5a7d0297d44f5e);
  assign crc_o[31] = ^({crc_i, data_i} & 288'h2fa89ebc8fc8e57b1c379612ef13a98c0caa668f7af0ddecb0ba2e1d74b4fa052fa89ebc);

endmodule

`default_nettype wire
