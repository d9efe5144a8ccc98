// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Checks a submission against what this device can do, and says what it asks for.
/// Combinational. Of several wrong fields the one with the lowest PP_BAD_* number is
/// told (docs/abi.md, section 6).
///
/// **Limitations**
/// - A NOP uses neither buffers nor algorithm: only its flags, scatter counts and
///   reserved fields are checked.
/// - What a scatter list holds is checked where it is read (pp_unit_reader).
module pp_sqe_check #(
  parameter int unsigned SGE_MAX = 8
) (
  input  pagepress_abi_pkg::pp_sqe_t sqe_i,
  output logic                       bad_o,
  output logic [3:0]                 detail_o,      // PP_BAD_* with bad_o
  output logic                       compress_o,    // good, and work for a compress channel
  output logic                       decompress_o,  // good, and work for a decompress channel
  output pp_queue_pkg::job_t         job_o          // but for inject
);

  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned SIZE_W  = pp_lz_pkg::SIZE_W;
  localparam logic [31:0] UNIT_MAX  = 32'(pp_lz_pkg::UNIT_BYTES);
  localparam logic [31:0] BLOCK_MAX = 32'(pp_lz_pkg::BLOCK_MAX);
  localparam int unsigned SIZES = pp_lz_pkg::UNIT_LOG2 - 12 + 1;

  localparam logic [15:0] F_IRQ     = 16'(pagepress_abi_pkg::PP_SQE_F_IRQ);
  localparam logic [15:0] F_RAW     = 16'(pagepress_abi_pkg::PP_SQE_F_STORE_RAW);
  localparam logic [15:0] F_SRC_SGL = 16'(pagepress_abi_pkg::PP_SQE_F_SRC_SGL);
  localparam logic [15:0] F_DST_SGL = 16'(pagepress_abi_pkg::PP_SQE_F_DST_SGL);
  localparam logic [15:0] F_RELAXED = 16'(pagepress_abi_pkg::PP_SQE_F_RELAXED);
  localparam logic [15:0] F_EXPECT  = 16'(pagepress_abi_pkg::PP_SQE_F_EXPECT_CRC);

  // ---- What it is
  logic is_nop, is_verify, is_squeeze, is_expand, is_copy, is_check, is_known, writes;
  assign is_nop     = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_NOP);
  assign is_verify  = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_COMPRESS_VERIFY);
  assign is_squeeze = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_COMPRESS) || is_verify;
  assign is_expand  = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_DECOMPRESS);
  assign is_copy    = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_COPY);
  assign is_check   = sqe_i.opcode == 8'(pagepress_abi_pkg::PP_OP_FILL_CHECK);
  assign is_known   = is_nop || is_squeeze || is_expand || is_copy || is_check;
  assign writes     = is_squeeze || is_expand || is_copy;

  logic [15:0] allowed;
  assign allowed = F_IRQ | (is_nop ? 16'd0 : F_SRC_SGL | F_RELAXED) | (writes ? F_DST_SGL : 16'd0) |
                   (is_squeeze ? F_RAW : 16'd0) | (is_expand ? F_EXPECT : 16'd0);

  logic src_sgl, dst_sgl, expect_crc;
  assign src_sgl    = (sqe_i.flags & F_SRC_SGL) != '0;
  assign dst_sgl    = (sqe_i.flags & F_DST_SGL) != '0;
  assign expect_crc = (sqe_i.flags & F_EXPECT) != '0;

  // ---- Its size
  logic              unit_ok;
  logic [SIZE_W-1:0] size;
  always_comb begin
    unit_ok = 1'b0;
    size    = '0;
    for (int s = 0; s < SIZES; s++) begin
      if (sqe_i.src_len == (32'd4096 << s)) begin
        unit_ok = 1'b1;
        size    = SIZE_W'(s);
      end
    end
  end

  logic len_ok;
  assign len_ok = is_expand ? sqe_i.src_len != '0 && sqe_i.src_len <= BLOCK_MAX : unit_ok;

  logic lists_ok;
  assign lists_ok =
      (src_sgl ? sqe_i.src_sge_count != '0 && sqe_i.src_sge_count <= 8'(SGE_MAX)
               : sqe_i.src_sge_count == '0) &&
      (dst_sgl ? sqe_i.dst_sge_count != '0 && sqe_i.dst_sge_count <= 8'(SGE_MAX)
               : sqe_i.dst_sge_count == '0);

  always_comb begin
    bad_o    = 1'b1;
    detail_o = '0;
    if (!is_known) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_OPCODE);
    end else if ((is_squeeze || is_expand) &&
                 sqe_i.algorithm != 8'(pagepress_abi_pkg::PP_ALG_LZ4_BLOCK)) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_ALGORITHM);
    end else if ((sqe_i.flags & ~allowed) != '0) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_FLAGS);
    end else if (!is_nop && !len_ok) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_SRC_LEN);
    end else if ((src_sgl && sqe_i.src_addr[3:0] != '0) ||
                 (dst_sgl && sqe_i.dst_addr[3:0] != '0)) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_ALIGNMENT);
    end else if (!lists_ok) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_SGL);
    end else if ((!expect_crc && sqe_i.expected_crc32c != '0) || sqe_i.reserved0 != '0 ||
                 sqe_i.reserved1 != '0 || sqe_i.reserved2 != '0) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_RESERVED);
    end else if (is_squeeze && sqe_i.limit > sqe_i.src_len) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_LIMIT);
    end else if (is_copy && sqe_i.dst_capacity < sqe_i.src_len) begin
      detail_o = 4'(pagepress_abi_pkg::PP_BAD_CAPACITY);
    end else begin
      bad_o = 1'b0;
    end
  end

  assign compress_o   = !bad_o && (is_squeeze || is_copy || is_check);
  assign decompress_o = !bad_o && is_expand;

  // ---- What it asks for
  logic [31:0] capacity;
  logic [31:0] wanted;
  logic [31:0] limit;
  // Nobody can use more than the largest unit.
  assign capacity = !writes ? '0 : sqe_i.dst_capacity > UNIT_MAX ? UNIT_MAX : sqe_i.dst_capacity;
  assign wanted   = (sqe_i.limit == '0) ? pagepress_abi_pkg::PP_LIMIT_DEFAULT << size : sqe_i.limit;
  assign limit    = (capacity < wanted) ? capacity : wanted;

  assign job_o.src_addr     = sqe_i.src_addr;
  assign job_o.src_len      = sqe_i.src_len[BLOCK_W-1:0];
  assign job_o.src_sgl      = src_sgl;
  assign job_o.src_count    = sqe_i.src_sge_count[3:0];
  assign job_o.dst_addr     = sqe_i.dst_addr;
  assign job_o.dst_capacity = capacity[LEN_W-1:0];
  assign job_o.dst_sgl      = dst_sgl;
  assign job_o.dst_count    = sqe_i.dst_sge_count[3:0];
  assign job_o.work         = is_copy ? pp_lz_pkg::WORK_COPY
                              : is_check ? pp_lz_pkg::WORK_CHECK : pp_lz_pkg::WORK_COMPRESS;
  assign job_o.size         = size;
  assign job_o.limit        = limit[LEN_W-1:0];
  assign job_o.raw          = (sqe_i.flags & F_RAW) != '0 && capacity >= sqe_i.src_len;
  assign job_o.verify       = is_verify;
  assign job_o.expect_crc   = expect_crc;
  assign job_o.expected     = sqe_i.expected_crc32c;
  assign job_o.inject       = '0;
  assign job_o.inject_arg   = '0;

  // The tag goes past the check.
  logic unused_fields;
  assign unused_fields = ^{sqe_i.tag, limit[31:LEN_W], capacity[31:LEN_W]};

endmodule

`default_nettype wire
