/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The contract between the page-compression engine and whatever drives it:
 * PCI identity, registers, descriptors, completions and status codes.
 *
 * One of three forms of the same facts: this header (C, for the models, the
 * userspace driver and the kernel), pagepress_abi_pkg.sv (for the RTL) and
 * docs/abi.md (prose). tests/abi proves that header and package agree, name by
 * name and bit by bit. All integers are little-endian. Lengths are in bytes.
 *
 * Limitations: none of the contract is optional to *define*, but hardware may
 * lack parts of it; PP_REG_FEATURES_*, PP_REG_CAP* say what is there. A bit that
 * is clear means: the field, flag or register is reserved in this device.
 */
#ifndef PAGEPRESS_ABI_H
#define PAGEPRESS_ABI_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

/* ---- Identity ----------------------------------------------------------- */

#define PP_PCI_VENDOR_ID 0x1234u
#define PP_PCI_DEVICE_ID 0x5050u
#define PP_PCI_CLASS 0x1200u /* processing accelerator */
#define PP_BAR_REGISTERS 0u  /* BAR0: everything below */
#define PP_BAR_MSIX 2u       /* BAR2: MSI-X table and PBA */

#define PP_ID_VALUE 0x31475050u /* PP_REG_ID: "PPG1" in memory order */
#define PP_VERSION_MAJOR 1u
#define PP_VERSION_MINOR 1u

/* ---- BAR0 map ------------------------------------------------------------- */
/*
 * 0x000000  global registers, one 4 KiB page
 * 0x010000  queue control, PP_QUEUE_STRIDE a queue: privileged (ring addresses)
 * 0x100000  doorbells, PP_DOORBELL_STRIDE a queue: one page each, so that a
 *           queue's doorbells can be mapped to the process that owns it
 * Registers are 32 bits wide and aligned; a 64-bit value is a _LO and a _HI.
 * Reserved registers read 0 and ignore writes.
 */
#define PP_BAR0_SIZE 0x200000u
#define PP_QUEUE_BASE 0x010000u
#define PP_QUEUE_STRIDE 0x100u
#define PP_DOORBELL_BASE 0x100000u
#define PP_DOORBELL_STRIDE 0x1000u
#define PP_MAX_QUEUES 256u

/* Global registers: offsets from 0. */
#define PP_REG_ID 0x000u      /* RO PP_ID_VALUE */
#define PP_REG_VERSION 0x004u /* RO major[31:16], minor[15:0] of this contract */
#define PP_REG_CAP0 0x008u    /* RO queues[8:0], engines[15:9], depth_log2[20:16], unit_log2[28:24] */
#define PP_REG_CAP1 0x00cu    /* RO algorithms[15:0], operations[31:16]: one bit a number */
#define PP_REG_CAP2 0x010u    /* RO positions[7:0] a cycle, align_log2[11:8], sge_max[15:12], vectors[27:16] */
#define PP_REG_FEATURES_LO 0x018u /* RO PP_FEAT_* */
#define PP_REG_FEATURES_HI 0x01cu /* RO 0 */
#define PP_REG_CTRL 0x020u    /* RW PP_CTRL_* */
#define PP_REG_STATE 0x024u   /* RO PP_STATE_* */
#define PP_REG_ERR_STATUS 0x040u  /* RO PP_ERR_STATUS_*; the registers below show the oldest entry */
#define PP_REG_ERR_COUNT 0x044u   /* RO errors since reset, saturating, those the log could not hold included */
#define PP_REG_ERR_COND 0x048u    /* RO condition[7:0] (PP_ERR_*), queue[23:8] */
#define PP_REG_ERR_INDEX 0x04cu   /* RO ring index or register offset that the condition names */
#define PP_REG_ERR_ADDR_LO 0x050u /* RO address or value that the condition names */
#define PP_REG_ERR_ADDR_HI 0x054u
#define PP_REG_ERR_POP 0x058u     /* WO 1 retires the oldest entry */
#define PP_REG_ERR_VECTOR 0x05cu  /* RW vector[11:0], PP_ERR_VECTOR_*: interrupt raised when an entry is logged */
#define PP_REG_INJECT 0x080u      /* RW kind[7:0] (PP_INJECT_*), queue[23:8], armed[31]; needs PP_FEAT_INJECTION */
#define PP_REG_INJECT_COUNT 0x084u /* RW events to let pass before the first, [15:0]; how many to hit, [31:16] */
#define PP_REG_INJECT_ARG 0x088u  /* RW argument of the kind */
#define PP_REG_PERF_SELECT 0x100u /* RW counter[15:0], instance[27:16], scope[31:28]; a write latches its value */
#define PP_REG_PERF_LO 0x104u     /* RO latched value */
#define PP_REG_PERF_HI 0x108u
#define PP_REG_PERF_CTRL 0x10cu   /* WO bit 0: clear all counters */

/* Queue control: offsets from PP_QUEUE_BASE + q * PP_QUEUE_STRIDE. */
#define PP_Q_CTRL 0x00u       /* RW PP_Q_CTRL_* */
#define PP_Q_STATE 0x04u      /* RO state[3:0] (PP_QSTATE_*), in_flight[31:16] */
#define PP_Q_SIZE 0x08u       /* RW sq_log2[4:0], cq_log2[12:8]; writable while disabled */
#define PP_Q_SQ_BASE_LO 0x10u /* RW IOVA, aligned to PP_RING_ALIGN; writable while disabled */
#define PP_Q_SQ_BASE_HI 0x14u
#define PP_Q_CQ_BASE_LO 0x18u
#define PP_Q_CQ_BASE_HI 0x1cu
#define PP_Q_SQ_HEAD 0x20u    /* RO next entry that the device has not received, free-running 16 bits */
#define PP_Q_SQ_TAIL 0x24u    /* RO last sq_tail accepted */
#define PP_Q_CQ_HEAD 0x28u    /* RO last cq_head accepted */
#define PP_Q_CQ_TAIL 0x2cu    /* RO next entry that the device will write */
#define PP_Q_IRQ_CTRL 0x30u   /* RW PP_Q_IRQ_*[1:0], count[15:8] (0 and 1: every completion), vector[27:16] */
#define PP_Q_IRQ_TIME 0x34u   /* RW longest delay of a moderated interrupt in device clock cycles, [23:0] */
#define PP_Q_WEIGHT 0x38u     /* RW reserved for rate limits; reads 0 where unimplemented */

/* Doorbells: offsets from PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE. */
#define PP_DB_SQ_TAIL 0x0u /* WO free-running 16-bit producer index of submissions */
#define PP_DB_CQ_HEAD 0x4u /* WO free-running 16-bit consumer index of completions */

/* PP_REG_CTRL */
#define PP_CTRL_ENABLE 0x1u /* fetching stops when cleared; units already fetched complete */
#define PP_CTRL_RESET 0x2u  /* write 1: all queues disabled, all registers at reset; reads 1 until done */

/* PP_REG_STATE */
#define PP_STATE_READY 0x1u     /* out of reset; CTRL may be written */
#define PP_STATE_BUSY 0x2u      /* a unit, a fetch or a write is outstanding */
#define PP_STATE_RESETTING 0x4u /* DMA of before the reset is still draining */

/* PP_REG_ERR_STATUS */
#define PP_ERR_STATUS_VALID 0x1u    /* the entry registers hold an entry */
#define PP_ERR_STATUS_OVERFLOW 0x2u /* errors were counted but not held; cleared by ERR_POP of the last entry */

/* PP_Q_CTRL */
#define PP_Q_CTRL_ENABLE 0x1u
#define PP_Q_CTRL_PAUSE 0x2u  /* no new fetches; needs PP_FEAT_PAUSE */
#define PP_Q_CTRL_DRAIN 0x4u  /* disable once every fetched unit has completed; self-clearing */
#define PP_Q_CTRL_ABORT 0x8u  /* complete outstanding units as ABORTED, then disable; self-clearing */
#define PP_Q_CTRL_PRIORITY_SHIFT 8u /* priority class [10:8], 7 first; needs PP_FEAT_PRIORITY */
#define PP_Q_CTRL_PRIORITY_MASK 0x700u

/* PP_Q_IRQ_CTRL */
#define PP_Q_IRQ_ENABLE 0x1u
#define PP_Q_IRQ_MASK 0x2u /* a message that is due waits until this is clear; needs PP_FEAT_IRQ_MASK */

/* PP_REG_ERR_VECTOR */
#define PP_ERR_VECTOR_ENABLE 0x80000000u
#define PP_ERR_VECTOR_MASK 0x40000000u /* likewise */

/* PP_Q_STATE.state */
#define PP_QSTATE_DISABLED 0u
#define PP_QSTATE_RUNNING 1u
#define PP_QSTATE_PAUSED 2u
#define PP_QSTATE_DRAINING 3u
#define PP_QSTATE_ABORTING 4u
#define PP_QSTATE_ERROR 5u /* stopped by an error that the log names; disable to leave */

/* ---- Capabilities --------------------------------------------------------- */

#define PP_FEAT_SAME_FILLED 0x00000001u   /* PP_STATUS_SAME_FILLED is detected */
#define PP_FEAT_CRC32C 0x00000002u        /* completions carry the CRC of the uncompressed unit */
#define PP_FEAT_IRQ 0x00000004u           /* interrupts at all */
#define PP_FEAT_IRQ_MODERATION 0x00000008u
#define PP_FEAT_PAUSE 0x00000010u         /* PP_Q_CTRL_PAUSE and _DRAIN */
#define PP_FEAT_ABORT 0x00000020u
#define PP_FEAT_PRIORITY 0x00000040u
#define PP_FEAT_STORE_RAW 0x00000080u     /* PP_SQE_F_STORE_RAW */
#define PP_FEAT_SGL 0x00000100u           /* PP_SQE_F_SRC_SGL, PP_SQE_F_DST_SGL */
#define PP_FEAT_UNALIGNED 0x00000200u     /* any byte alignment of buffers; else 1 << CAP2.align_log2 */
#define PP_FEAT_ERROR_LOG 0x00000400u
#define PP_FEAT_INJECTION 0x00000800u
#define PP_FEAT_COUNTERS 0x00001000u
#define PP_FEAT_EXPECT_CRC 0x00002000u    /* PP_SQE_F_EXPECT_CRC on decompression */
#define PP_FEAT_OUT_OF_ORDER 0x00004000u  /* PP_SQE_F_RELAXED is honoured */
#define PP_FEAT_IRQ_MASK 0x00008000u      /* PP_Q_IRQ_MASK, PP_ERR_VECTOR_MASK */

/* ---- Operations, algorithms, units --------------------------------------- */

#define PP_OP_NOP 0u             /* a fence: starts when all before it has completed, and all after it then */
#define PP_OP_COMPRESS 1u
#define PP_OP_DECOMPRESS 2u
#define PP_OP_COMPRESS_VERIFY 3u /* compress, decode the output, compare */
#define PP_OP_COPY 4u
#define PP_OP_FILL_CHECK 5u      /* same-filled test and CRC; nothing written */

#define PP_ALG_LZ4_BLOCK 0u /* one raw LZ4 block a unit, no frame */

#define PP_UNIT_LOG2_MIN 12u /* 4 KiB: always there */
#define PP_UNIT_LOG2_MAX 16u
#define PP_DEPTH_LOG2_MAX 15u
#define PP_RING_ALIGN 4096u
#define PP_SGE_MAX 8u

/*
 * Output longer than this is not worth keeping: zsmalloc stores an object of
 * more than 3,625 bytes as a whole page (zsmalloc's size classes, Linux 6.1).
 */
#define PP_LIMIT_DEFAULT 3625u

/* ---- Submission queue entry: 64 bytes ------------------------------------- */

#define PP_SQE_SIZE 64u
#define PP_SQE_SIZE_LOG2 6u

#define PP_SQE_F_IRQ 0x0001u        /* count this completion towards an interrupt */
#define PP_SQE_F_STORE_RAW 0x0002u  /* an incompressible unit is copied to the destination */
#define PP_SQE_F_SRC_SGL 0x0004u    /* src_addr points at src_sge_count struct pp_sge */
#define PP_SQE_F_DST_SGL 0x0008u
#define PP_SQE_F_RELAXED 0x0010u    /* may complete ahead of earlier entries of its queue */
#define PP_SQE_F_EXPECT_CRC 0x0020u /* decompress: VERIFY_FAILED unless expected_crc32c holds */

struct pp_sqe {
	uint8_t opcode;           /* PP_OP_* */
	uint8_t algorithm;        /* PP_ALG_* */
	uint16_t flags;           /* PP_SQE_F_* */
	uint32_t src_len;         /* unit size; the block's length for PP_OP_DECOMPRESS */
	uint64_t src_addr;        /* IOVA */
	uint64_t dst_addr;        /* IOVA; ignored where nothing is written */
	uint32_t dst_capacity;    /* no byte is written at or beyond dst_addr + dst_capacity */
	uint32_t limit;           /* longest useful output; 0: PP_LIMIT_DEFAULT for every 4 KiB */
	uint64_t tag;             /* returned as it is */
	uint32_t expected_crc32c; /* with PP_SQE_F_EXPECT_CRC */
	uint8_t src_sge_count;    /* 1..PP_SGE_MAX with PP_SQE_F_SRC_SGL, else 0 */
	uint8_t dst_sge_count;
	uint16_t reserved0;       /* 0 */
	uint64_t reserved1;       /* 0 */
	uint64_t reserved2;       /* 0 */
};

/* One range of a scatter list: 16 bytes. */
struct pp_sge {
	uint64_t addr;
	uint32_t len;
	uint32_t reserved; /* 0 */
};

/* ---- Completion queue entry: 32 bytes -------------------------------------- */

#define PP_CQE_SIZE 32u
#define PP_CQE_SIZE_LOG2 5u

#define PP_CQE_F_PHASE 0x01u /* 1 on the first pass through the ring, then alternating */
#define PP_CQE_F_RAW 0x02u   /* the unit was stored as it is (PP_SQE_F_STORE_RAW) */
#define PP_CQE_DETAIL_SHIFT 4u /* flags[7:4]: PP_BAD_* or PP_FAULT_* by status */

struct pp_cqe {
	uint64_t tag;           /* of the submission */
	uint32_t out_len;       /* bytes written to the destination */
	uint32_t crc32c;        /* Castagnoli CRC of the uncompressed unit, as RFC 3720 */
	uint64_t info;          /* SAME_FILLED: the word. DMA_FAULT: the address. Else 0 */
	uint32_t engine_cycles; /* cycles that the unit held the engine's slowest stage */
	uint16_t sq_head;       /* submissions consumed so far, free-running */
	uint8_t status;         /* PP_STATUS_* */
	uint8_t flags;          /* PP_CQE_F_*; the last byte, so that it is written last */
};

#define PP_STATUS_OK 0u
#define PP_STATUS_SAME_FILLED 1u    /* every 8-byte word is info; nothing written */
#define PP_STATUS_INCOMPRESSIBLE 2u /* longer than min(limit, dst_capacity); nothing written */
#define PP_STATUS_MALFORMED 3u      /* decompress: not a valid block, or longer than dst_capacity */
#define PP_STATUS_VERIFY_FAILED 4u
#define PP_STATUS_DMA_FAULT 5u      /* bus error at info; destination contents undefined */
#define PP_STATUS_BAD_DESCRIPTOR 6u /* detail says which field */
#define PP_STATUS_ABORTED 7u        /* the queue was aborted before the unit was done */
#define PP_STATUS_INTERNAL 8u       /* the device's own fault */
#define PP_STATUS_COUNT 9u

/* Detail of BAD_DESCRIPTOR. */
#define PP_BAD_OPCODE 1u
#define PP_BAD_ALGORITHM 2u
#define PP_BAD_FLAGS 3u    /* a flag unknown or not in the features */
#define PP_BAD_SRC_LEN 4u  /* not a unit this device handles */
#define PP_BAD_ALIGNMENT 5u
#define PP_BAD_SGL 6u
#define PP_BAD_RESERVED 7u /* a reserved field is not 0 */
#define PP_BAD_LIMIT 8u    /* limit above the unit */
#define PP_BAD_CAPACITY 9u /* copy: the destination is smaller than the unit */

/* Detail of DMA_FAULT. */
#define PP_FAULT_READ 1u
#define PP_FAULT_WRITE 2u

/* ---- Error log --------------------------------------------------------------- */

#define PP_ERR_NONE 0u
#define PP_ERR_DOORBELL_RANGE 1u /* sq_tail more than the depth ahead of sq_head; addr: the value. Ignored */
#define PP_ERR_CQ_HEAD_RANGE 2u  /* cq_head beyond cq_tail; addr: the value. Ignored */
#define PP_ERR_DOORBELL_DISABLED 3u /* sq_tail of a queue that is not running or paused, or cq_head of a disabled one. Ignored */
#define PP_ERR_QUEUE_SIZE 4u     /* enable with a size of 0 or above CAP0.depth_log2. Stays disabled */
#define PP_ERR_RING_BASE 5u      /* enable with a base not aligned to PP_RING_ALIGN. Stays disabled */
#define PP_ERR_SQ_FETCH 6u       /* bus error on a submission; addr: IOVA. Queue goes to PP_QSTATE_ERROR */
#define PP_ERR_CQ_WRITE 7u       /* bus error on a completion; addr: IOVA. Queue goes to PP_QSTATE_ERROR */
#define PP_ERR_REGISTER_LOCKED 8u /* write of a queue's size or base while enabled; index: offset. Ignored */
#define PP_ERR_SGL_FETCH 9u
#define PP_ERR_ENGINE 10u        /* an engine's internal check failed */

/* ---- Error injection (PP_FEAT_INJECTION) -------------------------------------- */

#define PP_INJECT_ALL_QUEUES 0xffffu /* as the queue of PP_REG_INJECT */
#define PP_INJECT_ARMED 0x80000000u

#define PP_INJECT_NONE 0u
#define PP_INJECT_BAD_COMPLETION 1u /* arg: the status written */
#define PP_INJECT_DMA_READ 2u
#define PP_INJECT_DMA_WRITE 3u
#define PP_INJECT_STUCK_ENGINE 4u   /* arg: cycles; 0 for ever */
#define PP_INJECT_FLIP_OUTPUT 5u    /* arg: the bit of the output that is inverted */
#define PP_INJECT_DROP_IRQ 6u

/* ---- Counters (PP_FEAT_COUNTERS) ------------------------------------------------ */

#define PP_PERF_SCOPE_DEVICE 0u
#define PP_PERF_SCOPE_QUEUE 1u
#define PP_PERF_SCOPE_ENGINE 2u

#define PP_PERF_SUBMITTED 0u
#define PP_PERF_COMPLETED 1u
#define PP_PERF_BYTES_IN 2u
#define PP_PERF_BYTES_OUT 3u
#define PP_PERF_BUSY_CYCLES 4u
#define PP_PERF_STALL_INPUT 5u
#define PP_PERF_STALL_OUTPUT 6u
#define PP_PERF_STALL_QUEUE 7u
#define PP_PERF_INTERRUPTS 8u
#define PP_PERF_STATUS_BASE 16u   /* + PP_STATUS_*: completions by status */
#define PP_PERF_LATENCY_BASE 32u  /* + i: completions whose latency in cycles has i significant bits, i < 32 */

/* ---- Sizes ---------------------------------------------------------------------- */

#if defined(__cplusplus)
static_assert(sizeof(struct pp_sqe) == PP_SQE_SIZE, "pp_sqe is 64 bytes");
static_assert(sizeof(struct pp_cqe) == PP_CQE_SIZE, "pp_cqe is 32 bytes");
static_assert(sizeof(struct pp_sge) == 16, "pp_sge is 16 bytes");
#else
_Static_assert(sizeof(struct pp_sqe) == PP_SQE_SIZE, "pp_sqe is 64 bytes");
_Static_assert(sizeof(struct pp_cqe) == PP_CQE_SIZE, "pp_cqe is 32 bytes");
_Static_assert(sizeof(struct pp_sge) == 16, "pp_sge is 16 bytes");
#endif

#endif /* PAGEPRESS_ABI_H */
