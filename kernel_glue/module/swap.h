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
extern bool pps_engine_reads;

#define PPS_BATCH_MAX 256u

/* Counters; each is changed by kcompressd or the writer alone, or does not matter by one. */
struct pps_stats {
	atomic64_t pages;	/* written */
	atomic64_t reads;
	atomic64_t failed;	/* no memory for what was compressed */
	atomic64_t corrupt;	/* read, and software too got another CRC than was stored */
	atomic64_t stored_bytes;
	atomic64_t stored_pages;
	atomic64_t batches;	/* pages of kcompressd / batches: mean batch */
	atomic64_t batched;
	atomic64_t waits;	/* of a writer for room in the FIFO */
};

extern struct pps_stats pps_stats;

/* ---- What is stored (swap_store.c) ---- */

int pps_store_init(u32 pages);
void pps_store_exit(void);
unsigned long pps_pool_pages(void);

/* One page's outcome: a block, or the page itself (PP_UNIT bytes); crc: of the page, or NULL. */
int pps_store(u32 index, const void *data, unsigned int bytes, const u32 *crc);
void pps_store_word(u32 index, u64 word);	/* repeated */
/* Compresses in software, into `block` of PP_UNIT bytes, and stores. */
int pps_compress_and_store(u32 index, struct page *page, u8 *block);
void pps_free(u32 index);

/* A page, by software. */
int pps_load(u32 index, void *to);
/* Its compressed block, if its CRC is known, into PP_UNIT bytes; how many; 0: pps_load() it. */
unsigned int pps_copy_block(u32 index, u8 *block, u32 *crc);
/* Such a block's page, by software. */
int pps_decode(const u8 *block, unsigned int bytes, void *to, u32 crc);

/* ---- Reads (swap_read.c) ---- */

int pps_read_init(void);
void pps_read_exit(void);
void pps_read(struct bio *bio, u32 index);	/* ends it at some time */

/* ---- kcompressd (kcompressd.c) ---- */

int pps_kcompressd_start(void);
void pps_kcompressd_stop(void);
void pps_kcompressd_write(struct bio *bio);	/* ends it at some time */

#endif /* PAGEPRESS_SWAP_H */
