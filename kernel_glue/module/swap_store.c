// SPDX-License-Identifier: GPL-2.0-only
/*
 * What pagepress_swap.ko stores: a table of compressed pages in zsmalloc.
 *
 * An entry is read, replaced and freed under one of a few spinlocks, also while software
 * decompresses it (microseconds), as zram has it.
 */
#include <linux/crc32.h>
#include <linux/highmem.h>
#include <linux/vmalloc.h>
#include <linux/zsmalloc.h>

#include "swap.h"

#define PPS_LOCKS 64

struct pps_entry {
	unsigned long handle;	/* zsmalloc's; 0: a repeated word */
	union {
		u64 word;
		u32 crc;
	};
	u16 bytes;
	bool has_crc;
};

static struct zs_pool *pool;
static struct pps_entry *table;
static u32 entries;
static spinlock_t locks[PPS_LOCKS];

static spinlock_t *lock_of(u32 index)
{
	return &locks[index % PPS_LOCKS];
}

/* As the engine has it (RFC 3720). */
static u32 crc_of(const void *page)
{
	return ~__crc32c_le(~0u, page, PP_UNIT);
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

void pps_free(u32 index)
{
	spin_lock(lock_of(index));
	free_entry(index);
	spin_unlock(lock_of(index));
}

static void set_entry(u32 index, struct pps_entry entry)
{
	spin_lock(lock_of(index));
	free_entry(index);
	table[index] = entry;
	spin_unlock(lock_of(index));
}

void pps_store_word(u32 index, u64 word)
{
	set_entry(index, (struct pps_entry){ .word = word });
}

int pps_store(u32 index, const void *data, unsigned int bytes, const u32 *crc)
{
	struct pps_entry entry = { .bytes = bytes, .has_crc = crc };
	void *to;

	if (crc)
		entry.crc = *crc;
	entry.handle = zs_malloc(pool, bytes, GFP_NOIO | __GFP_HIGHMEM | __GFP_MOVABLE |
				 __GFP_NOWARN);
	if (IS_ERR_VALUE(entry.handle)) {
		atomic64_inc(&pps_stats.failed);
		return -ENOMEM;
	}
	to = zs_map_object(pool, entry.handle, ZS_MM_WO);
	memcpy(to, data, bytes);
	zs_unmap_object(pool, entry.handle);
	atomic64_add(bytes, &pps_stats.stored_bytes);
	atomic64_inc(&pps_stats.stored_pages);
	set_entry(index, entry);
	return 0;
}

int pps_compress_and_store(u32 index, struct page *page, u8 *block)
{
	unsigned int bytes = PP_LIMIT_DEFAULT;
	void *data = kmap_local_page(page);
	int err = 0;
	u32 crc;

	if (!memchr_inv(data, 0, PP_UNIT)) {
		pps_store_word(index, 0);
	} else if (pp_soft_compress(data, PP_UNIT, block, &bytes)) {
		err = pps_store(index, data, PP_UNIT, NULL);
	} else if (READ_ONCE(pps_engine_reads)) {
		/* Only then somebody asks for it. */
		crc = crc_of(data);
		err = pps_store(index, block, bytes, &crc);
	} else {
		err = pps_store(index, block, bytes, NULL);
	}
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
	else
		err = pp_soft_decompress(from, entry->bytes, to, &dlen);
	zs_unmap_object(pool, entry->handle);
	return err ?: dlen == PP_UNIT ? 0 : -EIO;
}

int pps_load(u32 index, void *to)
{
	int err;

	spin_lock(lock_of(index));
	err = load(&table[index], to);
	spin_unlock(lock_of(index));
	return err;
}

unsigned int pps_copy_block(u32 index, u8 *block, u32 *crc)
{
	const struct pps_entry *entry = &table[index];
	unsigned int bytes = 0;
	const void *from;

	spin_lock(lock_of(index));
	if (entry->handle && entry->has_crc) {
		bytes = entry->bytes;
		*crc = entry->crc;
		from = zs_map_object(pool, entry->handle, ZS_MM_RO);
		memcpy(block, from, bytes);
		zs_unmap_object(pool, entry->handle);
	}
	spin_unlock(lock_of(index));
	return bytes;
}

int pps_decode(const u8 *block, unsigned int bytes, void *to, u32 crc)
{
	unsigned int dlen = PP_UNIT;

	return pp_soft_decompress(block, bytes, to, &dlen) || dlen != PP_UNIT || crc_of(to) != crc ?
		-EIO : 0;
}

/* ---- Start and end ---- */

unsigned long pps_pool_pages(void)
{
	return zs_get_total_pages(pool);
}

int pps_store_init(u32 pages)
{
	unsigned int i;

	for (i = 0; i < PPS_LOCKS; i++)
		spin_lock_init(&locks[i]);
	entries = pages;
	table = vzalloc(array_size(entries, sizeof(*table)));
	if (!table)
		return -ENOMEM;
	pool = zs_create_pool("ppswap");
	if (pool)
		return 0;
	vfree(table);
	return -ENOMEM;
}

void pps_store_exit(void)
{
	u32 i;

	for (i = 0; i < entries; i++)
		free_entry(i);
	zs_destroy_pool(pool);
	vfree(table);
}
