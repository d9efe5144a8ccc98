// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the CPU does instead of the engine: the kernel's own LZ4, by its library, as a transform of
 * "lz4-generic" would need memory that a fallback must not ask for.
 *
 * All of it runs with softirqs disabled, on memory of the CPU that it runs on.
 */
#include <crypto/internal/acompress.h>
#include <crypto/scatterwalk.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/lz4.h>
#include <linux/percpu.h>
#include <linux/vmalloc.h>

#include "pagepress.h"

/* Lists of pages are copied here; the kernel's own scomp has the same bound. */
#define PP_SCRATCH (128u << 10)

struct pp_scratch {
	void *work;	/* LZ4's hash table */
	u8 *src;
	u8 *dst;
};

static DEFINE_PER_CPU(struct pp_scratch, scratches);

void pp_soft_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pp_scratch *scratch = per_cpu_ptr(&scratches, cpu);

		vfree(scratch->work);
		vfree(scratch->src);
		vfree(scratch->dst);
	}
}

int pp_soft_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pp_scratch *scratch = per_cpu_ptr(&scratches, cpu);

		scratch->work = vmalloc(LZ4_MEM_COMPRESS);
		scratch->src = vmalloc(PP_SCRATCH);
		scratch->dst = vmalloc(PP_SCRATCH);
		if (!scratch->work || !scratch->src || !scratch->dst) {
			pp_soft_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

int pp_soft_compress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen)
{
	int n;

	local_bh_disable();
	n = LZ4_compress_default(src, dst, slen, *dlen, this_cpu_read(scratches.work));
	local_bh_enable();
	pp_count(sw_compress);
	if (n <= 0)
		return -EINVAL;
	*dlen = n;
	return 0;
}
EXPORT_SYMBOL_GPL(pp_soft_compress);

int pp_soft_decompress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen)
{
	int n = LZ4_decompress_safe(src, dst, slen, *dlen);

	pp_count(sw_decompress);
	if (n < 0)
		return -EINVAL;
	*dlen = n;
	return 0;
}
EXPORT_SYMBOL_GPL(pp_soft_decompress);

/* The list's bytes if they lie in one piece that is always mapped, else NULL. */
static u8 *in_one_piece(struct scatterlist *sg, unsigned int bytes)
{
	return sg->length >= bytes && !PageHighMem(sg_page(sg)) ? sg_virt(sg) : NULL;
}

int pp_soft_acomp(struct acomp_req *req, bool compress)
{
	const u8 *src = in_one_piece(req->src, req->slen);
	unsigned int dlen = req->dlen;
	u8 *to = in_one_piece(req->dst, dlen);
	u8 *dst = to;
	int err = -EINVAL;

	local_bh_disable();
	if (!src) {
		if (req->slen > PP_SCRATCH)
			goto out;
		scatterwalk_map_and_copy(this_cpu_read(scratches.src), req->src, 0, req->slen, 0);
		src = this_cpu_read(scratches.src);
	}
	if (!dst) {
		dlen = min(dlen, PP_SCRATCH);
		dst = this_cpu_read(scratches.dst);
	}
	err = compress ? pp_soft_compress(src, req->slen, dst, &dlen) :
			 pp_soft_decompress(src, req->slen, dst, &dlen);
	if (err)
		goto out;
	if (!to)
		scatterwalk_map_and_copy(dst, req->dst, 0, dlen, 1);
	req->dlen = dlen;
out:
	local_bh_enable();
	return err;
}
