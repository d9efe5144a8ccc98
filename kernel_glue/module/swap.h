/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagepress_swap.ko: a block device to swap to, whose pages are kept compressed in memory, as
 * zram's. Writes go through kcompressd: a thread that gives batches of them to the engine. So
 * kswapd does not wait for a page, and the engine's queue fills, on a kernel without any patch.
 *
 *   kswapd --- bio ---> FIFO --- kcompressd ---- batch ----> engine --> zsmalloc, end of the bio
 *
 * The page stays under writeback while it is queued, as in the first of the two proposals for
 * kcompressd (zram's, March 2025); the second one keeps it locked.
 *
 * Limitations: one device, pages of 4 KiB, whole pages only; a full FIFO makes the writer wait.
 */
#ifndef PAGEPRESS_SWAP_H
#define PAGEPRESS_SWAP_H

#include <linux/bio.h>
#include <linux/types.h>

#include "pagepress.h"

enum pps_mode {
	PPS_INLINE,	/* the writer compresses, in software */
	PPS_SOFTWARE,	/* kcompressd, in software */
	PPS_ENGINE,	/* kcompressd, by the engine */
};

extern unsigned int pps_mode, pps_fifo, pps_batch;

#define PPS_BATCH_MAX 256u

/* Counters; each is changed by kcompressd or the writer alone, or does not matter by one. */
struct pps_stats {
	atomic64_t pages;	/* written */
	atomic64_t reads;
	atomic64_t failed;	/* no memory for what was compressed */
	atomic64_t stored_bytes;
	atomic64_t stored_pages;
	atomic64_t batches;	/* pages of kcompressd / batches: mean batch */
	atomic64_t batched;
	atomic64_t waits;	/* of a writer for room in the FIFO */
};

extern struct pps_stats pps_stats;

/* ---- What is stored (swap_disk.c) ---- */

/* One page's outcome: bytes of a block, PP_UNIT for the page itself, 0 for a repeated word. */
int pps_store(u32 index, const void *data, unsigned int bytes, u64 word);
/* Compresses in software, into `block` of PP_UNIT bytes, and stores. */
int pps_compress_and_store(u32 index, struct page *page, u8 *block);

/* ---- kcompressd (kcompressd.c) ---- */

int pps_kcompressd_start(void);
void pps_kcompressd_stop(void);
void pps_kcompressd_write(struct bio *bio);	/* ends it at some time */

#endif /* PAGEPRESS_SWAP_H */
