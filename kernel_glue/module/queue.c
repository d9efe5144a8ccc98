// SPDX-License-Identifier: GPL-2.0-only
/*
 * One queue's life: its memory, start and end, and the units that do not end by themselves.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "pagepress.h"

static inline u32 reg(const struct pp_queue *q, u32 offset)
{
	return PP_QUEUE_BASE + q->index * PP_QUEUE_STRIDE + offset;
}

/* ---- Memory ---- */

int pp_queue_alloc(struct pp_device *pp, struct pp_queue *q)
{
	struct device *dev = &pp->pdev->dev;
	const int node = dev_to_node(dev);
	const u32 depth = pp_queue_depth(q);

	q->pp = pp;
	spin_lock_init(&q->lock);
	q->slots = kvzalloc_node(array_size(depth, sizeof(*q->slots)), GFP_KERNEL, node);
	q->free = kvzalloc_node(array_size(depth, sizeof(*q->free)), GFP_KERNEL, node);
	q->sq = dma_alloc_coherent(dev, max_t(size_t, depth * PP_SQE_SIZE, PP_RING_ALIGN),
				   &q->sq_dma, GFP_KERNEL);
	q->cq = dma_alloc_coherent(dev, max_t(size_t, 2 * depth * PP_CQE_SIZE, PP_RING_ALIGN),
				   &q->cq_dma, GFP_KERNEL);
	q->out = dma_alloc_coherent(dev, (size_t)depth * PP_OUT_MAX, &q->out_dma,
				    GFP_KERNEL | __GFP_NOWARN);
	if (!q->slots || !q->free || !q->sq || !q->cq || !q->out) {
		pp_queue_free(q);
		return -ENOMEM;
	}
	return 0;
}

void pp_queue_free(struct pp_queue *q)
{
	struct device *dev = &q->pp->pdev->dev;
	const u32 depth = pp_queue_depth(q);

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

	memset(q->cq, 0, 2 * pp_queue_depth(q) * PP_CQE_SIZE);
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
	q->watch.owed = 0;
	for (i = 0; i < pp_queue_depth(q); i++) {
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
	for (i = 0; i < pp_queue_depth(q); i++) {
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
	pp_queue_tell(q, &ended);
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
	for (i = 0; i < pp_queue_depth(q); i++) {
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
	pp_queue_tell(q, &ended);
}

/* Interrupts that were owed at the last tick and have not come by this one. */
static u32 lost_interrupts(const struct pp_queue *q)
{
	const u32 asked = q->irqs_asked - q->watch.asked;
	const u32 came = READ_ONCE(q->irqs) - q->watch.served;

	return asked > came ? min(asked - came, q->watch.owed) : 0;
}

/*
 * The watchdog's look at a queue; whether it must come again. What it finds done is told, so that a
 * lost interrupt costs a tick. It may have only been ahead of the interrupt: a tick later one for
 * each completion has come, or is lost. (Where queues share a vector, or messages merge on their
 * way, that is an estimate.)
 */
bool pp_queue_watch(struct pp_queue *q)
{
	const u32 served = READ_ONCE(q->irqs_served);
	bool again;

	spin_lock_bh(&q->lock);
	if (q->watch.owed)
		pp_count_n(lost_interrupts, lost_interrupts(q));
	q->watch.asked = q->irqs_asked;
	q->watch.served = served;
	spin_unlock_bh(&q->lock);
	pp_queue_reap(q);
	spin_lock_bh(&q->lock);
	/* None, if the tasklet has been there meanwhile: then it may have been its find. */
	q->watch.owed = READ_ONCE(q->irqs_served) == served ? q->irqs_asked - q->watch.asked : 0;
	again = q->running && (q->free_count != pp_queue_depth(q) || q->watch.owed);
	spin_unlock_bh(&q->lock);
	return again;
}
