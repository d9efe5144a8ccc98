# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU guest with the emulated engine in it: stock QEMU 7.2, its x-pci-proxy-dev connected to
`pagepress emulate --qemu-proxy`, both of them ended together whatever dies first.

    machine = Machine(pagepress, kernel, initramfs)
    for line in machine.lines(seconds): ...
    code = machine.close()

When the emulator dies the device is gone, not the guest: a stand-in answers for it with all ones,
as a PCI Express root complex does for a device that was pulled. (QEMU by itself would wait for
ever.) An emulator that ends by itself with an error (it did not like its options, say) ends the
guest: `emulator_error` says so. When this process dies, by whatever signal, both die with it.

Limitations: TCG only, and CPUs take turns in one thread: while one waits for the proxied device's
answer QEMU lets the others run, and throws away their accesses to the same BAR ("Blocked re-entrant
IO"), doorbells among them. An emulator killed in the microsecond between the two reads
that take in one message leaves a stand-in that cannot make out the next one, and then ends QEMU.
"""

import array
import ctypes
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

HEADER = struct.Struct("<iIQ")  # command, padding, size
SYNC_SYSMEM, RETURN, SET_IRQFD = 0, 1, 6
GONE = HEADER.pack(RETURN, 0, 8) + b"\xff" * 8
PR_SET_PDEATHSIG = 1
NICENESS = os.environ.get("PAGEPRESS_GUEST_NICE", "15")
# A guest on a loaded host runs in fits and starts: what measures the host's patience is put off.
KERNEL_WORDS = ("no_timer_check tsc=reliable watchdog_thresh=60 "
                "rcupdate.rcu_cpu_stall_timeout=120")


LIBC = ctypes.CDLL(None)


def end_with(parent):
    """In the child: SIGKILL when the parent dies, so that nothing is left behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def start(arguments, fds, **where):
    parent = os.getpid()
    return subprocess.Popen([str(word) for word in arguments], pass_fds=fds,
                            stdin=subprocess.DEVNULL, preexec_fn=lambda: end_with(parent), **where)


def ending(code):
    """A process's return code in words."""
    return f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.Signals(-code).name})"


class StandIn(threading.Thread):
    """Answers QEMU once the emulator has died."""

    def __init__(self, proxy):
        super().__init__(daemon=True)
        self.proxy = proxy

    def take(self, count):
        data = b""
        while len(data) < count:
            part, rights, _, _ = self.proxy.recvmsg(count - len(data), socket.CMSG_SPACE(8 * 4))
            for _, _, content in rights:
                for fd in array.array("i", content[: len(content) // 4 * 4]):
                    os.close(fd)
            if not part:
                raise ConnectionError
            data += part
        return data

    def run(self):
        try:
            self.proxy.setblocking(True)
            # The emulator may have taken a request and not answered it. If it had, this one too
            # many does no harm: every later answer is the same.
            self.proxy.sendall(GONE)
            while True:
                command, _, size = HEADER.unpack(self.take(HEADER.size))
                self.take(size)
                if command not in (SYNC_SYSMEM, SET_IRQFD):
                    self.proxy.sendall(GONE)
        except OSError:
            self.proxy.close()


class Machine:
    def __init__(self, pagepress, kernel, initramfs, *, memory_mb=512, append="",
                 emulator_options=(), disk_mb=0, cpus=1, cpu="max", icount=-1,
                 iommu=False, quiet=False, errors=None):
        """icount: -1, or the guest's clock counts instructions, 2^icount ns each. iommu: there is
        one, which the proxied device's DMA does not pass: addresses must be physical ones. errors:
        where QEMU's go, as subprocess.Popen has it."""
        proxy, self.proxy = socket.socketpair()
        qtest, qtest_of_emulator = socket.socketpair()
        fds = (self.proxy.fileno(), qtest_of_emulator.fileno())
        self.killed = False
        self.emulator = start(
            ["nice", "-n", NICENESS, pagepress, "emulate", "--qemu-proxy", fds[0], "--qtest", fds[1],
             *(["--quiet"] if quiet else []), *emulator_options], fds, stdout=subprocess.DEVNULL)
        fds = [proxy.fileno(), qtest.fileno()]
        arguments = [
            "nice", "-n", NICENESS, "qemu-system-x86_64", "-accel", "tcg,thread=single",
            "-cpu", cpu,
            "-smp", cpus, "-machine", "q35,memory-backend=ram", "-m", f"{memory_mb}M",
            "-object", f"memory-backend-memfd,id=ram,size={memory_mb}M,share=on",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-serial", "stdio", "-kernel", kernel, "-initrd", initramfs,
            "-append", f"console=ttyS0 panic=-1 {KERNEL_WORDS} {append}",
            "-device", f"x-pci-proxy-dev,id=engine,fd={fds[0]}",
            "-chardev", f"socket,id=qtest,fd={fds[1]}",
            "-object", "qtest,id=qtest,chardev=qtest,log=none"]
        if iommu:
            arguments += ["-device", "intel-iommu,intremap=off"]
        if icount >= 0:
            arguments += ["-icount", f"shift={icount},align=off,sleep=on"]
        if disk_mb:
            # It has no name: nothing is left of it.
            self.disk = tempfile.TemporaryFile(prefix="pagepress-guest-")
            self.disk.truncate(disk_mb << 20)
            fds.append(self.disk.fileno())
            arguments += ["-drive", f"file=/proc/self/fd/{fds[-1]},if=none,id=disk,format=raw,"
                          "cache=unsafe", "-device", "virtio-blk-pci,drive=disk"]
        try:
            self.qemu = start(arguments, fds, stdout=subprocess.PIPE, stderr=errors)
        except OSError:
            self.emulator.kill()
            self.emulator.wait()
            raise
        for end in (proxy, qtest, qtest_of_emulator):
            end.close()
        threading.Thread(target=self.watch_emulator, daemon=True).start()

    def watch_emulator(self):
        if self.emulator.wait() > 0:
            self.qemu.kill()
        StandIn(self.proxy).start()

    def kill_emulator(self):
        self.killed = True
        self.emulator.kill()

    def emulator_error(self):
        """After close(): how the emulator ended, if not well and not by kill_emulator()."""
        code = self.emulator.returncode
        return None if code == 0 or self.killed else f"the emulator has ended with {ending(code)}"

    def lines(self, seconds):
        """Lines of the console until QEMU ends. Raises TimeoutError after that many seconds."""
        deadline, kept = time.monotonic() + seconds, b""
        descriptor = self.qemu.stdout.fileno()
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError(f"the guest has not ended in {seconds} s")
            part = os.read(descriptor, 65536)
            kept += part
            *whole, kept = kept.split(b"\n")
            for line in whole + ([kept] if not part else []):
                yield line.decode(errors="replace").rstrip("\r")
            if not part:
                return

    def close(self):
        """Ends what still runs; QEMU's exit code."""
        for process in (self.qemu, self.emulator):
            if process.poll() is not None:
                continue
            # QEMU that has closed its console is about to end by itself.
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                self.killed |= process is self.emulator
                process.kill()
                process.wait()
        self.qemu.stdout.close()
        return self.qemu.returncode
