// SPDX-License-Identifier: GPL-2.0-only
/* Module parameters of pagepress.ko. A value out of its range is refused: -EINVAL. */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "pagepress.h"

static int set_in_range(const char *text, const struct kernel_param *param)
{
	const struct pp_range *range = param->arg;
	unsigned int value;

	if (kstrtouint(text, 0, &value) || value < range->least || value > range->most) {
		pr_err("%s: %.20s: not from %u to %u\n", param->name, text, range->least,
		       range->most);
		return -EINVAL;
	}
	WRITE_ONCE(*range->value, value);
	return 0;
}

static int show_range(char *to, const struct kernel_param *param)
{
	const struct pp_range *range = param->arg;

	return sysfs_emit(to, "%u\n", READ_ONCE(*range->value));
}

const struct kernel_param_ops pp_range_ops = { .set = set_in_range, .get = show_range };
EXPORT_SYMBOL_GPL(pp_range_ops);

unsigned int pp_timeout_ms = 2000;
static const struct pp_range timeout_ms = { &pp_timeout_ms, 10, 60 * 1000 };
module_param_cb(timeout_ms, &pp_range_ops, (void *)&timeout_ms, 0644);
MODULE_PARM_DESC(timeout_ms, "time for a unit, then software does it and the device is reset [ms]");

unsigned int pp_poll_timeout_us = 100 * 1000;
static const struct pp_range poll_timeout_us = { &pp_poll_timeout_us, 10, 10 * 1000 * 1000 };
module_param_cb(poll_timeout_us, &pp_range_ops, (void *)&poll_timeout_us, 0644);
MODULE_PARM_DESC(poll_timeout_us, "time for a unit that a CPU spins for (zram) [us]");

unsigned int pp_depth_log2 = 8;
static const struct pp_range depth_log2 = { &pp_depth_log2, PP_DEPTH_MIN, PP_DEPTH_MAX };
module_param_cb(depth_log2, &pp_range_ops, (void *)&depth_log2, 0444);
MODULE_PARM_DESC(depth_log2, "units in flight in a queue, as a power of two (5 to 14)");

bool pp_verify = true;
module_param_named(verify, pp_verify, bool, 0644);
MODULE_PARM_DESC(verify, "the engine decodes and compares what it has compressed, if it can");

bool pp_check_decompress;
module_param_named(check_decompress, pp_check_decompress, bool, 0644);
MODULE_PARM_DESC(check_decompress, "software decodes and compares what the engine has decompressed");
