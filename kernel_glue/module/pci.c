// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI driver: probe and remove, interrupts, and who else stops a device for a while: resets of
 * the function, errors of the bus, sleep, a new kernel (kexec).
 *
 * CPUs that come and go need nothing: queues are there for all possible ones, and a vector's
 * interrupts go where the kernel moves them. Limitation: bus errors have not been tried.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>

#include "pagepress.h"

/* ---- Interrupts ---- */

static void complete_units(struct tasklet_struct *tasklet)
{
	struct pp_queue *q = container_of(tasklet, struct pp_queue, tasklet);

	/* Before the look at the ring: what comes later is not served yet (pp_queue_watch()). */
	WRITE_ONCE(q->irqs_served, READ_ONCE(q->irqs));
	pp_queue_reap(q);
}

static irqreturn_t interrupt(int irq, void *data)
{
	struct pp_queue *q = data;

	pp_count(interrupts);
	WRITE_ONCE(q->irqs, q->irqs + 1);
	tasklet_schedule(&q->tasklet);
	return IRQ_HANDLED;
}

/* ---- Probe ---- */

static void no_more_users(struct percpu_ref *ref)
{
	struct pp_device *pp = container_of(ref, struct pp_device, users);

	complete(&pp->idle);
}

static int set_up_queue(struct pp_device *pp, struct pp_queue *q)
{
	int err = pp_queue_alloc(pp, q);

	/* The buffers lie in one piece, which there may not be under pressure: then fewer. */
	while (err == -ENOMEM && q->log2 > PP_DEPTH_MIN) {
		q->log2--;
		err = pp_queue_alloc(pp, q);
	}
	if (err)
		return err;
	tasklet_setup(&q->tasklet, complete_units);
	err = request_irq(pci_irq_vector(pp->pdev, q->vector), interrupt, IRQF_SHARED,
			  KBUILD_MODNAME, q);
	if (err)
		pp_queue_free(q);
	return err;
}

static int set_up_queues(struct pp_device *pp)
{
	const u32 cap0 = pp_read(pp, PP_REG_CAP0);
	const unsigned int deepest = cap0 >> 16 & 0x1f;	/* the completion ring is twice as deep */
	unsigned int i;
	int vectors, err;

	pp->pairs = min_t(unsigned int, num_possible_cpus(), (cap0 & 0x1ff) / 2);
	if (!pp->pairs || deepest <= PP_DEPTH_MIN)
		return -ENODEV;
	pp->queues = devm_kcalloc(&pp->pdev->dev, 2 * pp->pairs, sizeof(*pp->queues), GFP_KERNEL);
	if (!pp->queues)
		return -ENOMEM;
	vectors = pci_alloc_irq_vectors(pp->pdev, 1, 2 * pp->pairs, PCI_IRQ_MSIX);
	if (vectors < 0)
		return vectors;
	for (i = 0; i < 2 * pp->pairs; i++) {
		struct pp_queue *q = &pp->queues[i];

		q->index = i;
		q->log2 = min(pp_depth_log2, deepest - 1);
		q->class = (pp->features & PP_FEAT_PRIORITY) && (i & 1) ? 7 : 0;
		q->vector = i % vectors;
		err = set_up_queue(pp, q);
		if (err)
			return err;
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

static void undo_probe(struct pp_device *pp)
{
	pci_clear_master(pp->pdev);
	tear_down_queues(pp);
	percpu_ref_exit(&pp->users);
}

static int pp_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct pp_device *pp = devm_kzalloc(&pdev->dev, sizeof(*pp), GFP_KERNEL);
	int err;

	if (!pp)
		return -ENOMEM;
	pp->pdev = pdev;
	pci_set_drvdata(pdev, pp);
	pp_device_init(pp);
	err = map_device(pdev, pp);
	if (err)
		return err;
	err = pp_device_identify(pp);
	if (err)
		return err;
	err = percpu_ref_init(&pp->users, no_more_users, 0, GFP_KERNEL);
	if (err)
		return err;
	err = set_up_queues(pp);
	if (!err)
		err = pp_device_release(pp, PP_HOLD_PROBE);
	if (err) {
		dev_err(&pdev->dev, "cannot be started: %d\n", err);
		undo_probe(pp);
		return err;
	}
	pci_save_state(pdev);	/* for pp_slot_reset() */
	pp_debugfs_add(pp);
	pp_device_publish(pp);
	dev_info(&pdev->dev, "%u pairs of queues, %u units each\n", pp->pairs,
		 1u << pp->queues[0].log2);
	return 0;
}

static void pp_remove(struct pci_dev *pdev)
{
	struct pp_device *pp = pci_get_drvdata(pdev);

	pp_device_withdraw(pp);
	pp_debugfs_remove(pp);
	/* Who has a unit in flight gets it back as failed, and does it in software. */
	pp_device_hold(pp, PP_HOLD_PROBE);
	percpu_ref_kill(&pp->users);
	wait_for_completion(&pp->idle);
	cancel_delayed_work_sync(&pp->watchdog);
	cancel_work_sync(&pp->reset);	/* which the watchdog may have asked for */
	undo_probe(pp);
}

/* Before another kernel takes over: no DMA into its memory. */
static void pp_shutdown(struct pci_dev *pdev)
{
	pp_device_hold(pci_get_drvdata(pdev), PP_HOLD_SHUTDOWN);
	pci_clear_master(pdev);
}

/* ---- Sleep ---- */

static int pp_suspend(struct device *dev)
{
	pp_device_hold(dev_get_drvdata(dev), PP_HOLD_SLEEP);
	return 0;
}

static int pp_resume(struct device *dev)
{
	/* One that does not wake up is dead, and software goes on: no reason to fail the resume. */
	pp_device_release(dev_get_drvdata(dev), PP_HOLD_SLEEP);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(pp_pm_ops, pp_suspend, pp_resume);

/* ---- A reset of the function by whoever asks for one (sysfs, vfio) ---- */

static void pp_reset_prepare(struct pci_dev *pdev)
{
	pp_device_hold(pci_get_drvdata(pdev), PP_HOLD_RESET);
}

static void pp_reset_done(struct pci_dev *pdev)
{
	pp_device_release(pci_get_drvdata(pdev), PP_HOLD_RESET);
	pp_count(resets);
}

/* ---- Errors of the bus (AER) ---- */

static pci_ers_result_t pp_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	pp_device_isolate(pci_get_drvdata(pdev), PP_HOLD_RESET);
	return state == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT :
						      PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t pp_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	pci_save_state(pdev);	/* which restoring has used up */
	return pp_device_release(pci_get_drvdata(pdev), PP_HOLD_RESET) ?
		PCI_ERS_RESULT_DISCONNECT : PCI_ERS_RESULT_RECOVERED;
}

static const struct pci_error_handlers pp_error_handlers = {
	.error_detected = pp_error_detected,
	.slot_reset = pp_slot_reset,
	.reset_prepare = pp_reset_prepare,
	.reset_done = pp_reset_done,
};

static const struct pci_device_id pp_ids[] = {
	{ PCI_DEVICE(PP_PCI_VENDOR_ID, PP_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, pp_ids);

struct pci_driver pp_pci_driver = {
	.name = KBUILD_MODNAME,
	.id_table = pp_ids,
	.probe = pp_probe,
	.remove = pp_remove,
	.shutdown = pp_shutdown,
	.dev_groups = pp_sysfs_groups,
	.driver.pm = pm_sleep_ptr(&pp_pm_ops),
	.err_handler = &pp_error_handlers,
};
