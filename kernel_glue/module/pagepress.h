/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagepress.ko: the page-compression engine as a driver of the crypto API.
 *
 *   acomp.c       "lz4" for zswap, asynchronous      }  pp_unit   ring.c    submit, complete
 *   comp.c        "lz4" for zram, by polled.c        } ---------> queue.c   start, end, time-outs
 *   kcompressd.c  batches of pagepress_swap.ko       }            device.c  reset, watchdog
 *   swap_read.c   its reads, if wanted               }            pci.c     PCI
 *
 * Whatever the engine does not do (no device, full ring, a length that it does not take, an
 * error, a time-out) soft.c does: no caller ever sees a failure of the hardware.
 *
 * The engine reads sources where they lie, and writes into a buffer of the driver's own for each
 * slot, which is copied out. So a device that is late writes into nobody's memory: a slot
 * whose unit has timed out stays in quarantine until the device has answered, or been reset.
 *
 * Limitations: a wrong bit in a page decompressed for zswap or zram is not found, as they keep no
 * CRC (one in a compressed page is: the parameter verify), but by check_decompress, which costs
 * what the engine saves; little-endian CPUs; units of 4 KiB; of several devices the first works.
 */
#ifndef PAGEPRESS_H
#define PAGEPRESS_H

#include <linux/atomic.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/percpu-refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "rtl/abi/pagepress_abi.h"

#define PP_UNIT		4096u	/* bytes that are compressed at a time */
#define PP_OUT_MAX	PP_UNIT	/* bytes of a slot's output buffer */
/* The longest block that decodes to a unit (docs/abi.md, src_len). */
#define PP_BLOCK_MAX	(PP_UNIT + PP_UNIT / 255 + 16)

/* ---- Statistics: of the module, whatever devices there are (stats.c) ---- */

enum pp_stat {
	PP_STAT_hw_compress,	/* units that the engine compressed */
	PP_STAT_hw_decompress,
	PP_STAT_hw_same_filled,	/* of pages of one repeated word */
	PP_STAT_hw_incompressible,
	PP_STAT_submitted,	/* units given to a ring */
	PP_STAT_completed,	/* completions taken from a ring */
	PP_STAT_doorbells,	/* submitted / doorbells: mean batch */
	PP_STAT_interrupts,
	PP_STAT_polled,	/* units that somebody spun for */
	PP_STAT_bytes_in,	/* of hw_compress and hw_decompress */
	PP_STAT_bytes_out,
	PP_STAT_sw_compress,	/* done by the CPU, whatever the reason */
	PP_STAT_sw_decompress,
	PP_STAT_sw_no_device,	/* reasons: no device, or it is down */
	PP_STAT_sw_unfit,	/* a length or list that it does not take */
	PP_STAT_sw_full,	/* no slot */
	PP_STAT_sw_error,	/* the unit ended with an error */
	PP_STAT_sw_timeout,	/* or not in time */
	PP_STAT_timeouts,
	PP_STAT_quarantined,	/* slots held back by time-outs */
	PP_STAT_late,	/* units that completed in quarantine */
	PP_STAT_lost_interrupts,	/* none a tick after the watchdog found the unit */
	PP_STAT_wrong_output,	/* decompressed units whose CRC or bytes were wrong */
	PP_STAT_resets,
	PP_STAT_lost_devices,
	PP_STAT_COUNT,
};

void pp_stat_add(enum pp_stat stat, u64 n);
u64 pp_stat_read(enum pp_stat stat);
const char *pp_stat_name(enum pp_stat stat);
#define pp_count(name) pp_stat_add(PP_STAT_##name, 1)
#define pp_count_n(name, n) pp_stat_add(PP_STAT_##name, n)

/* ---- Units ---- */

struct pp_queue;

/* One page's work. done() is called once, in softirq context or with softirqs disabled. */
struct pp_unit {
	u8 opcode;		/* PP_OP_* */
	bool polled;		/* no interrupt: the submitter calls pp_queue_reap() */
	bool expect_crc;	/* decompression: another CRC than `crc` is VERIFY_FAILED */
	u32 src_len;
	u32 capacity;		/* PP_OUT_MAX at most */
	dma_addr_t src;
	u32 crc;		/* of the uncompressed unit; then the result's, if it has_crc */
	void (*done)(struct pp_unit *unit);

	/* The result. */
	int error;		/* 0, -ETIMEDOUT or -EIO: then nothing below holds */
	u8 status;		/* PP_STATUS_* */
	u32 out_len;
	u64 info;
	bool has_crc;
	const void *out;	/* out_len bytes, until done() returns */

	struct list_head node;	/* queue.c's */
	u16 slot;
};

/* A decompression's answer is OK or an error: what else a sick device says counts as one. */
static inline u8 pp_unit_status(const struct pp_unit *unit)
{
	return unit->opcode == PP_OP_DECOMPRESS && unit->status != PP_STATUS_OK ?
		PP_STATUS_INTERNAL : unit->status;
}

/* ---- Queues (queue.c, ring.c) ---- */

#define PP_DEPTH_MIN	5u	/* log2 of the slots; completion entries are twice as many */
#define PP_DEPTH_MAX	(PP_DEPTH_LOG2_MAX - 1)

enum pp_slot_state { PP_SLOT_FREE, PP_SLOT_BUSY, PP_SLOT_QUARANTINED };

struct pp_slot {
	struct pp_unit *unit;
	unsigned long deadline;	/* jiffies */
	u32 generation;		/* tells a late completion from that of the next unit */
	enum pp_slot_state state;
	bool irq;		/* its completion asks for an interrupt */
};

struct pp_queue {
	struct pp_device *pp;
	unsigned int index;	/* the device's */
	unsigned int log2;	/* entries of the submission ring; the completion ring has twice */
	u32 class;		/* priority */
	u32 vector;
	spinlock_t lock;	/* all below */
	bool running;
	u16 sq_tail, cq_head, cq_rung;
	struct pp_sqe *sq;
	struct pp_cqe *cq;
	dma_addr_t sq_dma, cq_dma;
	struct pp_slot *slots;
	u16 *free;		/* a stack of slots */
	unsigned int free_count;
	u8 *out;		/* PP_OUT_MAX bytes a slot */
	dma_addr_t out_dma;
	struct tasklet_struct tasklet;
	u32 irqs, irqs_served;	/* that have come; of which the tasklet has looked at the ring */
	u32 irqs_asked;		/* by units that have completed */
	struct {
		u32 owed;	/* interrupts for what the watchdog found done */
		u32 asked, served;	/* the two above, before it looked */
	} watch;
};

static inline u32 pp_queue_depth(const struct pp_queue *q)
{
	return 1u << q->log2;
}

int pp_queue_alloc(struct pp_device *pp, struct pp_queue *q);
void pp_queue_free(struct pp_queue *q);
int pp_queue_start(struct pp_queue *q);
void pp_queue_stop(struct pp_queue *q);		/* takes no more units */
void pp_queue_fail(struct pp_queue *q, bool recycle);	/* ends those that there are with -EIO */
unsigned int pp_queue_submit(struct pp_queue *q, struct pp_unit **units, unsigned int count);
unsigned int pp_queue_reap(struct pp_queue *q);
bool pp_queue_expire(struct pp_queue *q);	/* true: some unit was */
bool pp_queue_abandon(struct pp_queue *q, struct pp_unit *unit);
bool pp_queue_watch(struct pp_queue *q);	/* true: there is something to watch */
void pp_queue_tell(struct pp_queue *q, struct list_head *ended);	/* between the two files */

/* ---- Devices (device.c, pci.c, sysfs.c) ---- */

/* Who wants a device at rest: bits. */
#define PP_HOLD_PROBE		BIT(0)	/* not probed yet, or removed */
#define PP_HOLD_RESET		BIT(1)	/* the function is being reset */
#define PP_HOLD_SLEEP		BIT(2)
#define PP_HOLD_SHUTDOWN	BIT(3)
#define PP_HOLD_ADMIN		BIT(4)	/* sysfs */

struct pp_device {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct list_head node;
	struct percpu_ref users;	/* one for each unit under way */
	struct completion idle;
	struct mutex lock;		/* of stopping and starting */
	unsigned int held;		/* PP_HOLD_*; 0: it may run */
	bool dead;
	u32 version, features, operations;
	unsigned int pairs;		/* of queues: 2i compresses, 2i + 1 decompresses */
	struct pp_queue *queues;
	struct delayed_work watchdog;
	struct work_struct reset;
	struct dentry *debugfs;
};

static inline u32 pp_read(struct pp_device *pp, u32 offset)
{
	return readl(pp->regs + offset);
}

static inline void pp_write(struct pp_device *pp, u32 offset, u32 value)
{
	writel(value, pp->regs + offset);
}

static inline bool pp_device_runs(struct pp_device *pp)
{
	return !READ_ONCE(pp->held) && !READ_ONCE(pp->dead);
}

/* Whether a unit's expect_crc does anything. */
static inline bool pp_device_checks_crc(struct pp_device *pp)
{
	return pp->features & (PP_FEAT_CRC32C | PP_FEAT_EXPECT_CRC);
}

void pp_device_init(struct pp_device *pp);	/* held by PP_HOLD_PROBE */
int pp_device_identify(struct pp_device *pp);
void pp_device_hold(struct pp_device *pp, unsigned int why);
void pp_device_isolate(struct pp_device *pp, unsigned int why);
int pp_device_release(struct pp_device *pp, unsigned int why);
void pp_device_arm_watchdog(struct pp_device *pp);
u64 pp_device_counter(struct pp_device *pp, u32 scope, u32 instance, u32 counter);

extern struct pci_driver pp_pci_driver;
extern const struct attribute_group *pp_sysfs_groups[];

/* main.c: the device that works, with a reference, or NULL. */
void pp_device_publish(struct pp_device *pp);
void pp_device_withdraw(struct pp_device *pp);
struct pp_device *pp_device_get(void);
void pp_device_put(struct pp_device *pp);
struct pp_queue *pp_device_queue(struct pp_device *pp, u8 opcode);
extern struct workqueue_struct *pp_workqueue;

/* ---- Module parameters (params.c) ---- */

extern bool pp_verify, pp_check_decompress;
extern unsigned int pp_timeout_ms, pp_poll_timeout_us, pp_depth_log2;

/* An unsigned parameter with bounds: the argument of module_param_cb() with pp_range_ops. */
struct pp_range {
	unsigned int *value;
	unsigned int least, most;
};

extern const struct kernel_param_ops pp_range_ops;

/* ---- Software (soft.c), blocks that need no search (lz4_block.c) ---- */

int pp_soft_init(void);
void pp_soft_exit(void);
/* In: *dlen is the room; out: the length. 0 or -EINVAL, as the kernel's own lz4 has it. */
int pp_soft_compress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen);
int pp_soft_decompress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen);
struct acomp_req;
int pp_soft_acomp(struct acomp_req *req, bool compress);

/* As above, by the engine if it can: the CPU spins (polled.c). Any context but hard interrupts. */
int pp_polled_compress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen);
int pp_polled_decompress(const u8 *src, unsigned int slen, u8 *dst, unsigned int *dlen);

#define PP_FILLED_BLOCK	36u	/* bytes */
#define PP_LITERAL_BLOCK (1 + 16 + PP_UNIT)
void pp_lz4_filled(u8 *dst, u64 word);
void pp_lz4_literal(u8 *dst, const u8 *src);

/* ---- What it is used by ---- */

int pp_acomp_register(void);
void pp_acomp_unregister(void);
#ifdef PP_HAVE_COMP	/* Kbuild: the kernel has the synchronous interface */
int pp_comp_register(void);
void pp_comp_unregister(void);
#else
static inline int pp_comp_register(void)
{
	return 0;
}

static inline void pp_comp_unregister(void)
{
}
#endif
void pp_debugfs_init(void);
void pp_debugfs_exit(void);
void pp_debugfs_add(struct pp_device *pp);
void pp_debugfs_remove(struct pp_device *pp);

#endif /* PAGEPRESS_H */
