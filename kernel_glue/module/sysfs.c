// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/pci/devices/DEVICE/pagepress/: what the device is and how it fares. The attributes are
 * described in sysfs-bus-pci-pagepress, as the kernel's Documentation/ABI/testing has it.
 */
#include <linux/sysfs.h>

#include "pagepress.h"

static struct pp_device *device_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static ssize_t version_show(struct device *dev, struct device_attribute *attr, char *to)
{
	const u32 version = device_of(dev)->version;

	return sysfs_emit(to, "%u.%u\n", version >> 16, version & 0xffff);
}
static DEVICE_ATTR_RO(version);

static ssize_t features_show(struct device *dev, struct device_attribute *attr, char *to)
{
	return sysfs_emit(to, "%#x\n", device_of(dev)->features);
}
static DEVICE_ATTR_RO(features);

static ssize_t op_cap_show(struct device *dev, struct device_attribute *attr, char *to)
{
	return sysfs_emit(to, "%#x\n", device_of(dev)->operations);
}
static DEVICE_ATTR_RO(op_cap);

static ssize_t queue_pairs_show(struct device *dev, struct device_attribute *attr, char *to)
{
	return sysfs_emit(to, "%u\n", device_of(dev)->pairs);
}
static DEVICE_ATTR_RO(queue_pairs);

static ssize_t queue_depth_show(struct device *dev, struct device_attribute *attr, char *to)
{
	return sysfs_emit(to, "%u\n", pp_queue_depth(&device_of(dev)->queues[0]));
}
static DEVICE_ATTR_RO(queue_depth);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *to)
{
	struct pp_device *pp = device_of(dev);

	return sysfs_emit(to, "%s\n", READ_ONCE(pp->dead) ? "dead" :
			  pp_device_runs(pp) ? "running" : "stopped");
}

static ssize_t state_store(struct device *dev, struct device_attribute *attr, const char *from,
			   size_t count)
{
	int err = 0;

	if (sysfs_streq(from, "stopped"))
		pp_device_hold(device_of(dev), PP_HOLD_ADMIN);
	else if (sysfs_streq(from, "running"))
		err = pp_device_release(device_of(dev), PP_HOLD_ADMIN);
	else
		err = -EINVAL;
	return err ?: count;
}
static DEVICE_ATTR_RW(state);

/* Of a device that is dead or asleep the registers are not read. */
static int read_if_alive(struct pp_device *pp, u32 *values, const u32 *offsets, unsigned int count)
{
	unsigned int i;
	int err = 0;

	if (!(pp->features & PP_FEAT_ERROR_LOG))
		return -EOPNOTSUPP;
	mutex_lock(&pp->lock);
	if (pp->dead || (pp->held & PP_HOLD_SLEEP))
		err = -ENXIO;
	for (i = 0; !err && i < count; i++)
		values[i] = pp_read(pp, offsets[i]);
	mutex_unlock(&pp->lock);
	return err;
}

static ssize_t error_count_show(struct device *dev, struct device_attribute *attr, char *to)
{
	const u32 offset = PP_REG_ERR_COUNT;
	u32 count;
	int err = read_if_alive(device_of(dev), &count, &offset, 1);

	return err ?: sysfs_emit(to, "%u\n", count);
}
static DEVICE_ATTR_RO(error_count);

static ssize_t first_error_show(struct device *dev, struct device_attribute *attr, char *to)
{
	static const u32 offsets[] = {
		PP_REG_ERR_STATUS, PP_REG_ERR_COND, PP_REG_ERR_INDEX, PP_REG_ERR_ADDR_LO,
		PP_REG_ERR_ADDR_HI,
	};
	u32 log[ARRAY_SIZE(offsets)];
	int err = read_if_alive(device_of(dev), log, offsets, ARRAY_SIZE(offsets));

	if (err)
		return err;
	if (!(log[0] & PP_ERR_STATUS_VALID))
		return sysfs_emit(to, "none\n");
	return sysfs_emit(to, "condition %u queue %u index %u address %#llx\n", log[1] & 0xff,
			  log[1] >> 8 & 0xffff, log[2], (u64)log[4] << 32 | log[3]);
}
static DEVICE_ATTR_RO(first_error);

static struct attribute *attributes[] = {
	&dev_attr_version.attr,
	&dev_attr_features.attr,
	&dev_attr_op_cap.attr,
	&dev_attr_queue_pairs.attr,
	&dev_attr_queue_depth.attr,
	&dev_attr_state.attr,
	&dev_attr_error_count.attr,
	&dev_attr_first_error.attr,
	NULL
};

static const struct attribute_group group = { .name = KBUILD_MODNAME, .attrs = attributes };
const struct attribute_group *pp_sysfs_groups[] = { &group, NULL };
