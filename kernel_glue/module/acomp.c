// SPDX-License-Identifier: GPL-2.0-only
/*
 * "lz4" as an asynchronous compression of the crypto API: what zswap uses.
 *
 * A full ring is never -EBUSY: a caller that may backlog takes that for "queued" and waits for
 * good (facts of 6.1's zswap). Nothing fails but what fails in software, too.
 */
#include <crypto/internal/acompress.h>
#include <crypto/scatterwalk.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>

#include "pagepress.h"

struct pp_acomp_request {
	struct pp_unit unit;
	struct acomp_req *req;
	struct pp_device *pp;
};

static int take_output(struct acomp_req *req, const void *out, unsigned int bytes)
{
	if (bytes > req->dlen)
		return -EINVAL;
	scatterwalk_map_and_copy((void *)out, req->dst, 0, bytes, 1);
	req->dlen = bytes;
	return 0;
}

/* Software's result is the one that counts. */
static int check_output(struct acomp_req *req, const struct pp_unit *unit)
{
	int err = pp_soft_acomp(req, false);
	bool same = !err && req->dlen == unit->out_len;
	const u8 *expected = unit->out;
	unsigned int left = unit->out_len;
	struct sg_mapping_iter it;

	sg_miter_start(&it, req->dst, sg_nents(req->dst), SG_MITER_ATOMIC | SG_MITER_FROM_SG);
	while (same && left && sg_miter_next(&it)) {
		const unsigned int bytes = min_t(size_t, it.length, left);

		same = !memcmp(it.addr, expected, bytes);
		expected += bytes;
		left -= bytes;
	}
	sg_miter_stop(&it);
	if (!same)
		pp_count(wrong_output);
	return err;
}

static int take_result(struct acomp_req *req, const struct pp_unit *unit)
{
	const bool compress = unit->opcode == PP_OP_COMPRESS;
	u8 filled[PP_FILLED_BLOCK];

	if (unit->error) {
		if (unit->error == -ETIMEDOUT)
			pp_count(sw_timeout);
		else
			pp_count(sw_error);
		return pp_soft_acomp(req, compress);
	}
	switch (pp_unit_status(unit)) {
	case PP_STATUS_OK:
		if (!compress && READ_ONCE(pp_check_decompress))
			return check_output(req, unit);
		pp_count_n(bytes_in, unit->src_len);
		pp_count_n(bytes_out, unit->out_len);
		if (compress)
			pp_count(hw_compress);
		else
			pp_count(hw_decompress);
		return take_output(req, unit->out, unit->out_len);
	case PP_STATUS_SAME_FILLED:
		pp_count(hw_same_filled);
		pp_lz4_filled(filled, unit->info);
		return take_output(req, filled, sizeof(filled));
	case PP_STATUS_INCOMPRESSIBLE:
		pp_count(hw_incompressible);
		/* A block longer than a unit is only of use to who has room for it. */
		return req->dlen > PP_UNIT ? pp_soft_acomp(req, compress) : -EINVAL;
	default:
		pp_count(sw_error);
		return pp_soft_acomp(req, compress);
	}
}

static void pp_acomp_done(struct pp_unit *unit)
{
	struct pp_acomp_request *this = container_of(unit, struct pp_acomp_request, unit);
	struct pp_device *pp = this->pp;
	struct acomp_req *req = this->req;
	int err;

	dma_unmap_sg(&pp->pdev->dev, req->src, 1, DMA_TO_DEVICE);
	err = take_result(req, unit);
	pp_device_put(pp);
	acomp_request_complete(req, err);
}

/* True: the engine has it, and done() will be called. */
static bool pp_acomp_offload(struct acomp_req *req, u8 opcode)
{
	struct pp_acomp_request *this = acomp_request_ctx(req);
	struct pp_unit *unit = &this->unit;
	struct pp_device *pp;

	if (opcode == PP_OP_COMPRESS ? req->slen != PP_UNIT :
				       !req->slen || req->slen > PP_BLOCK_MAX ||
				       req->dlen > PP_OUT_MAX) {
		pp_count(sw_unfit);
		return false;
	}
	if (req->src->length < req->slen) {
		pp_count(sw_unfit);
		return false;
	}
	pp = pp_device_get();
	if (!pp) {
		pp_count(sw_no_device);
		return false;
	}
	if (dma_map_sg(&pp->pdev->dev, req->src, 1, DMA_TO_DEVICE) != 1) {
		pp_count(sw_error);
		goto put;
	}
	*this = (struct pp_acomp_request){
		.unit = {
			.opcode = opcode,
			.src = sg_dma_address(req->src),
			.src_len = req->slen,
			.capacity = min(req->dlen, PP_OUT_MAX),
			.done = pp_acomp_done,
		},
		.req = req,
		.pp = pp,
	};
	if (pp_queue_submit(pp_device_queue(pp, opcode), &unit, 1))
		return true;
	pp_count(sw_full);
	dma_unmap_sg(&pp->pdev->dev, req->src, 1, DMA_TO_DEVICE);
put:
	pp_device_put(pp);
	return false;
}

static int pp_acomp_run(struct acomp_req *req, u8 opcode)
{
	if (!req->src || !req->slen || (req->dst && !req->dlen))
		return -EINVAL;
	if (!req->dst) {
		const bool may_sleep = req->base.flags & CRYPTO_TFM_REQ_MAY_SLEEP;

		if (!req->dlen)
			req->dlen = 2 * PP_UNIT;
		req->dst = sgl_alloc(req->dlen, may_sleep ? GFP_KERNEL : GFP_ATOMIC, NULL);
		if (!req->dst)
			return -ENOMEM;
	}
	if (pp_acomp_offload(req, opcode))
		return -EINPROGRESS;
	return pp_soft_acomp(req, opcode == PP_OP_COMPRESS);
}

static int pp_acomp_compress(struct acomp_req *req)
{
	return pp_acomp_run(req, PP_OP_COMPRESS);
}

static int pp_acomp_decompress(struct acomp_req *req)
{
	return pp_acomp_run(req, PP_OP_DECOMPRESS);
}

static struct acomp_alg pp_acomp_alg = {
	.compress = pp_acomp_compress,
	.decompress = pp_acomp_decompress,
	.dst_free = sgl_free,
	.reqsize = sizeof(struct pp_acomp_request),
	.base = {
		.cra_name = "lz4",
		.cra_driver_name = "pagepress-lz4-acomp",
		.cra_priority = 400,	/* the kernel's own has 0 */
		.cra_flags = CRYPTO_ALG_ASYNC,
		.cra_module = THIS_MODULE,
	},
};

int pp_acomp_register(void)
{
	return crypto_register_acomp(&pp_acomp_alg);
}

void pp_acomp_unregister(void)
{
	crypto_unregister_acomp(&pp_acomp_alg);
}
