// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks a submission against what this device can do. Combinational. Of several
/// wrong fields the one with the lowest PP_BAD_* number is told.
///
/// **Limitations**
/// - Operations NOP and COMPRESS, algorithm LZ4 block, units of 4 KiB, buffers
///   aligned to 1 << ALIGN_LOG2, no scatter lists.
/// - A NOP uses neither buffers nor algorithm: only its flags, scatter counts and
///   reserved fields are checked.
/// - expected_crc32c is reserved here, since PP_FEAT_EXPECT_CRC is clear.
module pp_sqe_check #(
  parameter int unsigned ALIGN_LOG2 = 6
) (
  input  pagepress_abi_pkg::pp_sqe_t sqe_i,
  output logic                       bad_o,
  output logic [3:0]                 detail_o,    // PP_BAD_* with bad_o
  output logic                       compress_o,  // a good COMPRESS
  output logic [12:0]                limit_o      // its effective limit in bytes
);

  localparam logic [31:0] UNIT = 32'(pp_queue_pkg::UNIT_BYTES);

  logic        is_nop;
  logic        is_compress;
  logic [31:0] wanted;

  assign is_nop      = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_NOP);
  assign is_compress = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_COMPRESS);

  always_comb begin
    bad_o    = 1'b1;
    detail_o = '0;
    if (!is_nop && !is_compress) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_OPCODE);
    end else if (is_compress && sqe_i.algorithm != 8'(pagepress_abi_pkg::PP_ALG_LZ4_BLOCK)) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_ALGORITHM);
    end else if ((sqe_i.flags & ~16'(pagepress_abi_pkg::PP_SQE_F_IRQ)) != '0) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_FLAGS);
    end else if (is_compress && sqe_i.src_len != UNIT) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_SRC_LEN);
    end else if (is_compress && (sqe_i.src_addr[ALIGN_LOG2-1:0] != '0 ||
                                 sqe_i.dst_addr[ALIGN_LOG2-1:0] != '0)) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_ALIGNMENT);
    end else if (sqe_i.src_sge_count != '0 || sqe_i.dst_sge_count != '0) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_SGL);
    end else if (sqe_i.expected_crc32c != '0 || sqe_i.reserved0 != '0 ||
                 sqe_i.reserved1 != '0 || sqe_i.reserved2 != '0) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_RESERVED);
    end else if (is_compress && sqe_i.limit > UNIT) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_LIMIT);
    end else begin
      bad_o = 1'b0;
    end
  end

  assign compress_o = is_compress && !bad_o;

  // The longest useful output: what the driver wants, what it has room for.
  assign wanted  = (sqe_i.limit == '0) ? pagepress_abi_pkg::PP_LIMIT_DEFAULT : sqe_i.limit;
  assign limit_o = (sqe_i.dst_capacity < wanted) ? sqe_i.dst_capacity[12:0] : wanted[12:0];

  // Carried on by pp_dispatch, which sees the same entry.
  logic unused_fields;
  assign unused_fields = ^{sqe_i.tag, sqe_i.src_addr[63:ALIGN_LOG2], sqe_i.dst_addr[63:ALIGN_LOG2]};

endmodule

`default_nettype wire
