// SPDX-License-Identifier: GPL-2.0-only
/*
 * kcompressd: takes written pages from a FIFO in batches, has each batch compressed with one
 * doorbell and one interrupt, stores the outcome and ends the writes.
 *
 * It allocates from the reserves (PF_MEMALLOC), since it is what frees memory. Its own memory is
 * there from the start. Whatever the engine does not do it does itself.
 */
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "swap.h"

struct pps_item {
	struct pp_unit unit;
	struct bio *bio;
	struct page *page;
	u32 index;
	u8 *block;	/* PP_UNIT bytes */
};

static struct {
	spinlock_t lock;	/* of bios and queued */
	struct bio_list bios;
	unsigned int queued;
	wait_queue_head_t work, room;
	struct task_struct *task;
	struct pps_item *items;	/* PPS_BATCH_MAX */
	struct pp_unit **units;
	atomic_t outstanding;
	struct completion done;
} kcompressd;

/* ---- The FIFO ---- */

static void unplugged(struct blk_plug_cb *cb, bool from_schedule)
{
	kfree(cb);
	wake_up(&kcompressd.work);
}

/*
 * A thread that is woken for the first page of many takes a batch of one. Reclaim plugs the block
 * layer while it has more to write: it is woken when that is over, or when a batch is there.
 */
static void wake_for_work(unsigned int queued)
{
	if (queued >= READ_ONCE(pps_batch) ||
	    !blk_check_plugged(unplugged, NULL, sizeof(struct blk_plug_cb)))
		wake_up(&kcompressd.work);
}

void pps_kcompressd_write(struct bio *bio)
{
	unsigned int queued;

	spin_lock(&kcompressd.lock);
	while (kcompressd.queued >= READ_ONCE(pps_fifo)) {
		spin_unlock(&kcompressd.lock);
		atomic64_inc(&pps_stats.waits);
		wake_up(&kcompressd.work);
		wait_event(kcompressd.room, READ_ONCE(kcompressd.queued) < READ_ONCE(pps_fifo));
		spin_lock(&kcompressd.lock);
	}
	bio_list_add(&kcompressd.bios, bio);
	queued = ++kcompressd.queued;
	spin_unlock(&kcompressd.lock);
	wake_for_work(queued);
}

static struct bio *next_bio(void)
{
	struct bio *bio;

	spin_lock(&kcompressd.lock);
	bio = bio_list_pop(&kcompressd.bios);
	if (bio)
		kcompressd.queued--;
	spin_unlock(&kcompressd.lock);
	if (bio)
		wake_up(&kcompressd.room);
	return bio;
}

/* ---- The engine ---- */

static void item_done(struct pp_unit *unit)
{
	struct pps_item *item = container_of(unit, struct pps_item, unit);

	if (!unit->error && unit->status == PP_STATUS_OK)
		memcpy(item->block, unit->out, unit->out_len);
	if (atomic_dec_and_test(&kcompressd.outstanding))
		complete(&kcompressd.done);
}

/* Gives the first of the batch to the engine and waits for them; how many. */
static unsigned int offload(struct pp_device *pp, unsigned int count)
{
	struct device *dev = &pp->pdev->dev;
	unsigned int mapped, taken;

	for (mapped = 0; mapped < count; mapped++) {
		struct pps_item *item = &kcompressd.items[mapped];
		dma_addr_t src = dma_map_page(dev, item->page, 0, PP_UNIT, DMA_TO_DEVICE);

		if (dma_mapping_error(dev, src))
			break;
		item->unit = (struct pp_unit){
			.opcode = PP_OP_COMPRESS,
			.src = src,
			.src_len = PP_UNIT,
			/* Longer than that takes a whole page of zsmalloc anyhow. */
			.capacity = PP_LIMIT_DEFAULT,
			.done = item_done,
		};
		kcompressd.units[mapped] = &item->unit;
	}
	reinit_completion(&kcompressd.done);
	atomic_set(&kcompressd.outstanding, mapped + 1);
	taken = pp_queue_submit(pp_device_queue(pp, PP_OP_COMPRESS), kcompressd.units, mapped);
	if (atomic_sub_and_test(mapped - taken + 1, &kcompressd.outstanding))
		complete(&kcompressd.done);
	/* The watchdog ends what the device does not: this wait has an end. */
	wait_for_completion(&kcompressd.done);
	while (mapped--)
		dma_unmap_page(dev, kcompressd.items[mapped].unit.src, PP_UNIT, DMA_TO_DEVICE);
	return taken;
}

static int store_result(struct pps_item *item)
{
	const struct pp_unit *unit = &item->unit;
	void *page;
	int err;

	if (unit->error) {
		if (unit->error == -ETIMEDOUT)
			pp_count(sw_timeout);
		else
			pp_count(sw_error);
		return pps_compress_and_store(item->index, item->page, item->block);
	}
	switch (unit->status) {
	case PP_STATUS_OK:
		pp_count(hw_compress);
		pp_count_n(bytes_in, PP_UNIT);
		pp_count_n(bytes_out, unit->out_len);
		return pps_store(item->index, item->block, unit->out_len,
				 unit->has_crc ? &unit->crc : NULL);
	case PP_STATUS_SAME_FILLED:
		pp_count(hw_same_filled);
		pps_store_word(item->index, unit->info);
		return 0;
	case PP_STATUS_INCOMPRESSIBLE:
		pp_count(hw_incompressible);
		page = kmap_local_page(item->page);
		err = pps_store(item->index, page, PP_UNIT, NULL);
		kunmap_local(page);
		return err;
	default:
		pp_count(sw_error);
		return pps_compress_and_store(item->index, item->page, item->block);
	}
}

/* ---- Batches ---- */

static void end_item(struct pps_item *item, int err)
{
	if (err)
		item->bio->bi_status = BLK_STS_RESOURCE;
	bio_endio(item->bio);	/* one of as many as it has pages */
}

static void run_batch(unsigned int count)
{
	struct pp_device *pp = READ_ONCE(pps_mode) == PPS_ENGINE ? pp_device_get() : NULL;
	unsigned int i, taken = 0;

	atomic64_inc(&pps_stats.batches);
	atomic64_add(count, &pps_stats.batched);
	if (pp) {
		taken = offload(pp, count);
		pp_device_put(pp);
		pp_count_n(sw_full, count - taken);
	}
	for (i = 0; i < count; i++) {
		struct pps_item *item = &kcompressd.items[i];

		end_item(item, i < taken ? store_result(item) :
			 pps_compress_and_store(item->index, item->page, item->block));
	}
}

/* Adds the pages of a bio; runs the batch whenever it is full. */
static unsigned int add_bio(struct bio *bio, unsigned int count)
{
	u32 index = bio->bi_iter.bi_sector >> (PAGE_SHIFT - SECTOR_SHIFT);
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		if (count >= READ_ONCE(pps_batch)) {
			run_batch(count);
			count = 0;
		}
		bio_inc_remaining(bio);
		kcompressd.items[count].bio = bio;
		kcompressd.items[count].page = part.bv_page;
		kcompressd.items[count].index = index++;
		count++;
	}
	bio_endio(bio);
	return count;
}

static int run(void *unused)
{
	const unsigned int noreclaim = memalloc_noreclaim_save();

	while (!kthread_should_stop()) {
		unsigned int count = 0;
		struct bio *bio;

		wait_event_idle(kcompressd.work,
				READ_ONCE(kcompressd.queued) || kthread_should_stop());
		while (count < READ_ONCE(pps_batch) && (bio = next_bio()))
			count = add_bio(bio, count);
		if (count)
			run_batch(count);
		cond_resched();
	}
	memalloc_noreclaim_restore(noreclaim);
	return 0;
}

/* ---- Start and end ---- */

static void free_memory(void)
{
	unsigned int i;

	for (i = 0; kcompressd.items && i < PPS_BATCH_MAX; i++)
		kfree(kcompressd.items[i].block);
	kvfree(kcompressd.items);
	kvfree(kcompressd.units);
}

int pps_kcompressd_start(void)
{
	unsigned int i;

	spin_lock_init(&kcompressd.lock);
	bio_list_init(&kcompressd.bios);
	init_waitqueue_head(&kcompressd.work);
	init_waitqueue_head(&kcompressd.room);
	init_completion(&kcompressd.done);
	kcompressd.items = kvcalloc(PPS_BATCH_MAX, sizeof(*kcompressd.items), GFP_KERNEL);
	kcompressd.units = kvcalloc(PPS_BATCH_MAX, sizeof(*kcompressd.units), GFP_KERNEL);
	if (!kcompressd.items || !kcompressd.units)
		goto no_memory;
	for (i = 0; i < PPS_BATCH_MAX; i++) {
		kcompressd.items[i].block = kmalloc(PP_UNIT, GFP_KERNEL);
		if (!kcompressd.items[i].block)
			goto no_memory;
	}
	kcompressd.task = kthread_run(run, NULL, "kcompressd");
	if (!IS_ERR(kcompressd.task))
		return 0;
no_memory:
	free_memory();
	return -ENOMEM;
}

/* With no write under way. */
void pps_kcompressd_stop(void)
{
	kthread_stop(kcompressd.task);
	free_memory();
}
