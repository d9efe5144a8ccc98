// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block device of pagepress_swap.ko, /dev/ppswap: a table of compressed pages in zsmalloc.
 *
 * A page's entry is read, replaced and freed under one of a few spinlocks, also while it is
 * decompressed: as zram has it.
 */
#include <linux/blkdev.h>
#include <linux/debugfs.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>
#include <linux/zsmalloc.h>

#include "swap.h"

#define PPS_LOCKS 64

unsigned int pps_mode = PPS_ENGINE;
module_param_named(mode, pps_mode, uint, 0644);
MODULE_PARM_DESC(mode, "0: the writer compresses; 1: kcompressd in software; 2: by the engine");

unsigned int pps_fifo = 256;
module_param_named(fifo, pps_fifo, uint, 0644);
MODULE_PARM_DESC(fifo, "writes that wait for kcompressd; one more waits for room");

unsigned int pps_batch = 64;
module_param_named(batch, pps_batch, uint, 0644);
MODULE_PARM_DESC(batch, "pages that kcompressd takes at a time, 256 at most");

static bool engine_reads;
module_param(engine_reads, bool, 0644);
MODULE_PARM_DESC(engine_reads, "reads are decompressed by the engine, for which the CPU spins");

static unsigned int disk_mb = 256;
module_param_named(size_mb, disk_mb, uint, 0444);
MODULE_PARM_DESC(size_mb, "size of the device, uncompressed [MiB]");

struct pps_stats pps_stats;

struct pps_entry {
	unsigned long handle;	/* zsmalloc's; 0: a repeated word */
	u64 word;
	u32 bytes;
};

static struct gendisk *disk;
static int major;
static struct zs_pool *pool;
static struct pps_entry *table;
static u32 pages;
static spinlock_t locks[PPS_LOCKS];
static struct dentry *debugfs;

static spinlock_t *lock_of(u32 index)
{
	return &locks[index % PPS_LOCKS];
}

/* ---- Storing ---- */

/* With its lock held. */
static void free_entry(u32 index)
{
	struct pps_entry *entry = &table[index];

	if (entry->handle) {
		zs_free(pool, entry->handle);
		atomic64_sub(entry->bytes, &pps_stats.stored_bytes);
		atomic64_dec(&pps_stats.stored_pages);
	}
	*entry = (struct pps_entry){};
}

int pps_store(u32 index, const void *data, unsigned int bytes, u64 word)
{
	unsigned long handle = 0;

	if (bytes) {
		void *to;

		handle = zs_malloc(pool, bytes, GFP_NOIO | __GFP_HIGHMEM | __GFP_MOVABLE |
				   __GFP_NOWARN);
		if (IS_ERR_VALUE(handle)) {
			atomic64_inc(&pps_stats.failed);
			return -ENOMEM;
		}
		to = zs_map_object(pool, handle, ZS_MM_WO);
		memcpy(to, data, bytes);
		zs_unmap_object(pool, handle);
		atomic64_add(bytes, &pps_stats.stored_bytes);
		atomic64_inc(&pps_stats.stored_pages);
	}
	spin_lock(lock_of(index));
	free_entry(index);
	table[index] = (struct pps_entry){ .handle = handle, .word = word, .bytes = bytes };
	spin_unlock(lock_of(index));
	return 0;
}

int pps_compress_and_store(u32 index, struct page *page, u8 *block)
{
	unsigned int bytes = PP_LIMIT_DEFAULT;
	void *data = kmap_local_page(page);
	int err;

	if (!memchr_inv(data, 0, PP_UNIT))
		err = pps_store(index, NULL, 0, 0);
	else if (pp_soft_compress(data, PP_UNIT, block, &bytes))
		err = pps_store(index, data, PP_UNIT, 0);
	else
		err = pps_store(index, block, bytes, 0);
	kunmap_local(data);
	return err;
}

/* ---- Reading ---- */

static int load(const struct pps_entry *entry, void *to)
{
	unsigned int dlen = PP_UNIT;
	const void *from;
	int err = 0;

	if (!entry->handle) {
		memset64(to, entry->word, PP_UNIT / sizeof(u64));
		return 0;
	}
	from = zs_map_object(pool, entry->handle, ZS_MM_RO);
	if (entry->bytes == PP_UNIT)
		memcpy(to, from, PP_UNIT);
	else if (engine_reads)
		err = pp_polled_decompress(from, entry->bytes, to, &dlen);
	else
		err = pp_soft_decompress(from, entry->bytes, to, &dlen);
	zs_unmap_object(pool, entry->handle);
	return err ?: dlen == PP_UNIT ? 0 : -EIO;
}

static void read_pages(struct bio *bio, u32 index)
{
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		void *to = kmap_local_page(part.bv_page);

		spin_lock(lock_of(index));
		if (load(&table[index], to))
			bio->bi_status = BLK_STS_IOERR;
		spin_unlock(lock_of(index));
		kunmap_local(to);
		flush_dcache_page(part.bv_page);
		atomic64_inc(&pps_stats.reads);
		index++;
	}
	bio_endio(bio);
}

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
		read_pages(bio, index);
		return;
	}
	atomic64_add(count, &pps_stats.pages);
	if (pps_mode == PPS_INLINE)
		write_pages(bio, index);
	else
		pps_kcompressd_write(bio);
}

static void pps_slot_free(struct block_device *bdev, unsigned long index)
{
	spin_lock(lock_of(index));
	free_entry(index);
	spin_unlock(lock_of(index));
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
	seq_printf(file, "pages %lld\nreads %lld\nfailed %lld\nstored_bytes %lld\n",
		   atomic64_read(&pps_stats.pages), atomic64_read(&pps_stats.reads),
		   atomic64_read(&pps_stats.failed), atomic64_read(&pps_stats.stored_bytes));
	seq_printf(file, "stored_pages %lld\npool_pages %lu\nbatches %lld\nbatched %lld\nwaits %lld\n",
		   atomic64_read(&pps_stats.stored_pages), zs_get_total_pages(pool),
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
	int err = -ENOMEM;
	unsigned int i;

	BUILD_BUG_ON(PAGE_SIZE != PP_UNIT);
	for (i = 0; i < PPS_LOCKS; i++)
		spin_lock_init(&locks[i]);
	pages = disk_mb << (20 - PAGE_SHIFT);
	table = vzalloc(array_size(pages, sizeof(*table)));
	if (!table)
		return err;
	pool = zs_create_pool("ppswap");
	if (!pool)
		goto free_table;
	err = pps_kcompressd_start();
	if (err)
		goto free_pool;
	err = add_device();
	if (err)
		goto stop;
	debugfs = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("stats", 0444, debugfs, NULL, &stats_fops);
	return 0;
stop:
	pps_kcompressd_stop();
free_pool:
	zs_destroy_pool(pool);
free_table:
	vfree(table);
	return err;
}

static void __exit pps_exit(void)
{
	u32 i;

	debugfs_remove(debugfs);
	del_gendisk(disk);
	put_disk(disk);
	unregister_blkdev(major, "ppswap");
	pps_kcompressd_stop();
	for (i = 0; i < pages; i++)
		free_entry(i);
	zs_destroy_pool(pool);
	vfree(table);
}

module_init(pps_init);
module_exit(pps_exit);

MODULE_DESCRIPTION("swap device that is compressed in batches by the pagepress engine");
MODULE_LICENSE("GPL");
