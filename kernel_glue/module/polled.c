// SPDX-License-Identifier: GPL-2.0-only
/*
 * One unit for which the CPU spins until the engine has answered (poll_timeout_us at most): for
 * callers that may not sleep. Software does what the engine does not.
 */
#include <linux/dma-mapping.h>
#include <linux/ktime.h>
#include <linux/mm.h>

#include "pagepress.h"

struct pp_polled {
	struct pp_unit unit;
	const u8 *src;
	u8 *dst;
	unsigned int room;	/* of dst; then the output's length */
	int verdict;		/* 0, -EINVAL, or SOFTWARE */
	bool ended;
};

#define SOFTWARE 1

static int put(struct pp_polled *this, unsigned int bytes)
{
	if (bytes > this->room)
		return -EINVAL;
	this->room = bytes;
	return 0;
}

/* Software's result is the one that counts. */
static int check_output(struct pp_polled *this)
{
	const struct pp_unit *unit = &this->unit;
	int err = pp_soft_decompress(this->src, unit->src_len, this->dst, &this->room);

	if (err || this->room != unit->out_len || memcmp(this->dst, unit->out, unit->out_len))
		pp_count(wrong_output);
	return err;
}

static int take_result(struct pp_polled *this)
{
	const struct pp_unit *unit = &this->unit;
	int err;

	if (unit->error)
		return SOFTWARE;
	switch (pp_unit_status(unit)) {
	case PP_STATUS_OK:
		if (unit->opcode == PP_OP_DECOMPRESS && READ_ONCE(pp_check_decompress))
			return check_output(this);
		err = put(this, unit->out_len);
		if (err)
			return err;
		memcpy(this->dst, unit->out, unit->out_len);
		pp_count_n(bytes_in, unit->src_len);
		pp_count_n(bytes_out, unit->out_len);
		if (unit->opcode == PP_OP_COMPRESS)
			pp_count(hw_compress);
		else
			pp_count(hw_decompress);
		return 0;
	case PP_STATUS_SAME_FILLED:
		pp_count(hw_same_filled);
		err = put(this, PP_FILLED_BLOCK);
		if (!err)
			pp_lz4_filled(this->dst, unit->info);
		return err;
	case PP_STATUS_INCOMPRESSIBLE:
		/* zram wants a block all the same, and stores the page once it sees its length. */
		pp_count(hw_incompressible);
		err = put(this, PP_LITERAL_BLOCK);
		if (!err)
			pp_lz4_literal(this->dst, this->src);
		return err;
	default:
		return SOFTWARE;
	}
}

static void polled_done(struct pp_unit *unit)
{
	struct pp_polled *this = container_of(unit, struct pp_polled, unit);

	this->verdict = take_result(this);
	/* Whoever spins may leave its stack frame now. */
	smp_store_release(&this->ended, true);
}

static void spin(struct pp_device *pp, struct pp_queue *q, struct pp_polled *this)
{
	const u64 end = ktime_get_ns() + (u64)READ_ONCE(pp_poll_timeout_us) * NSEC_PER_USEC;

	/* Pairs with the release in polled_done(). */
	while (!smp_load_acquire(&this->ended)) {
		pp_queue_reap(q);
		if (ktime_get_ns() < end) {
			cpu_relax();
			continue;
		}
		if (!pp_queue_abandon(q, &this->unit))
			continue;	/* it is ended on another CPU just now */
		pp_count(sw_timeout);
		queue_work(pp_workqueue, &pp->reset);
		return;
	}
	if (this->verdict == SOFTWARE)
		pp_count(sw_error);
}

/* 0, -EINVAL, or SOFTWARE. */
static int offload(u8 opcode, const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen)
{
	struct pp_polled this = {
		.unit = {
			.opcode = opcode,
			.polled = true,
			.src_len = slen,
			.capacity = min(*dlen, PP_OUT_MAX),
			.done = polled_done,
		},
		.src = src,
		.dst = dst,
		.room = *dlen,
		.verdict = SOFTWARE,
	};
	struct pp_unit *unit = &this.unit;
	struct pp_device *pp;
	struct pp_queue *q;
	struct device *dev;

	if (!virt_addr_valid(src) ||
	    (opcode == PP_OP_COMPRESS ? slen != PP_UNIT : !slen || slen > PP_BLOCK_MAX)) {
		pp_count(sw_unfit);
		return SOFTWARE;
	}
	pp = pp_device_get();
	if (!pp) {
		pp_count(sw_no_device);
		return SOFTWARE;
	}
	dev = &pp->pdev->dev;
	q = pp_device_queue(pp, opcode);
	unit->src = dma_map_single(dev, (void *)src, slen, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, unit->src)) {
		pp_count(sw_error);
	} else {
		if (pp_queue_submit(q, &unit, 1)) {
			pp_count(polled);
			spin(pp, q, &this);
		} else {
			pp_count(sw_full);
		}
		dma_unmap_single(dev, unit->src, slen, DMA_TO_DEVICE);
	}
	pp_device_put(pp);
	if (!this.verdict)
		*dlen = this.room;
	return this.verdict;
}

int pp_polled_compress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen)
{
	const int verdict = offload(PP_OP_COMPRESS, src, slen, dst, dlen);

	return verdict == SOFTWARE ? pp_soft_compress(src, slen, dst, dlen) : verdict;
}

int pp_polled_decompress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen)
{
	const int verdict = offload(PP_OP_DECOMPRESS, src, slen, dst, dlen);

	return verdict == SOFTWARE ? pp_soft_decompress(src, slen, dst, dlen) : verdict;
}
