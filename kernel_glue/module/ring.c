// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings, doorbells and completions of one queue, and the slots that its units take.
 *
 * Slots are fewer than completion entries, so that the device never waits for the ring: cq_head is
 * told only now and then. Units that end are collected under the lock and told without it.
 */
#include <linux/export.h>
#include <linux/mm.h>

#include "pagepress.h"

static inline void ring(const struct pp_queue *q, u32 which, u16 value)
{
	pp_write(q->pp, PP_DOORBELL_BASE + q->index * PP_DOORBELL_STRIDE + which, value);
}

/* ---- Units in ---- */

static u8 opcode_of(const struct pp_queue *q, const struct pp_unit *unit)
{
	const bool can_verify = q->pp->operations & BIT(PP_OP_COMPRESS_VERIFY);

	return unit->opcode == PP_OP_COMPRESS && can_verify && READ_ONCE(pp_verify) ?
		PP_OP_COMPRESS_VERIFY : unit->opcode;
}

static void fill_entry(struct pp_queue *q, const struct pp_unit *unit)
{
	struct pp_sqe *sqe = &q->sq[q->sq_tail & (pp_queue_depth(q) - 1)];
	const struct pp_slot *slot = &q->slots[unit->slot];
	const bool expect_crc = unit->expect_crc && (q->pp->features & PP_FEAT_EXPECT_CRC);

	*sqe = (struct pp_sqe){
		.opcode = opcode_of(q, unit),
		.algorithm = PP_ALG_LZ4_BLOCK,
		.flags = (slot->irq ? PP_SQE_F_IRQ : 0) |
			 (expect_crc ? PP_SQE_F_EXPECT_CRC : 0),
		.src_len = unit->src_len,
		.src_addr = unit->src,
		.dst_addr = q->out_dma + (dma_addr_t)unit->slot * PP_OUT_MAX,
		.dst_capacity = unit->capacity,
		.limit = unit->opcode == PP_OP_COMPRESS ? unit->capacity : 0,
		.expected_crc32c = expect_crc ? unit->crc : 0,
		.tag = (u64)slot->generation << 32 | unit->slot,
	};
	q->sq_tail++;
}

/* Takes the first of `units`, with one doorbell and one interrupt; how many. */
unsigned int pp_queue_submit(struct pp_queue *q, struct pp_unit **units, unsigned int count)
{
	const unsigned long deadline = jiffies + msecs_to_jiffies(READ_ONCE(pp_timeout_ms)) + 1;
	unsigned int i;

	spin_lock_bh(&q->lock);
	count = q->running ? min(count, q->free_count) : 0;
	for (i = 0; i < count; i++) {
		struct pp_unit *unit = units[i];
		struct pp_slot *slot;

		unit->slot = q->free[--q->free_count];
		slot = &q->slots[unit->slot];
		slot->unit = unit;
		slot->generation++;
		slot->deadline = deadline;
		slot->state = PP_SLOT_BUSY;
		/* They complete in order: the last one speaks for all. */
		slot->irq = i + 1 == count && !unit->polled;
		fill_entry(q, unit);
	}
	if (count) {
		pp_count_n(submitted, count);
		pp_count(doorbells);
		dma_wmb();
		ring(q, PP_DB_SQ_TAIL, q->sq_tail);
		/* With the lock: after it the last unit may have ended, and the device be gone. */
		pp_device_arm_watchdog(q->pp);
	}
	spin_unlock_bh(&q->lock);
	return count;
}
EXPORT_SYMBOL_GPL(pp_queue_submit);

/* ---- Units out ---- */

static void release_slot(struct pp_queue *q, u16 index)
{
	q->slots[index].unit = NULL;
	q->slots[index].state = PP_SLOT_FREE;
	q->free[q->free_count++] = index;
}

/* The unit of a completion, or NULL if nobody waits for it any more. */
static struct pp_unit *take_completion(struct pp_queue *q, const struct pp_cqe *cqe)
{
	const u32 index = lower_32_bits(cqe->tag);
	struct pp_slot *slot;
	struct pp_unit *unit;

	if (index >= pp_queue_depth(q))
		return NULL;
	slot = &q->slots[index];
	if (slot->generation != upper_32_bits(cqe->tag))
		return NULL;
	if (slot->state == PP_SLOT_QUARANTINED) {
		pp_count(late);
		release_slot(q, index);
		return NULL;
	}
	unit = slot->unit;
	if (slot->state != PP_SLOT_BUSY || !unit)
		return NULL;
	slot->unit = NULL;	/* the slot is given back when its output has been taken */
	q->irqs_asked += slot->irq;
	unit->error = 0;
	unit->status = cqe->status;
	/* What the device says of its output is not believed beyond the buffer. */
	unit->out_len = min(cqe->out_len, unit->capacity);
	unit->has_crc = q->pp->features & PP_FEAT_CRC32C;
	/* A device that has CRCs and cannot be told which to expect: compared here. */
	if (unit->expect_crc && unit->has_crc && unit->status == PP_STATUS_OK &&
	    unit->crc != cqe->crc32c)
		unit->status = PP_STATUS_VERIFY_FAILED;
	unit->crc = cqe->crc32c;
	unit->info = cqe->info;
	unit->out = q->out + (size_t)index * PP_OUT_MAX;
	return unit;
}

void pp_queue_tell(struct pp_queue *q, struct list_head *ended)
{
	struct pp_unit *unit, *next;

	local_bh_disable();
	list_for_each_entry_safe(unit, next, ended, node) {
		const u16 slot = unit->slot;
		const bool completed = !unit->error;

		unit->done(unit);	/* which may free it */
		if (!completed)
			continue;
		spin_lock(&q->lock);
		release_slot(q, slot);
		spin_unlock(&q->lock);
	}
	local_bh_enable();
}

/* Ends the units whose completions are there; how many entries there were. */
unsigned int pp_queue_reap(struct pp_queue *q)
{
	LIST_HEAD(ended);
	unsigned int count = 0;

	spin_lock_bh(&q->lock);
	for (;;) {
		const u32 mask = 2 * pp_queue_depth(q) - 1;
		const struct pp_cqe *entry = &q->cq[q->cq_head & mask];
		const u8 phase = !(q->cq_head >> (q->log2 + 1) & 1);
		struct pp_unit *unit;
		struct pp_cqe cqe;

		if (!q->running || (READ_ONCE(entry->flags) & PP_CQE_F_PHASE) != phase)
			break;
		dma_rmb();
		cqe = *entry;	/* once: what is checked is what is used */
		unit = take_completion(q, &cqe);
		if (unit)
			list_add_tail(&unit->node, &ended);
		q->cq_head++;
		count++;
	}
	if (count && (u16)(q->cq_head - q->cq_rung) >= pp_queue_depth(q) / 2) {
		q->cq_rung = q->cq_head;
		ring(q, PP_DB_CQ_HEAD, q->cq_head);
	}
	spin_unlock_bh(&q->lock);
	if (count)
		pp_count_n(completed, count);
	pp_queue_tell(q, &ended);
	return count;
}
