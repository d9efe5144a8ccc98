// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/pagepress/
 *   stats               counters of the module: a line "name value" each
 *   DEVICE/counters     the device's own
 *   DEVICE/registers    state of the device and of its queues
 *   DEVICE/inject       write "KIND SKIP HITS ARGUMENT [QUEUE]": a fault (docs/abi.md,
 *                       PP_INJECT_*); without a queue of all of them
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "pagepress.h"

static struct dentry *root;

static int stats_show(struct seq_file *file, void *unused)
{
	int i;

	for (i = 0; i < PP_STAT_COUNT; i++)
		seq_printf(file, "%s %llu\n", pp_stat_name(i), pp_stat_read(i));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int counters_show(struct seq_file *file, void *unused)
{
	static const struct {
		const char *name;
		u32 counter;
	} counters[] = {
		{ "submitted", PP_PERF_SUBMITTED },
		{ "completed", PP_PERF_COMPLETED },
		{ "bytes_in", PP_PERF_BYTES_IN },
		{ "bytes_out", PP_PERF_BYTES_OUT },
		{ "interrupts", PP_PERF_INTERRUPTS },
		{ "ok", PP_PERF_STATUS_BASE + PP_STATUS_OK },
		{ "same_filled", PP_PERF_STATUS_BASE + PP_STATUS_SAME_FILLED },
		{ "incompressible", PP_PERF_STATUS_BASE + PP_STATUS_INCOMPRESSIBLE },
		{ "malformed", PP_PERF_STATUS_BASE + PP_STATUS_MALFORMED },
		{ "dma_fault", PP_PERF_STATUS_BASE + PP_STATUS_DMA_FAULT },
		{ "bad_descriptor", PP_PERF_STATUS_BASE + PP_STATUS_BAD_DESCRIPTOR },
		{ "internal", PP_PERF_STATUS_BASE + PP_STATUS_INTERNAL },
	};
	struct pp_device *pp = file->private;
	unsigned int i;

	mutex_lock(&pp->lock);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(file, "%s %llu\n", counters[i].name,
			   pp_device_counter(pp, PP_PERF_SCOPE_DEVICE, 0, counters[i].counter));
	mutex_unlock(&pp->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int registers_show(struct seq_file *file, void *unused)
{
	struct pp_device *pp = file->private;
	unsigned int i;

	mutex_lock(&pp->lock);
	seq_printf(file, "dead %d\nstate %#x\nerrors %u\n", pp->dead, pp_read(pp, PP_REG_STATE),
		   pp_read(pp, PP_REG_ERR_COUNT));
	for (i = 0; i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];

		seq_printf(file, "queue %u state %#x free %u of %u sq_tail %u cq_head %u\n", i,
			   pp_read(pp, PP_QUEUE_BASE + i * PP_QUEUE_STRIDE + PP_Q_STATE),
			   READ_ONCE(q->free_count), 1u << q->log2, READ_ONCE(q->sq_tail),
			   READ_ONCE(q->cq_head));
	}
	mutex_unlock(&pp->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

static ssize_t inject_write(struct file *file, const char __user *from, size_t count,
			    loff_t *position)
{
	struct pp_device *pp = file->private_data;
	unsigned int kind, skip, hits, argument, queue = PP_INJECT_ALL_QUEUES;
	char text[64] = "";

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	if (sscanf(text, "%u %u %u %u %u", &kind, &skip, &hits, &argument, &queue) < 4 ||
	    kind > 0xff || skip > 0xffff || hits > 0xffff || queue > 0xffff)
		return -EINVAL;
	if (!(pp->features & PP_FEAT_INJECTION))
		return -EOPNOTSUPP;
	mutex_lock(&pp->lock);
	pp_write(pp, PP_REG_INJECT_ARG, argument);
	pp_write(pp, PP_REG_INJECT_COUNT, hits << 16 | skip);
	pp_write(pp, PP_REG_INJECT, PP_INJECT_ARMED | queue << 8 | kind);
	mutex_unlock(&pp->lock);
	return count;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = inject_write,
};

void pp_debugfs_init(void)
{
	root = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("stats", 0444, root, NULL, &stats_fops);
}

void pp_debugfs_exit(void)
{
	debugfs_remove(root);
}

void pp_debugfs_add(struct pp_device *pp)
{
	pp->debugfs = debugfs_create_dir(pci_name(pp->pdev), root);
	debugfs_create_file("counters", 0400, pp->debugfs, pp, &counters_fops);
	debugfs_create_file("registers", 0400, pp->debugfs, pp, &registers_fops);
	debugfs_create_file("inject", 0200, pp->debugfs, pp, &inject_fops);
}

void pp_debugfs_remove(struct pp_device *pp)
{
	debugfs_remove(pp->debugfs);
}
