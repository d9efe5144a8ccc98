// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/// The contract between the page-compression engine and whatever drives it:
/// the SystemVerilog form of pagepress_abi.h, name by name. docs/abi.md has the
/// prose; tests/abi proves that header and package agree.
///
/// Limitations: the packed structs list their fields from the last byte of the
/// entry to the first, so that bit 0 of the struct is bit 0 of byte 0 in memory.
`default_nettype none

package pagepress_abi_pkg;


  // ---- Identity
  localparam logic [31:0] PP_PCI_VENDOR_ID = 32'h00001234;
  localparam logic [31:0] PP_PCI_DEVICE_ID = 32'h00005050;
  localparam logic [31:0] PP_PCI_CLASS = 32'h00001200;
  localparam logic [31:0] PP_BAR_REGISTERS = 32'd0;
  localparam logic [31:0] PP_BAR_MSIX = 32'd2;
  localparam logic [31:0] PP_ID_VALUE = 32'h31475050;
  localparam logic [31:0] PP_VERSION_MAJOR = 32'd1;
  localparam logic [31:0] PP_VERSION_MINOR = 32'd1;

  // ---- BAR0 map
  localparam logic [31:0] PP_BAR0_SIZE = 32'h00200000;
  localparam logic [31:0] PP_QUEUE_BASE = 32'h00010000;
  localparam logic [31:0] PP_QUEUE_STRIDE = 32'h00000100;
  localparam logic [31:0] PP_DOORBELL_BASE = 32'h00100000;
  localparam logic [31:0] PP_DOORBELL_STRIDE = 32'h00001000;
  localparam logic [31:0] PP_MAX_QUEUES = 32'd256;
  localparam logic [31:0] PP_REG_ID = 32'h00000000;
  localparam logic [31:0] PP_REG_VERSION = 32'h00000004;
  localparam logic [31:0] PP_REG_CAP0 = 32'h00000008;
  localparam logic [31:0] PP_REG_CAP1 = 32'h0000000c;
  localparam logic [31:0] PP_REG_CAP2 = 32'h00000010;
  localparam logic [31:0] PP_REG_FEATURES_LO = 32'h00000018;
  localparam logic [31:0] PP_REG_FEATURES_HI = 32'h0000001c;
  localparam logic [31:0] PP_REG_CTRL = 32'h00000020;
  localparam logic [31:0] PP_REG_STATE = 32'h00000024;
  localparam logic [31:0] PP_REG_ERR_STATUS = 32'h00000040;
  localparam logic [31:0] PP_REG_ERR_COUNT = 32'h00000044;
  localparam logic [31:0] PP_REG_ERR_COND = 32'h00000048;
  localparam logic [31:0] PP_REG_ERR_INDEX = 32'h0000004c;
  localparam logic [31:0] PP_REG_ERR_ADDR_LO = 32'h00000050;
  localparam logic [31:0] PP_REG_ERR_ADDR_HI = 32'h00000054;
  localparam logic [31:0] PP_REG_ERR_POP = 32'h00000058;
  localparam logic [31:0] PP_REG_ERR_VECTOR = 32'h0000005c;
  localparam logic [31:0] PP_REG_INJECT = 32'h00000080;
  localparam logic [31:0] PP_REG_INJECT_COUNT = 32'h00000084;
  localparam logic [31:0] PP_REG_INJECT_ARG = 32'h00000088;
  localparam logic [31:0] PP_REG_PERF_SELECT = 32'h00000100;
  localparam logic [31:0] PP_REG_PERF_LO = 32'h00000104;
  localparam logic [31:0] PP_REG_PERF_HI = 32'h00000108;
  localparam logic [31:0] PP_REG_PERF_CTRL = 32'h0000010c;
  localparam logic [31:0] PP_Q_CTRL = 32'h00000000;
  localparam logic [31:0] PP_Q_STATE = 32'h00000004;
  localparam logic [31:0] PP_Q_SIZE = 32'h00000008;
  localparam logic [31:0] PP_Q_SQ_BASE_LO = 32'h00000010;
  localparam logic [31:0] PP_Q_SQ_BASE_HI = 32'h00000014;
  localparam logic [31:0] PP_Q_CQ_BASE_LO = 32'h00000018;
  localparam logic [31:0] PP_Q_CQ_BASE_HI = 32'h0000001c;
  localparam logic [31:0] PP_Q_SQ_HEAD = 32'h00000020;
  localparam logic [31:0] PP_Q_SQ_TAIL = 32'h00000024;
  localparam logic [31:0] PP_Q_CQ_HEAD = 32'h00000028;
  localparam logic [31:0] PP_Q_CQ_TAIL = 32'h0000002c;
  localparam logic [31:0] PP_Q_IRQ_CTRL = 32'h00000030;
  localparam logic [31:0] PP_Q_IRQ_TIME = 32'h00000034;
  localparam logic [31:0] PP_Q_WEIGHT = 32'h00000038;
  localparam logic [31:0] PP_DB_SQ_TAIL = 32'h00000000;
  localparam logic [31:0] PP_DB_CQ_HEAD = 32'h00000004;
  localparam logic [31:0] PP_CTRL_ENABLE = 32'h00000001;
  localparam logic [31:0] PP_CTRL_RESET = 32'h00000002;
  localparam logic [31:0] PP_STATE_READY = 32'h00000001;
  localparam logic [31:0] PP_STATE_BUSY = 32'h00000002;
  localparam logic [31:0] PP_STATE_RESETTING = 32'h00000004;
  localparam logic [31:0] PP_ERR_STATUS_VALID = 32'h00000001;
  localparam logic [31:0] PP_ERR_STATUS_OVERFLOW = 32'h00000002;
  localparam logic [31:0] PP_Q_CTRL_ENABLE = 32'h00000001;
  localparam logic [31:0] PP_Q_CTRL_PAUSE = 32'h00000002;
  localparam logic [31:0] PP_Q_CTRL_DRAIN = 32'h00000004;
  localparam logic [31:0] PP_Q_CTRL_ABORT = 32'h00000008;
  localparam logic [31:0] PP_Q_CTRL_PRIORITY_SHIFT = 32'd8;
  localparam logic [31:0] PP_Q_CTRL_PRIORITY_MASK = 32'h00000700;
  localparam logic [31:0] PP_Q_IRQ_ENABLE = 32'h00000001;
  localparam logic [31:0] PP_Q_IRQ_MASK = 32'h00000002;
  localparam logic [31:0] PP_ERR_VECTOR_ENABLE = 32'h80000000;
  localparam logic [31:0] PP_ERR_VECTOR_MASK = 32'h40000000;
  localparam logic [31:0] PP_QSTATE_DISABLED = 32'd0;
  localparam logic [31:0] PP_QSTATE_RUNNING = 32'd1;
  localparam logic [31:0] PP_QSTATE_PAUSED = 32'd2;
  localparam logic [31:0] PP_QSTATE_DRAINING = 32'd3;
  localparam logic [31:0] PP_QSTATE_ABORTING = 32'd4;
  localparam logic [31:0] PP_QSTATE_ERROR = 32'd5;

  // ---- Capabilities
  localparam logic [31:0] PP_FEAT_SAME_FILLED = 32'h00000001;
  localparam logic [31:0] PP_FEAT_CRC32C = 32'h00000002;
  localparam logic [31:0] PP_FEAT_IRQ = 32'h00000004;
  localparam logic [31:0] PP_FEAT_IRQ_MODERATION = 32'h00000008;
  localparam logic [31:0] PP_FEAT_PAUSE = 32'h00000010;
  localparam logic [31:0] PP_FEAT_ABORT = 32'h00000020;
  localparam logic [31:0] PP_FEAT_PRIORITY = 32'h00000040;
  localparam logic [31:0] PP_FEAT_STORE_RAW = 32'h00000080;
  localparam logic [31:0] PP_FEAT_SGL = 32'h00000100;
  localparam logic [31:0] PP_FEAT_UNALIGNED = 32'h00000200;
  localparam logic [31:0] PP_FEAT_ERROR_LOG = 32'h00000400;
  localparam logic [31:0] PP_FEAT_INJECTION = 32'h00000800;
  localparam logic [31:0] PP_FEAT_COUNTERS = 32'h00001000;
  localparam logic [31:0] PP_FEAT_EXPECT_CRC = 32'h00002000;
  localparam logic [31:0] PP_FEAT_OUT_OF_ORDER = 32'h00004000;
  localparam logic [31:0] PP_FEAT_IRQ_MASK = 32'h00008000;

  // ---- Operations, algorithms, units
  localparam logic [31:0] PP_OP_NOP = 32'd0;
  localparam logic [31:0] PP_OP_COMPRESS = 32'd1;
  localparam logic [31:0] PP_OP_DECOMPRESS = 32'd2;
  localparam logic [31:0] PP_OP_COMPRESS_VERIFY = 32'd3;
  localparam logic [31:0] PP_OP_COPY = 32'd4;
  localparam logic [31:0] PP_OP_FILL_CHECK = 32'd5;
  localparam logic [31:0] PP_ALG_LZ4_BLOCK = 32'd0;
  localparam logic [31:0] PP_UNIT_LOG2_MIN = 32'd12;
  localparam logic [31:0] PP_UNIT_LOG2_MAX = 32'd16;
  localparam logic [31:0] PP_DEPTH_LOG2_MAX = 32'd15;
  localparam logic [31:0] PP_RING_ALIGN = 32'd4096;
  localparam logic [31:0] PP_SGE_MAX = 32'd8;
  localparam logic [31:0] PP_LIMIT_DEFAULT = 32'd3625;

  // ---- Submission queue entry: 64 bytes
  localparam logic [31:0] PP_SQE_SIZE = 32'd64;
  localparam logic [31:0] PP_SQE_SIZE_LOG2 = 32'd6;
  localparam logic [31:0] PP_SQE_F_IRQ = 32'h00000001;
  localparam logic [31:0] PP_SQE_F_STORE_RAW = 32'h00000002;
  localparam logic [31:0] PP_SQE_F_SRC_SGL = 32'h00000004;
  localparam logic [31:0] PP_SQE_F_DST_SGL = 32'h00000008;
  localparam logic [31:0] PP_SQE_F_RELAXED = 32'h00000010;
  localparam logic [31:0] PP_SQE_F_EXPECT_CRC = 32'h00000020;

  // ---- Completion queue entry: 32 bytes
  localparam logic [31:0] PP_CQE_SIZE = 32'd32;
  localparam logic [31:0] PP_CQE_SIZE_LOG2 = 32'd5;
  localparam logic [31:0] PP_CQE_F_PHASE = 32'h00000001;
  localparam logic [31:0] PP_CQE_F_RAW = 32'h00000002;
  localparam logic [31:0] PP_CQE_DETAIL_SHIFT = 32'd4;
  localparam logic [31:0] PP_STATUS_OK = 32'd0;
  localparam logic [31:0] PP_STATUS_SAME_FILLED = 32'd1;
  localparam logic [31:0] PP_STATUS_INCOMPRESSIBLE = 32'd2;
  localparam logic [31:0] PP_STATUS_MALFORMED = 32'd3;
  localparam logic [31:0] PP_STATUS_VERIFY_FAILED = 32'd4;
  localparam logic [31:0] PP_STATUS_DMA_FAULT = 32'd5;
  localparam logic [31:0] PP_STATUS_BAD_DESCRIPTOR = 32'd6;
  localparam logic [31:0] PP_STATUS_ABORTED = 32'd7;
  localparam logic [31:0] PP_STATUS_INTERNAL = 32'd8;
  localparam logic [31:0] PP_STATUS_COUNT = 32'd9;
  localparam logic [31:0] PP_BAD_OPCODE = 32'd1;
  localparam logic [31:0] PP_BAD_ALGORITHM = 32'd2;
  localparam logic [31:0] PP_BAD_FLAGS = 32'd3;
  localparam logic [31:0] PP_BAD_SRC_LEN = 32'd4;
  localparam logic [31:0] PP_BAD_ALIGNMENT = 32'd5;
  localparam logic [31:0] PP_BAD_SGL = 32'd6;
  localparam logic [31:0] PP_BAD_RESERVED = 32'd7;
  localparam logic [31:0] PP_BAD_LIMIT = 32'd8;
  localparam logic [31:0] PP_BAD_CAPACITY = 32'd9;
  localparam logic [31:0] PP_FAULT_READ = 32'd1;
  localparam logic [31:0] PP_FAULT_WRITE = 32'd2;

  // ---- Error log
  localparam logic [31:0] PP_ERR_NONE = 32'd0;
  localparam logic [31:0] PP_ERR_DOORBELL_RANGE = 32'd1;
  localparam logic [31:0] PP_ERR_CQ_HEAD_RANGE = 32'd2;
  localparam logic [31:0] PP_ERR_DOORBELL_DISABLED = 32'd3;
  localparam logic [31:0] PP_ERR_QUEUE_SIZE = 32'd4;
  localparam logic [31:0] PP_ERR_RING_BASE = 32'd5;
  localparam logic [31:0] PP_ERR_SQ_FETCH = 32'd6;
  localparam logic [31:0] PP_ERR_CQ_WRITE = 32'd7;
  localparam logic [31:0] PP_ERR_REGISTER_LOCKED = 32'd8;
  localparam logic [31:0] PP_ERR_SGL_FETCH = 32'd9;
  localparam logic [31:0] PP_ERR_ENGINE = 32'd10;

  // ---- Error injection (PP_FEAT_INJECTION)
  localparam logic [31:0] PP_INJECT_ALL_QUEUES = 32'h0000ffff;
  localparam logic [31:0] PP_INJECT_ARMED = 32'h80000000;
  localparam logic [31:0] PP_INJECT_NONE = 32'd0;
  localparam logic [31:0] PP_INJECT_BAD_COMPLETION = 32'd1;
  localparam logic [31:0] PP_INJECT_DMA_READ = 32'd2;
  localparam logic [31:0] PP_INJECT_DMA_WRITE = 32'd3;
  localparam logic [31:0] PP_INJECT_STUCK_ENGINE = 32'd4;
  localparam logic [31:0] PP_INJECT_FLIP_OUTPUT = 32'd5;
  localparam logic [31:0] PP_INJECT_DROP_IRQ = 32'd6;

  // ---- Counters (PP_FEAT_COUNTERS)
  localparam logic [31:0] PP_PERF_SCOPE_DEVICE = 32'd0;
  localparam logic [31:0] PP_PERF_SCOPE_QUEUE = 32'd1;
  localparam logic [31:0] PP_PERF_SCOPE_ENGINE = 32'd2;
  localparam logic [31:0] PP_PERF_SUBMITTED = 32'd0;
  localparam logic [31:0] PP_PERF_COMPLETED = 32'd1;
  localparam logic [31:0] PP_PERF_BYTES_IN = 32'd2;
  localparam logic [31:0] PP_PERF_BYTES_OUT = 32'd3;
  localparam logic [31:0] PP_PERF_BUSY_CYCLES = 32'd4;
  localparam logic [31:0] PP_PERF_STALL_INPUT = 32'd5;
  localparam logic [31:0] PP_PERF_STALL_OUTPUT = 32'd6;
  localparam logic [31:0] PP_PERF_STALL_QUEUE = 32'd7;
  localparam logic [31:0] PP_PERF_INTERRUPTS = 32'd8;
  localparam logic [31:0] PP_PERF_STATUS_BASE = 32'd16;
  localparam logic [31:0] PP_PERF_LATENCY_BASE = 32'd32;

  // ---- Sizes

  // ---- Entries

  /// Submission queue entry, 64 bytes (struct pp_sqe).
  typedef struct packed {
    logic [63:0] reserved2;
    logic [63:0] reserved1;
    logic [15:0] reserved0;
    logic [7:0]  dst_sge_count;
    logic [7:0]  src_sge_count;
    logic [31:0] expected_crc32c;
    logic [63:0] tag;
    logic [31:0] limit;
    logic [31:0] dst_capacity;
    logic [63:0] dst_addr;
    logic [63:0] src_addr;
    logic [31:0] src_len;
    logic [15:0] flags;
    logic [7:0]  algorithm;
    logic [7:0]  opcode;
  } pp_sqe_t;

  /// Completion queue entry, 32 bytes (struct pp_cqe).
  typedef struct packed {
    logic [7:0]  flags;
    logic [7:0]  status;
    logic [15:0] sq_head;
    logic [31:0] engine_cycles;
    logic [63:0] info;
    logic [31:0] crc32c;
    logic [31:0] out_len;
    logic [63:0] tag;
  } pp_cqe_t;

  /// One range of a scatter list, 16 bytes (struct pp_sge).
  typedef struct packed {
    logic [31:0] reserved;
    logic [31:0] len;
    logic [63:0] addr;
  } pp_sge_t;

endpackage

`default_nettype wire
