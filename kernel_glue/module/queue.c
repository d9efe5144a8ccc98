// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings, doorbells and completions of one queue, and the slots that its units take.
 *
 * Slots are fewer than completion entries, so that the device never waits for the ring: cq_head is
 * told only now and then. Units that end are collected under the lock and told without it.
 */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "pagepress.h"

static inline u32 depth_of(const struct pp_queue *q)
{
	return 1u << q->log2;
}

static inline u32 reg(const struct pp_queue *q, u32 offset)
{
	return PP_QUEUE_BASE + q->index * PP_QUEUE_STRIDE + offset;
}

static inline void ring(const struct pp_queue *q, u32 which, u16 value)
{
	pp_write(q->pp, PP_DOORBELL_BASE + q->index * PP_DOORBELL_STRIDE + which, value);
}

/* ---- Memory ---- */

int pp_queue_alloc(struct pp_device *pp, struct pp_queue *q)
{
	struct device *dev = &pp->pdev->dev;
	const u32 depth = depth_of(q);

	q->pp = pp;
	spin_lock_init(&q->lock);
	q->slots = kvcalloc(depth, sizeof(*q->slots), GFP_KERNEL);
	q->free = kvcalloc(depth, sizeof(*q->free), GFP_KERNEL);
	q->sq = dma_alloc_coherent(dev, max_t(size_t, depth * PP_SQE_SIZE, PP_RING_ALIGN),
				   &q->sq_dma, GFP_KERNEL);
	q->cq = dma_alloc_coherent(dev, max_t(size_t, 2 * depth * PP_CQE_SIZE, PP_RING_ALIGN),
				   &q->cq_dma, GFP_KERNEL);
	q->out = dma_alloc_coherent(dev, (size_t)depth * PP_OUT_MAX, &q->out_dma, GFP_KERNEL);
	if (!q->slots || !q->free || !q->sq || !q->cq || !q->out) {
		pp_queue_free(q);
		return -ENOMEM;
	}
	return 0;
}

void pp_queue_free(struct pp_queue *q)
{
	struct device *dev = &q->pp->pdev->dev;
	const u32 depth = depth_of(q);

	if (q->out)
		dma_free_coherent(dev, (size_t)depth * PP_OUT_MAX, q->out, q->out_dma);
	if (q->cq)
		dma_free_coherent(dev, max_t(size_t, 2 * depth * PP_CQE_SIZE, PP_RING_ALIGN),
				  q->cq, q->cq_dma);
	if (q->sq)
		dma_free_coherent(dev, max_t(size_t, depth * PP_SQE_SIZE, PP_RING_ALIGN),
				  q->sq, q->sq_dma);
	kvfree(q->free);
	kvfree(q->slots);
	q->out = NULL;
	q->cq = NULL;
	q->sq = NULL;
	q->free = NULL;
	q->slots = NULL;
}

/* ---- Start and end; the device's lock is held ---- */

int pp_queue_start(struct pp_queue *q)
{
	struct pp_device *pp = q->pp;
	u32 i;

	memset(q->cq, 0, 2 * depth_of(q) * PP_CQE_SIZE);
	pp_write(pp, reg(q, PP_Q_SIZE), q->log2 | (q->log2 + 1) << 8);
	pp_write(pp, reg(q, PP_Q_SQ_BASE_LO), lower_32_bits(q->sq_dma));
	pp_write(pp, reg(q, PP_Q_SQ_BASE_HI), upper_32_bits(q->sq_dma));
	pp_write(pp, reg(q, PP_Q_CQ_BASE_LO), lower_32_bits(q->cq_dma));
	pp_write(pp, reg(q, PP_Q_CQ_BASE_HI), upper_32_bits(q->cq_dma));
	pp_write(pp, reg(q, PP_Q_IRQ_CTRL), PP_Q_IRQ_ENABLE | q->vector << 16);
	pp_write(pp, reg(q, PP_Q_CTRL), PP_Q_CTRL_ENABLE | q->class << PP_Q_CTRL_PRIORITY_SHIFT);
	if ((pp_read(pp, reg(q, PP_Q_STATE)) & 0xf) != PP_QSTATE_RUNNING)
		return -EIO;

	spin_lock_bh(&q->lock);
	q->sq_tail = 0;
	q->cq_head = 0;
	q->cq_rung = 0;
	q->free_count = 0;
	for (i = 0; i < depth_of(q); i++) {
		/* One whose output is just being taken is given back by tell(). */
		if (q->slots[i].state == PP_SLOT_BUSY)
			continue;
		q->slots[i].state = PP_SLOT_FREE;
		q->free[q->free_count++] = i;
	}
	q->running = true;
	spin_unlock_bh(&q->lock);
	return 0;
}

void pp_queue_stop(struct pp_queue *q)
{
	spin_lock_bh(&q->lock);
	q->running = false;
	spin_unlock_bh(&q->lock);
}

/* ---- Units in ---- */

static u8 opcode_of(const struct pp_queue *q, const struct pp_unit *unit)
{
	return unit->opcode == PP_OP_COMPRESS && pp_verify && q->pp->can_verify ?
		PP_OP_COMPRESS_VERIFY : unit->opcode;
}

static void fill_entry(struct pp_queue *q, const struct pp_unit *unit, bool irq)
{
	struct pp_sqe *sqe = &q->sq[q->sq_tail & (depth_of(q) - 1)];
	const struct pp_slot *slot = &q->slots[unit->slot];

	*sqe = (struct pp_sqe){
		.opcode = opcode_of(q, unit),
		.algorithm = PP_ALG_LZ4_BLOCK,
		.flags = irq ? PP_SQE_F_IRQ : 0,
		.src_len = unit->src_len,
		.src_addr = unit->src,
		.dst_addr = q->out_dma + (dma_addr_t)unit->slot * PP_OUT_MAX,
		.dst_capacity = unit->capacity,
		.limit = unit->opcode == PP_OP_COMPRESS ? unit->capacity : 0,
		.tag = (u64)slot->generation << 32 | unit->slot,
	};
	q->sq_tail++;
}

/* Takes the first of `units`, with one doorbell and one interrupt; how many. */
unsigned int pp_queue_submit(struct pp_queue *q, struct pp_unit **units, unsigned int count)
{
	const unsigned long deadline = jiffies + msecs_to_jiffies(pp_timeout_ms) + 1;
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
		fill_entry(q, unit, i + 1 == count && !unit->polled);
	}
	if (count) {
		pp_count_n(submitted, count);
		pp_count(doorbells);
		dma_wmb();
		ring(q, PP_DB_SQ_TAIL, q->sq_tail);
	}
	spin_unlock_bh(&q->lock);
	if (count)
		pp_device_arm_watchdog(q->pp);
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

	if (index >= depth_of(q))
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
	unit->error = 0;
	unit->status = cqe->status;
	/* What the device says of its output is not believed beyond the buffer. */
	unit->out_len = min(cqe->out_len, unit->capacity);
	unit->info = cqe->info;
	unit->out = q->out + (size_t)index * PP_OUT_MAX;
	return unit;
}

static void tell(struct pp_queue *q, struct list_head *ended)
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
		const struct pp_cqe *cqe = &q->cq[q->cq_head & (2 * depth_of(q) - 1)];
		const u8 phase = !(q->cq_head >> (q->log2 + 1) & 1);
		struct pp_unit *unit;

		if (!q->running || (READ_ONCE(cqe->flags) & PP_CQE_F_PHASE) != phase)
			break;
		dma_rmb();
		unit = take_completion(q, cqe);
		if (unit)
			list_add_tail(&unit->node, &ended);
		q->cq_head++;
		count++;
	}
	if ((u16)(q->cq_head - q->cq_rung) >= depth_of(q) / 2) {
		q->cq_rung = q->cq_head;
		ring(q, PP_DB_CQ_HEAD, q->cq_head);
	}
	spin_unlock_bh(&q->lock);
	if (count)
		pp_count_n(completed, count);
	tell(q, &ended);
	return count;
}

/* ---- Units that do not end by themselves ---- */

static void quarantine(struct pp_queue *q, struct pp_slot *slot)
{
	slot->unit = NULL;
	slot->state = PP_SLOT_QUARANTINED;
	pp_count(timeouts);
	pp_count(quarantined);
}

/* Ends those whose time is over; their slots stay out of use. */
bool pp_queue_expire(struct pp_queue *q)
{
	LIST_HEAD(ended);
	bool any;
	u32 i;

	spin_lock_bh(&q->lock);
	for (i = 0; i < depth_of(q); i++) {
		struct pp_slot *slot = &q->slots[i];
		struct pp_unit *unit = slot->unit;

		if (slot->state != PP_SLOT_BUSY || !unit || time_before(jiffies, slot->deadline))
			continue;
		quarantine(q, slot);
		unit->error = -ETIMEDOUT;
		list_add_tail(&unit->node, &ended);
	}
	spin_unlock_bh(&q->lock);
	any = !list_empty(&ended);
	tell(q, &ended);
	return any;
}

/* Takes one back whose submitter has lost patience. False: done() was or is being called. */
bool pp_queue_abandon(struct pp_queue *q, struct pp_unit *unit)
{
	bool mine;

	spin_lock_bh(&q->lock);
	mine = q->slots[unit->slot].unit == unit;
	if (mine)
		quarantine(q, &q->slots[unit->slot]);
	spin_unlock_bh(&q->lock);
	return mine;
}

/* A stopped queue's: the device is at rest, or gone (then no slot is used again). */
void pp_queue_fail(struct pp_queue *q, bool recycle)
{
	LIST_HEAD(ended);
	u32 i;

	spin_lock_bh(&q->lock);
	for (i = 0; i < depth_of(q); i++) {
		struct pp_slot *slot = &q->slots[i];
		struct pp_unit *unit = slot->unit;

		if (slot->state == PP_SLOT_BUSY && !unit)
			continue;	/* tell() has it, and gives it back */
		slot->state = recycle ? PP_SLOT_FREE : PP_SLOT_QUARANTINED;
		slot->unit = NULL;
		if (!unit)
			continue;
		unit->error = -EIO;
		list_add_tail(&unit->node, &ended);
	}
	spin_unlock_bh(&q->lock);
	tell(q, &ended);
}

/* Whether there is something for the watchdog to watch. */
bool pp_queue_busy(struct pp_queue *q)
{
	bool busy;

	spin_lock_bh(&q->lock);
	busy = q->running && q->free_count != depth_of(q);
	spin_unlock_bh(&q->lock);
	return busy;
}
