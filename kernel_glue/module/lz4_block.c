// SPDX-License-Identifier: GPL-2.0-only
/*
 * LZ4 blocks of a unit that need no search for matches: one repeated word, and literals only.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
#include <linux/string.h>

#include "pagepress.h"

/* What a length of 15 in a token leaves to be said. */
static u8 *put_length(u8 *to, unsigned int rest)
{
	for (; rest >= 255; rest -= 255)
		*to++ = 255;
	*to++ = rest;
	return to;
}

/* The word, a match of it over all but the last one, which must be literals. */
void pp_lz4_filled(u8 *dst, u64 word)
{
	const unsigned int match = PP_UNIT - 2 * sizeof(word);
	u8 *to = dst;

	*to++ = sizeof(word) << 4 | 15;
	memcpy(to, &word, sizeof(word));
	to += sizeof(word);
	*to++ = sizeof(word);	/* the offset, little-endian */
	*to++ = 0;
	to = put_length(to, match - 4 - 15);
	*to++ = sizeof(word) << 4;
	memcpy(to, &word, sizeof(word));
}

void pp_lz4_literal(u8 *dst, const u8 *src)
{
	*dst = 15 << 4;
	memcpy(put_length(dst + 1, PP_UNIT - 15), src, PP_UNIT);
}
