// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagepress: the PCI driver, and which device is used.
 *
 * The algorithms are registered once, whatever devices there are: without one they are software.
 * So a device can be taken away at any time, while the module goes only when nobody uses them.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/rculist.h>

#include "pagepress.h"

unsigned int pp_timeout_ms = 2000;
module_param_named(timeout_ms, pp_timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms, "time for a unit, then software does it and the device is reset [ms]");

unsigned int pp_poll_timeout_us = 100000;
module_param_named(poll_timeout_us, pp_poll_timeout_us, uint, 0644);
MODULE_PARM_DESC(poll_timeout_us, "time for a unit that a CPU spins for (zram) [us]");

bool pp_verify = true;
module_param_named(verify, pp_verify, bool, 0644);
MODULE_PARM_DESC(verify, "the engine decodes and compares what it has compressed, if it can");

unsigned int pp_depth_log2 = 8;
module_param_named(depth_log2, pp_depth_log2, uint, 0444);
MODULE_PARM_DESC(depth_log2, "units in flight in a queue, as a power of two (5 to 14)");

struct workqueue_struct *pp_workqueue;

static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);	/* written with devices_lock, read with RCU */

/* ---- Use ---- */

struct pp_device *pp_device_get(void)
{
	struct pp_device *pp, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(pp, &devices, node) {
		if (!READ_ONCE(pp->dead) && percpu_ref_tryget_live(&pp->users)) {
			found = pp;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(pp_device_get);

void pp_device_put(struct pp_device *pp)
{
	percpu_ref_put(&pp->users);
}
EXPORT_SYMBOL_GPL(pp_device_put);

/* Decompression, which a fault waits for, has queues of its own. */
struct pp_queue *pp_device_queue(struct pp_device *pp, u8 opcode)
{
	const unsigned int pair = raw_smp_processor_id() % pp->pairs;

	return &pp->queues[2 * pair + (opcode == PP_OP_DECOMPRESS)];
}
EXPORT_SYMBOL_GPL(pp_device_queue);

/* ---- Interrupts ---- */

static void complete_units(struct tasklet_struct *tasklet)
{
	struct pp_queue *q = container_of(tasklet, struct pp_queue, tasklet);

	pp_queue_reap(q);
}

static irqreturn_t interrupt(int irq, void *data)
{
	struct pp_queue *q = data;

	pp_count(interrupts);
	tasklet_schedule(&q->tasklet);
	return IRQ_HANDLED;
}

/* ---- Probe ---- */

static void no_more_users(struct percpu_ref *ref)
{
	struct pp_device *pp = container_of(ref, struct pp_device, users);

	complete(&pp->idle);
}

static int set_up_queues(struct pp_device *pp)
{
	struct device *dev = &pp->pdev->dev;
	const u32 cap0 = pp_read(pp, PP_REG_CAP0);
	const unsigned int deepest = cap0 >> 16 & 0x1f;	/* the completion ring is twice as deep */
	unsigned int i;
	int vectors, err;

	pp->pairs = min_t(unsigned int, num_possible_cpus(), (cap0 & 0x1ff) / 2);
	if (!pp->pairs || deepest < 6)
		return -ENODEV;
	pp->queues = devm_kcalloc(dev, 2 * pp->pairs, sizeof(*pp->queues), GFP_KERNEL);
	if (!pp->queues)
		return -ENOMEM;
	vectors = pci_alloc_irq_vectors(pp->pdev, 1, 2 * pp->pairs, PCI_IRQ_MSIX);
	if (vectors < 0)
		return vectors;
	for (i = 0; i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];

		q->index = i;
		q->log2 = clamp(pp_depth_log2, 5u, min(deepest - 1, 14u));
		q->class = (pp->features & PP_FEAT_PRIORITY) && (i & 1) ? 7 : 0;
		q->vector = i % vectors;
		tasklet_setup(&q->tasklet, complete_units);
		err = pp_queue_alloc(pp, q);
		if (err)
			return err;
		err = request_irq(pci_irq_vector(pp->pdev, q->vector), interrupt, IRQF_SHARED,
				  KBUILD_MODNAME, q);
		if (err) {
			pp_queue_free(q);
			return err;
		}
	}
	return 0;
}

/* Also of queues that were set up in part. */
static void tear_down_queues(struct pp_device *pp)
{
	unsigned int i;

	for (i = 0; pp->queues && i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];

		if (!q->sq)
			break;
		free_irq(pci_irq_vector(pp->pdev, q->vector), q);
		tasklet_kill(&q->tasklet);
		pp_queue_free(q);
	}
	pci_free_irq_vectors(pp->pdev);
}

static int map_device(struct pci_dev *pdev, struct pp_device *pp)
{
	int err = pcim_enable_device(pdev);

	if (err)
		return err;
	err = pcim_iomap_regions(pdev, BIT(PP_BAR_REGISTERS), KBUILD_MODNAME);
	if (err)
		return err;
	pp->regs = pcim_iomap_table(pdev)[PP_BAR_REGISTERS];
	return dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
}

static int pp_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct pp_device *pp = devm_kzalloc(&pdev->dev, sizeof(*pp), GFP_KERNEL);
	int err;

	if (!pp)
		return -ENOMEM;
	pp->pdev = pdev;
	pci_set_drvdata(pdev, pp);
	pp_device_init_work(pp);
	init_completion(&pp->idle);
	err = map_device(pdev, pp);
	if (err)
		return err;
	err = pp_device_identify(pp);
	if (err)
		return err;
	err = percpu_ref_init(&pp->users, no_more_users, 0, GFP_KERNEL);
	if (err)
		return err;
	pci_set_master(pdev);
	err = set_up_queues(pp);
	if (!err) {
		mutex_lock(&pp->lock);
		pp_device_stop(pp);	/* whatever state it was left in */
		err = pp_device_start(pp);
		mutex_unlock(&pp->lock);
	}
	if (err) {
		dev_err(&pdev->dev, "cannot be started: %d\n", err);
		pci_clear_master(pdev);
		tear_down_queues(pp);
		percpu_ref_exit(&pp->users);
		return err;
	}
	pp_debugfs_add(pp);
	mutex_lock(&devices_lock);
	list_add_tail_rcu(&pp->node, &devices);
	mutex_unlock(&devices_lock);
	dev_info(&pdev->dev, "%u pairs of queues, %u units each\n", pp->pairs,
		 1u << pp->queues[0].log2);
	return 0;
}

static void pp_remove(struct pci_dev *pdev)
{
	struct pp_device *pp = pci_get_drvdata(pdev);

	mutex_lock(&devices_lock);
	list_del_rcu(&pp->node);
	mutex_unlock(&devices_lock);
	synchronize_rcu();
	pp_debugfs_remove(pp);
	/* Who has a unit in flight gets it back as failed, and does it in software. */
	mutex_lock(&pp->lock);
	pp_device_stop(pp);
	mutex_unlock(&pp->lock);
	percpu_ref_kill(&pp->users);
	wait_for_completion(&pp->idle);
	cancel_work_sync(&pp->reset);
	cancel_delayed_work_sync(&pp->watchdog);
	cancel_work_sync(&pp->reset);	/* which the watchdog may have asked for */
	pci_clear_master(pdev);
	tear_down_queues(pp);
	percpu_ref_exit(&pp->users);
}

/* ---- A reset of the function by whoever asks for one (sysfs, vfio, AER) ---- */

static void pp_reset_prepare(struct pci_dev *pdev)
{
	struct pp_device *pp = pci_get_drvdata(pdev);

	mutex_lock(&pp->lock);
	pp_device_stop(pp);
}

static void pp_reset_done(struct pci_dev *pdev)
{
	struct pp_device *pp = pci_get_drvdata(pdev);

	pp_device_start(pp);
	mutex_unlock(&pp->lock);
	pp_count(resets);
}

static const struct pci_error_handlers pp_error_handlers = {
	.reset_prepare = pp_reset_prepare,
	.reset_done = pp_reset_done,
};

static const struct pci_device_id pp_ids[] = {
	{ PCI_DEVICE(PP_PCI_VENDOR_ID, PP_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, pp_ids);

static struct pci_driver pp_driver = {
	.name = KBUILD_MODNAME,
	.id_table = pp_ids,
	.probe = pp_probe,
	.remove = pp_remove,
	.err_handler = &pp_error_handlers,
};

/* ---- The module ---- */

static int __init pp_init(void)
{
	int err = pp_soft_init();

	if (err)
		return err;
	/* A fallback may be what frees memory: it must not wait for any. */
	pp_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!pp_workqueue) {
		err = -ENOMEM;
		goto soft;
	}
	pp_debugfs_init();
	err = pci_register_driver(&pp_driver);
	if (err)
		goto workqueue;
	/* After the devices, so that the kernel's self-tests have one. */
	err = pp_acomp_register();
	if (err)
		goto driver;
	err = pp_comp_register();
	if (err)
		goto acomp;
	return 0;
acomp:
	pp_acomp_unregister();
driver:
	pci_unregister_driver(&pp_driver);
workqueue:
	pp_debugfs_exit();
	destroy_workqueue(pp_workqueue);
soft:
	pp_soft_exit();
	return err;
}

static void __exit pp_exit(void)
{
	pp_comp_unregister();
	pp_acomp_unregister();
	pci_unregister_driver(&pp_driver);
	pp_debugfs_exit();
	destroy_workqueue(pp_workqueue);
	pp_soft_exit();
}

module_init(pp_init);
module_exit(pp_exit);

MODULE_DESCRIPTION("pagepress page-compression engine");
MODULE_LICENSE("GPL");
