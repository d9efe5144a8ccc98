// SPDX-License-Identifier: GPL-2.0-only
/*
 * "lz4" as a synchronous compression of the crypto API: what zram used up to 6.11. It is called
 * with preemption disabled, so the CPU spins (polled.c).
 */
#include <crypto/algapi.h>
#include <linux/module.h>

#include "pagepress.h"

static int pp_comp_compress(struct crypto_tfm *tfm, const u8 *src, unsigned int slen, u8 *dst,
			    unsigned int *dlen)
{
	return pp_polled_compress(src, slen, dst, dlen);
}

static int pp_comp_decompress(struct crypto_tfm *tfm, const u8 *src, unsigned int slen, u8 *dst,
			      unsigned int *dlen)
{
	return pp_polled_decompress(src, slen, dst, dlen);
}

static struct crypto_alg pp_comp_alg = {
	.cra_name = "lz4",
	.cra_driver_name = "pagepress-lz4-comp",
	.cra_priority = 400,
	.cra_flags = CRYPTO_ALG_TYPE_COMPRESS,
	.cra_module = THIS_MODULE,
	.cra_u.compress = {
		.coa_compress = pp_comp_compress,
		.coa_decompress = pp_comp_decompress,
	},
};

int pp_comp_register(void)
{
	return crypto_register_alg(&pp_comp_alg);
}

void pp_comp_unregister(void)
{
	crypto_unregister_alg(&pp_comp_alg);
}
