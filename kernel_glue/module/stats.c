// SPDX-License-Identifier: GPL-2.0-only
/* Counters of the module. Limitation: atomic, not per CPU: a page costs microseconds anyhow. */
#include <linux/export.h>

#include "pagepress.h"

static atomic64_t counts[PP_STAT_COUNT];

void pp_stat_add(enum pp_stat stat, u64 n)
{
	atomic64_add(n, &counts[stat]);
}
EXPORT_SYMBOL_GPL(pp_stat_add);

u64 pp_stat_read(enum pp_stat stat)
{
	return atomic64_read(&counts[stat]);
}

const char *pp_stat_name(enum pp_stat stat)
{
	static const char * const names[] = {
		[PP_STAT_hw_compress] = "hw_compress",
		[PP_STAT_hw_decompress] = "hw_decompress",
		[PP_STAT_hw_same_filled] = "hw_same_filled",
		[PP_STAT_hw_incompressible] = "hw_incompressible",
		[PP_STAT_submitted] = "submitted",
		[PP_STAT_completed] = "completed",
		[PP_STAT_doorbells] = "doorbells",
		[PP_STAT_interrupts] = "interrupts",
		[PP_STAT_polled] = "polled",
		[PP_STAT_bytes_in] = "bytes_in",
		[PP_STAT_bytes_out] = "bytes_out",
		[PP_STAT_sw_compress] = "sw_compress",
		[PP_STAT_sw_decompress] = "sw_decompress",
		[PP_STAT_sw_no_device] = "sw_no_device",
		[PP_STAT_sw_unfit] = "sw_unfit",
		[PP_STAT_sw_full] = "sw_full",
		[PP_STAT_sw_error] = "sw_error",
		[PP_STAT_sw_timeout] = "sw_timeout",
		[PP_STAT_timeouts] = "timeouts",
		[PP_STAT_quarantined] = "quarantined",
		[PP_STAT_late] = "late",
		[PP_STAT_lost_interrupts] = "lost_interrupts",
		[PP_STAT_wrong_output] = "wrong_output",
		[PP_STAT_resets] = "resets",
		[PP_STAT_lost_devices] = "lost_devices",
	};

	return names[stat];
}
