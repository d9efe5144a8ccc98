// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as a whole: what it can do, stop and start, and the watchdog that finds lost
 * interrupts, ends units whose time is over and resets a device that has let one down.
 *
 * A device that does not come out of reset, or reads all ones, is dead: it is not used again until
 * it is probed anew, and loses bus mastering, so that its DMA ends.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>

#include "pagepress.h"

#define PP_RESET_US (1000 * 1000)

int pp_device_identify(struct pp_device *pp)
{
	const u32 needed_ops = (BIT(PP_OP_COMPRESS) | BIT(PP_OP_DECOMPRESS)) << 16;
	const u32 id = pp_read(pp, PP_REG_ID), version = pp_read(pp, PP_REG_VERSION);
	const u32 cap1 = pp_read(pp, PP_REG_CAP1);

	if (id != PP_ID_VALUE || version >> 16 != PP_VERSION_MAJOR) {
		dev_err(&pp->pdev->dev, "identity %#x, version %#x: not this driver's\n", id,
			version);
		return -ENODEV;
	}
	pp->features = pp_read(pp, PP_REG_FEATURES_LO);
	pp->can_verify = cap1 >> 16 & BIT(PP_OP_COMPRESS_VERIFY);
	if (!(cap1 & BIT(PP_ALG_LZ4_BLOCK)) || (cap1 & needed_ops) != needed_ops ||
	    !(pp->features & PP_FEAT_IRQ) || !(pp->features & PP_FEAT_UNALIGNED)) {
		dev_err(&pp->pdev->dev, "lacks what is needed: CAP1 %#x, features %#x\n", cap1,
			pp->features);
		return -ENODEV;
	}
	return 0;
}

static int reset_hardware(struct pp_device *pp)
{
	u32 value;
	int err;

	pp_write(pp, PP_REG_CTRL, PP_CTRL_RESET);
	err = readl_poll_timeout(pp->regs + PP_REG_CTRL, value, !(value & PP_CTRL_RESET), 20,
				 PP_RESET_US);
	return err ?: pp_read(pp, PP_REG_ID) == PP_ID_VALUE ? 0 : -ENODEV;
}

/* The three below with pp->lock held. */

/* From here on nothing is submitted, and what was is ended: the device is at rest, or dead. */
void pp_device_stop(struct pp_device *pp)
{
	unsigned int i;

	/* What has been completed is taken first: the reset keeps no completion back. */
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_reap(&pp->queues[i]);
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_stop(&pp->queues[i]);
	if (!pp->dead && reset_hardware(pp)) {
		pp->dead = true;
		pp_count(lost_devices);
		dev_err(&pp->pdev->dev, "does not come out of reset: no longer used\n");
		pci_clear_master(pp->pdev);
	}
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_fail(&pp->queues[i], !pp->dead);
}

int pp_device_start(struct pp_device *pp)
{
	unsigned int i;
	int err;

	if (pp->dead)
		return -EIO;
	pp_write(pp, PP_REG_CTRL, PP_CTRL_ENABLE);
	for (i = 0; i < 2 * pp->pairs; i++) {
		err = pp_queue_start(&pp->queues[i]);
		if (err)
			goto failed;
	}
	return 0;
failed:
	dev_err(&pp->pdev->dev, "queue %u does not start: no longer used\n", i);
	pp->dead = true;
	pci_clear_master(pp->pdev);
	while (i--) {
		pp_queue_stop(&pp->queues[i]);
		pp_queue_fail(&pp->queues[i], false);
	}
	return err;
}

int pp_device_restart(struct pp_device *pp)
{
	int err;

	mutex_lock(&pp->lock);
	pp_device_stop(pp);
	err = pp_device_start(pp);
	mutex_unlock(&pp->lock);
	pp_count(resets);
	return err;
}

/* ---- Watchdog ---- */

static void reset_work(struct work_struct *work)
{
	struct pp_device *pp = container_of(work, struct pp_device, reset);

	if (pp->dead)
		return;
	dev_notice(&pp->pdev->dev, "a unit has timed out: reset\n");
	pp_device_restart(pp);
}

static void watch(struct work_struct *work)
{
	struct pp_device *pp = container_of(to_delayed_work(work), struct pp_device, watchdog);
	bool busy = false, expired = false;
	unsigned int i;

	for (i = 0; i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];
		const unsigned int found = pp_queue_reap(q);

		if (found)
			pp_count_n(lost_interrupts, found);
		expired |= pp_queue_expire(q);
		busy |= pp_queue_busy(q);
	}
	if (expired)
		queue_work(pp_workqueue, &pp->reset);
	if (busy)
		pp_device_arm_watchdog(pp);
}

void pp_device_arm_watchdog(struct pp_device *pp)
{
	queue_delayed_work(pp_workqueue, &pp->watchdog, msecs_to_jiffies(pp_timeout_ms / 4) + 1);
}

void pp_device_init_work(struct pp_device *pp)
{
	mutex_init(&pp->lock);
	INIT_DELAYED_WORK(&pp->watchdog, watch);
	INIT_WORK(&pp->reset, reset_work);
}

/* With pp->lock held, as a counter is selected and then read. */
u64 pp_device_counter(struct pp_device *pp, u32 scope, u32 instance, u32 counter)
{
	u64 low;

	pp_write(pp, PP_REG_PERF_SELECT, scope << 28 | instance << 16 | counter);
	low = pp_read(pp, PP_REG_PERF_LO);
	return (u64)pp_read(pp, PP_REG_PERF_HI) << 32 | low;
}
