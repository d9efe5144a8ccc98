// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that leave memory and come back, verified: static, for the guest.
 *
 *   pageout --mb N [--pages N | --until FILE] [--random PERCENT] [--seconds N]
 *   pageout --mb N --pressure [--rounds N] [--random PERCENT]
 *
 * Fills N MiB with pages that compress (that share of them random instead), tells the kernel to
 * swap them out (MADV_PAGEOUT), reads all of them, and again until the kernel has written --pages
 * pages, or FILE exists (or the time is over). With --pressure it does not tell the kernel: N MiB
 * are more than there is. Each round has other contents. Prints what it did (held: by how many pages
 * MADV_PAGEOUT made zswap's stored_pages grow); exit code 1 for a single page that is not what it was.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, WORDS = PAGE / 8 };

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/*
 * Word i of a page: records of four words, of which one is another one each time. No byte of the last
 * word is known before: a page that is a byte short is found.
 */
static uint64_t word_of(uint64_t seed, unsigned int i, int random)
{
	if (random || i % 4 == 0 || i == WORDS - 1)
		return mix(seed * WORDS + i);
	return mix(seed + i % 4) & 0xffffffu;
}

static void fill(uint64_t *page, uint64_t seed, int random)
{
	for (unsigned int i = 0; i < WORDS; i++)
		page[i] = word_of(seed, i, random);
}

static int differs(const uint64_t *page, uint64_t seed, int random)
{
	for (unsigned int i = 0; i < WORDS; i++)
		if (page[i] != word_of(seed, i, random))
			return 1;
	return 0;
}

static unsigned long long vmstat(const char *name)
{
	FILE *file = fopen("/proc/vmstat", "r");
	char key[64];
	unsigned long long value = 0;

	while (file && fscanf(file, "%63s %llu", key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(file);
			return value;
		}
	}
	if (file)
		fclose(file);
	return 0;
}

/* Pages that zswap holds now, by its debugfs; 0 without it. */
static unsigned long long stored(void)
{
	FILE *file = fopen("/sys/kernel/debug/zswap/stored_pages", "r");
	unsigned long long value = 0;

	if (file && fscanf(file, "%llu", &value) != 1)
		value = 0;
	if (file)
		fclose(file);
	return value;
}

static unsigned long long cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int flag(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return 0;
}

static unsigned long long number(int argc, char **argv, const char *name,
				 unsigned long long otherwise)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return strtoull(argv[i + 1], NULL, 0);
	return otherwise;
}

static const char *word(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return NULL;
}

int main(int argc, char **argv)
{
	const size_t pages = number(argc, argv, "--mb", 16) * 256;
	const int pressure = flag(argc, argv, "--pressure");
	const unsigned long long most = number(argc, argv, "--rounds", pressure ? 1 : ~0ull);
	const char *until = word(argc, argv, "--until");
	const unsigned long long wanted =
		pressure || until ? ~0ull : number(argc, argv, "--pages", pages);
	const unsigned int percent = number(argc, argv, "--random", 0);
	const time_t end = time(NULL) + (time_t)number(argc, argv, "--seconds", 600);
	const unsigned long long before = vmstat("pswpout") + vmstat("zswpout");
	unsigned long long out = 0, held = 0, mismatches = 0, rounds = 0;
	uint64_t *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("pageout: mmap");
		return 2;
	}
	for (; out < wanted && rounds < most && time(NULL) < end; rounds++) {
		if (until && !access(until, F_OK))
			break;
		for (size_t p = 0; p < pages; p++)
			fill(memory + p * WORDS, rounds * pages + p, mix(p) % 100 < percent);
		held -= stored();
		if (!pressure && madvise(memory, pages * PAGE, MADV_PAGEOUT)) {
			perror("pageout: madvise");
			return 2;
		}
		held += stored();
		for (size_t p = 0; p < pages; p++)
			mismatches += differs(memory + p * WORDS, rounds * pages + p,
					      mix(p) % 100 < percent);
		out = vmstat("pswpout") + vmstat("zswpout") - before;
	}
	printf("pageout: %llu rounds, %llu pages out, %llu held, %llu mismatches, %llu ns of CPU\n",
	       rounds, out, held, mismatches, cpu_ns());
	return mismatches || (!pressure && !until && out < wanted) ? 1 : 0;
}
