// SPDX-License-Identifier: GPL-2.0-only
/* Counters of the module. Limitation: atomic, not per CPU: a page costs microseconds anyhow. */
#include "pagepress.h"

static atomic64_t counts[PP_STAT_COUNT];

void pp_stat_add(enum pp_stat stat, u64 n)
{
	atomic64_add(n, &counts[stat]);
}

u64 pp_stat_read(enum pp_stat stat)
{
	return atomic64_read(&counts[stat]);
}

const char *pp_stat_name(enum pp_stat stat)
{
	static const char * const names[] = {
#define X(name) #name,
		PP_STATS(X)
#undef X
	};

	return names[stat];
}
