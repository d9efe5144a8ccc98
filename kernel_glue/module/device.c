// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as a whole: what it can do, stop and start, and the watchdog that finds lost
 * interrupts, ends units whose time is over and resets a device that has let one down.
 *
 * A device that does not come out of reset, or reads all ones, is dead: it loses bus mastering, so
 * that its DMA ends, and is not used again until it is probed anew, or somebody asks for a reset
 * of the function or writes "running" to its state in sysfs.
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
	pp->version = version;
	pp->features = pp_read(pp, PP_REG_FEATURES_LO);
	pp->operations = cap1 >> 16;
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
	/* All ones: there is nothing to wait for. */
	err = readl_poll_timeout(pp->regs + PP_REG_CTRL, value,
				 !(value & PP_CTRL_RESET) || value == ~0u, 20, PP_RESET_US);
	return err ?: pp_read(pp, PP_REG_ID) == PP_ID_VALUE ? 0 : -ENODEV;
}

/* ---- Stop and start; pp->lock is held ---- */

static void lose(struct pp_device *pp, const char *why)
{
	WRITE_ONCE(pp->dead, true);
	pp_count(lost_devices);
	dev_err(&pp->pdev->dev, "%s: no longer used\n", why);
	pci_clear_master(pp->pdev);
}

static void end_units(struct pp_device *pp)
{
	unsigned int i;

	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_fail(&pp->queues[i], !pp->dead);
}

/* From here on nothing is submitted, and what was is ended: the device is at rest, or dead. */
static void stop(struct pp_device *pp)
{
	unsigned int i;

	/* What has been completed is taken first: the reset keeps no completion back. */
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_reap(&pp->queues[i]);
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_stop(&pp->queues[i]);
	if (reset_hardware(pp))
		lose(pp, "does not come out of reset");
	end_units(pp);
}

/* After a reset: what a former kernel had told the device is forgotten before it may do DMA. */
static int start(struct pp_device *pp)
{
	unsigned int i;
	int err;

	pci_set_master(pp->pdev);
	pp_write(pp, PP_REG_CTRL, PP_CTRL_ENABLE);
	for (i = 0; i < 2 * pp->pairs; i++) {
		err = pp_queue_start(&pp->queues[i]);
		if (err)
			goto failed;
	}
	return 0;
failed:
	lose(pp, "its queues do not come up");
	while (i--)
		pp_queue_stop(&pp->queues[i]);
	end_units(pp);
	return err;
}

/* ---- Who wants the device at rest ---- */

void pp_device_hold(struct pp_device *pp, unsigned int why)
{
	mutex_lock(&pp->lock);
	if (pp_device_runs(pp))
		stop(pp);
	WRITE_ONCE(pp->held, pp->held | why);
	mutex_unlock(&pp->lock);
}

/* Starts it if nobody else holds it; a dead one is tried again. */
int pp_device_release(struct pp_device *pp, unsigned int why)
{
	int err = 0;

	mutex_lock(&pp->lock);
	if (!pp_device_runs(pp)) {
		WRITE_ONCE(pp->held, pp->held & ~why);
		if (!pp->held) {
			err = reset_hardware(pp);
			WRITE_ONCE(pp->dead, err);
			if (err)
				lose(pp, "does not come out of reset");
			else
				err = start(pp);
		}
	}
	mutex_unlock(&pp->lock);
	return err;
}

/* As pp_device_hold(), of a device whose registers cannot be reached: its slots stay out of use. */
void pp_device_isolate(struct pp_device *pp, unsigned int why)
{
	unsigned int i;

	mutex_lock(&pp->lock);
	WRITE_ONCE(pp->held, pp->held | why);
	WRITE_ONCE(pp->dead, true);
	for (i = 0; i < 2 * pp->pairs; i++)
		pp_queue_stop(&pp->queues[i]);
	end_units(pp);
	mutex_unlock(&pp->lock);
}

/* ---- Watchdog ---- */

static void reset_work(struct work_struct *work)
{
	struct pp_device *pp = container_of(work, struct pp_device, reset);

	mutex_lock(&pp->lock);
	if (pp_device_runs(pp)) {
		dev_notice(&pp->pdev->dev, "a unit has timed out: reset\n");
		stop(pp);
		if (!pp->dead)
			start(pp);
		pp_count(resets);
	}
	mutex_unlock(&pp->lock);
}

static void watch(struct work_struct *work)
{
	struct pp_device *pp = container_of(to_delayed_work(work), struct pp_device, watchdog);
	bool again = false, expired = false;
	unsigned int i;

	for (i = 0; i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];

		again |= pp_queue_watch(q);
		expired |= pp_queue_expire(q);
	}
	if (expired)
		queue_work(pp_workqueue, &pp->reset);
	if (again)
		pp_device_arm_watchdog(pp);
}

void pp_device_arm_watchdog(struct pp_device *pp)
{
	queue_delayed_work(pp_workqueue, &pp->watchdog,
			   msecs_to_jiffies(READ_ONCE(pp_timeout_ms) / 4) + 1);
}

void pp_device_init(struct pp_device *pp)
{
	mutex_init(&pp->lock);
	init_completion(&pp->idle);
	INIT_DELAYED_WORK(&pp->watchdog, watch);
	INIT_WORK(&pp->reset, reset_work);
	pp->held = PP_HOLD_PROBE;
}

/* With pp->lock held, as a counter is selected and then read. */
u64 pp_device_counter(struct pp_device *pp, u32 scope, u32 instance, u32 counter)
{
	u64 low;

	pp_write(pp, PP_REG_PERF_SELECT, scope << 28 | instance << 16 | counter);
	low = pp_read(pp, PP_REG_PERF_LO);
	return (u64)pp_read(pp, PP_REG_PERF_HI) << 32 | low;
}
