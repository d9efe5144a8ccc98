// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads of pagepress_swap.ko. Software decodes in place. With engine_reads pages whose CRC is known
 * are copied out and given to the engine with that CRC, and the read ends with its interrupt: the
 * pages of a readahead are under way together, and no CPU spins.
 *
 * Whatever the engine has not done, or done wrong, software does from the copy; if it gets another
 * CRC as well, the block itself is bad and the read fails. Limitation: a doorbell a page, as the
 * kernel asks for one page at a time.
 */
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "swap.h"

#define PPS_READS 64u	/* under way; software does those beyond */

struct pps_read {
	struct pp_unit unit;
	struct pp_device *pp;
	struct bio *bio;
	struct page *page;
	u32 crc;
	u8 *block;	/* PP_UNIT bytes */
	struct list_head node;
};

static struct {
	spinlock_t lock;	/* of all below; also taken in softirqs */
	struct list_head free;
	unsigned int busy;
	wait_queue_head_t idle;
} reads = {
	.lock = __SPIN_LOCK_UNLOCKED(reads.lock),
	.free = LIST_HEAD_INIT(reads.free),
	.idle = __WAIT_QUEUE_HEAD_INITIALIZER(reads.idle),
};

static struct pps_read *take_read(void)
{
	struct pps_read *read;

	spin_lock_bh(&reads.lock);
	read = list_first_entry_or_null(&reads.free, struct pps_read, node);
	if (read) {
		list_del(&read->node);
		reads.busy++;
	}
	spin_unlock_bh(&reads.lock);
	return read;
}

static void give_back(struct pps_read *read)
{
	spin_lock_bh(&reads.lock);
	list_add(&read->node, &reads.free);
	if (!--reads.busy)
		wake_up(&reads.idle);
	spin_unlock_bh(&reads.lock);
}

/* ---- By the engine ---- */

static void count_failure(const struct pp_unit *unit)
{
	if (unit->error == -ETIMEDOUT)
		pp_count(sw_timeout);
	else if (!unit->error && unit->status == PP_STATUS_VERIFY_FAILED)
		pp_count(wrong_output);
	else
		pp_count(sw_error);
}

static int take_output(struct pps_read *read)
{
	const struct pp_unit *unit = &read->unit;
	void *to = kmap_local_page(read->page);
	int err = 0;

	if (!unit->error && unit->status == PP_STATUS_OK && unit->out_len == PP_UNIT) {
		memcpy(to, unit->out, PP_UNIT);
		pp_count(hw_decompress);
		pp_count_n(bytes_in, unit->src_len);
		pp_count_n(bytes_out, PP_UNIT);
	} else {
		count_failure(unit);
		err = pps_decode(read->block, unit->src_len, to, read->crc);
		if (err)
			atomic64_inc(&pps_stats.corrupt);
	}
	kunmap_local(to);
	flush_dcache_page(read->page);
	return err;
}

static void read_done(struct pp_unit *unit)
{
	struct pps_read *read = container_of(unit, struct pps_read, unit);
	struct pp_device *pp = read->pp;
	struct bio *bio = read->bio;

	dma_unmap_single(&pp->pdev->dev, unit->src, unit->src_len, DMA_TO_DEVICE);
	if (take_output(read))
		bio->bi_status = BLK_STS_IOERR;
	give_back(read);
	pp_device_put(pp);
	bio_endio(bio);
}

/* True: the engine has it, and a part of the bio will end. */
static bool give_to_engine(struct pps_read *read, struct pp_device *pp, unsigned int bytes)
{
	struct device *dev = &pp->pdev->dev;
	struct pp_unit *unit = &read->unit;

	*unit = (struct pp_unit){
		.opcode = PP_OP_DECOMPRESS,
		.expect_crc = true,
		.crc = read->crc,
		.src = dma_map_single(dev, read->block, bytes, DMA_TO_DEVICE),
		.src_len = bytes,
		.capacity = PP_UNIT,
		.done = read_done,
	};
	if (dma_mapping_error(dev, unit->src)) {
		pp_count(sw_error);
		return false;
	}
	read->pp = pp;
	bio_inc_remaining(read->bio);
	if (pp_queue_submit(pp_device_queue(pp, PP_OP_DECOMPRESS), &unit, 1))
		return true;
	pp_count(sw_full);
	dma_unmap_single(dev, unit->src, bytes, DMA_TO_DEVICE);
	bio_endio(read->bio);	/* the part that was added */
	return false;
}

static bool offload(struct bio *bio, struct page *page, u32 index)
{
	struct pps_read *read = take_read();
	struct pp_device *pp;
	unsigned int bytes;

	if (!read)
		return false;
	pp = pp_device_get();
	if (!pp) {
		pp_count(sw_no_device);
		goto give_back;
	}
	if (!pp_device_checks_crc(pp))
		goto put;
	bytes = pps_copy_block(index, read->block, &read->crc);
	read->bio = bio;
	read->page = page;
	if (bytes && give_to_engine(read, pp, bytes))
		return true;
put:
	pp_device_put(pp);
give_back:
	give_back(read);
	return false;
}

/* ---- All of them ---- */

static void read_page(struct bio *bio, struct page *page, u32 index)
{
	void *to;

	if (READ_ONCE(pps_engine_reads) && offload(bio, page, index))
		return;
	to = kmap_local_page(page);
	if (pps_load(index, to))
		bio->bi_status = BLK_STS_IOERR;
	kunmap_local(to);
	flush_dcache_page(page);
}

void pps_read(struct bio *bio, u32 index)
{
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		read_page(bio, part.bv_page, index++);
		atomic64_inc(&pps_stats.reads);
	}
	bio_endio(bio);
}

/* ---- Start and end ---- */

void pps_read_exit(void)
{
	struct pps_read *read, *next;

	wait_event(reads.idle, !READ_ONCE(reads.busy));
	/* Whoever was the last to give one back has let go of the lock. */
	spin_lock_bh(&reads.lock);
	spin_unlock_bh(&reads.lock);
	list_for_each_entry_safe(read, next, &reads.free, node) {
		kfree(read->block);
		kfree(read);
	}
}

int pps_read_init(void)
{
	unsigned int i;

	for (i = 0; i < PPS_READS; i++) {
		struct pps_read *read = kzalloc(sizeof(*read), GFP_KERNEL);

		if (!read)
			goto no_memory;
		list_add(&read->node, &reads.free);
		read->block = kmalloc(PP_UNIT, GFP_KERNEL);
		if (!read->block)
			goto no_memory;
	}
	return 0;
no_memory:
	pps_read_exit();
	return -ENOMEM;
}
