// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagepress: the module, and which device is used.
 *
 * The algorithms are registered once, whatever devices there are: without one they are software.
 * So a device can be taken away at any time, while the module goes only when nobody uses them.
 */
#include <linux/module.h>
#include <linux/rculist.h>

#include "pagepress.h"

struct workqueue_struct *pp_workqueue;

static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);	/* written with devices_lock, read with RCU */

/* ---- Devices ---- */

void pp_device_publish(struct pp_device *pp)
{
	mutex_lock(&devices_lock);
	list_add_tail_rcu(&pp->node, &devices);
	mutex_unlock(&devices_lock);
}

void pp_device_withdraw(struct pp_device *pp)
{
	mutex_lock(&devices_lock);
	list_del_rcu(&pp->node);
	mutex_unlock(&devices_lock);
	synchronize_rcu();
}

struct pp_device *pp_device_get(void)
{
	struct pp_device *pp, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(pp, &devices, node) {
		if (pp_device_runs(pp) && percpu_ref_tryget_live(&pp->users)) {
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
	err = pci_register_driver(&pp_pci_driver);
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
	pci_unregister_driver(&pp_pci_driver);
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
	pci_unregister_driver(&pp_pci_driver);
	pp_debugfs_exit();
	destroy_workqueue(pp_workqueue);
	pp_soft_exit();
}

module_init(pp_init);
module_exit(pp_exit);

MODULE_DESCRIPTION("pagepress page-compression engine");
MODULE_LICENSE("GPL");
