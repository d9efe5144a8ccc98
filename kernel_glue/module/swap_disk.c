// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block device of pagepress_swap.ko, /dev/ppswap, its parameters and counters.
 */
#include <linux/blkdev.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "swap.h"

unsigned int pps_mode = PPS_ENGINE;
static const struct pp_range mode = { &pps_mode, PPS_INLINE, PPS_ENGINE };
module_param_cb(mode, &pp_range_ops, (void *)&mode, 0644);
MODULE_PARM_DESC(mode, "0: the writer compresses; 1: kcompressd in software; 2: by the engine");

unsigned int pps_fifo = 256;
static const struct pp_range fifo = { &pps_fifo, 1, 65536 };
module_param_cb(fifo, &pp_range_ops, (void *)&fifo, 0644);
MODULE_PARM_DESC(fifo, "writes that wait for kcompressd; one more waits for room");

unsigned int pps_batch = 64;
static const struct pp_range batch = { &pps_batch, 1, PPS_BATCH_MAX };
module_param_cb(batch, &pp_range_ops, (void *)&batch, 0644);
MODULE_PARM_DESC(batch, "pages that kcompressd takes at a time, 256 at most");

bool pps_engine_reads;
module_param_named(engine_reads, pps_engine_reads, bool, 0644);
MODULE_PARM_DESC(engine_reads, "reads are decompressed by the engine, and their CRC is compared");

static unsigned int disk_mb = 256;
static const struct pp_range size_mb = { &disk_mb, 1, 1024 * 1024 };
module_param_cb(size_mb, &pp_range_ops, (void *)&size_mb, 0444);
MODULE_PARM_DESC(size_mb, "size of the device, uncompressed [MiB]");

struct pps_stats pps_stats;

static struct gendisk *disk;
static int major;
static u32 pages;
static struct dentry *debugfs;

/* ---- The block device ---- */

static void write_pages(struct bio *bio, u32 index)
{
	u8 *block = kmalloc(PP_UNIT, GFP_NOIO);
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		if (!block || pps_compress_and_store(index++, part.bv_page, block))
			bio->bi_status = BLK_STS_RESOURCE;
	}
	kfree(block);
	bio_endio(bio);
}

static bool whole_pages(struct bio *bio)
{
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		if (part.bv_offset || part.bv_len != PP_UNIT)
			return false;
	}
	return true;
}

static void pps_submit_bio(struct bio *bio)
{
	const u32 index = bio->bi_iter.bi_sector >> (PAGE_SHIFT - SECTOR_SHIFT);
	const u32 count = bio->bi_iter.bi_size >> PAGE_SHIFT;

	if (!bio_has_data(bio)) {
		bio_endio(bio);
		return;
	}
	if (!whole_pages(bio) || index > pages || count > pages - index) {
		bio_io_error(bio);
		return;
	}
	if (!op_is_write(bio_op(bio))) {
		pps_read(bio, index);
		return;
	}
	atomic64_add(count, &pps_stats.pages);
	if (READ_ONCE(pps_mode) == PPS_INLINE)
		write_pages(bio, index);
	else
		pps_kcompressd_write(bio);
}

static void pps_slot_free(struct block_device *bdev, unsigned long index)
{
	pps_free(index);
}

static const struct block_device_operations pps_fops = {
	.owner = THIS_MODULE,
	.submit_bio = pps_submit_bio,
	.swap_slot_free_notify = pps_slot_free,
};

/* A page must not change while the engine reads it: stable writes. */
static struct gendisk *alloc_disk_for_pages(void)
{
#ifdef PP_HAVE_DISK_LIMITS
	struct gendisk *made;
	struct queue_limits limits = {
		.logical_block_size = PAGE_SIZE,
		.physical_block_size = PAGE_SIZE,
		.dma_alignment = PAGE_SIZE - 1,
#ifdef BLK_FEAT_STABLE_WRITES	/* since 6.11; then also not rotational, if not said */
		.features = BLK_FEAT_STABLE_WRITES,
#endif
	};

	made = blk_alloc_disk(&limits, NUMA_NO_NODE);
	if (IS_ERR(made))
		return made;
#else
	struct gendisk *made = blk_alloc_disk(NUMA_NO_NODE);

	if (!made)
		return ERR_PTR(-ENOMEM);
	blk_queue_logical_block_size(made->queue, PAGE_SIZE);
	blk_queue_physical_block_size(made->queue, PAGE_SIZE);
	blk_queue_dma_alignment(made->queue, PAGE_SIZE - 1);
#endif
#ifndef BLK_FEAT_STABLE_WRITES
	blk_queue_flag_set(QUEUE_FLAG_STABLE_WRITES, made->queue);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, made->queue);
#endif
	return made;
}

static int stats_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "pages %lld\nreads %lld\nfailed %lld\ncorrupt %lld\nstored_bytes %lld\n",
		   atomic64_read(&pps_stats.pages), atomic64_read(&pps_stats.reads),
		   atomic64_read(&pps_stats.failed), atomic64_read(&pps_stats.corrupt),
		   atomic64_read(&pps_stats.stored_bytes));
	seq_printf(file, "stored_pages %lld\npool_pages %lu\nbatches %lld\nbatched %lld\nwaits %lld\n",
		   atomic64_read(&pps_stats.stored_pages), pps_pool_pages(),
		   atomic64_read(&pps_stats.batches), atomic64_read(&pps_stats.batched),
		   atomic64_read(&pps_stats.waits));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int add_device(void)
{
	int err;

	major = register_blkdev(0, "ppswap");
	if (major < 0)
		return major;
	disk = alloc_disk_for_pages();
	if (IS_ERR(disk)) {
		err = PTR_ERR(disk);
		goto blkdev;
	}
	disk->major = major;
	disk->minors = 1;
	disk->flags |= GENHD_FL_NO_PART;
	disk->fops = &pps_fops;
	strscpy(disk->disk_name, "ppswap", sizeof(disk->disk_name));
	set_capacity(disk, (sector_t)pages << (PAGE_SHIFT - SECTOR_SHIFT));
	err = add_disk(disk);
	if (!err)
		return 0;
	put_disk(disk);
blkdev:
	unregister_blkdev(major, "ppswap");
	return err;
}

static int __init pps_init(void)
{
	int err;

	BUILD_BUG_ON(PAGE_SIZE != PP_UNIT);
	pages = disk_mb << (20 - PAGE_SHIFT);
	err = pps_store_init(pages);
	if (err)
		return err;
	err = pps_read_init();
	if (err)
		goto store;
	err = pps_kcompressd_start();
	if (err)
		goto reads;
	err = add_device();
	if (err)
		goto stop;
	debugfs = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("stats", 0444, debugfs, NULL, &stats_fops);
	return 0;
stop:
	pps_kcompressd_stop();
reads:
	pps_read_exit();
store:
	pps_store_exit();
	return err;
}

static void __exit pps_exit(void)
{
	debugfs_remove(debugfs);
	del_gendisk(disk);
	put_disk(disk);
	unregister_blkdev(major, "ppswap");
	pps_kcompressd_stop();
	pps_read_exit();
	pps_store_exit();
}

module_init(pps_init);
module_exit(pps_exit);

MODULE_DESCRIPTION("swap device that is compressed in batches by the pagepress engine");
MODULE_LICENSE("GPL");
