# SPDX-License-Identifier: Apache-2.0
"""What one back end gains over another: arithmetic only, no words.

A gain is None where either side does not have the figure.
"""

import dataclasses

from .provenance import loosest
from .results import PAGE_BYTES, Figure


def _quotient(a, b):
    if a.value is None or b.value is None or b.value == 0:
        return Figure(None, loosest([a.provenance, b.provenance]))
    return Figure(a.value / b.value, loosest([a.provenance, b.provenance]))


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`subject` against `reference`, both Backends."""

    subject: object
    reference: object

    def _of(self, path):
        return _quotient(self.subject.figure(path), self.reference.figure(path))

    @property
    def speed(self):
        """Throughput as a multiple of the reference's."""
        return self._of("compress.sim_gb_per_s")

    @property
    def cpu_share(self):
        """CPU time a page as a multiple of the reference's."""
        return self._of("compress.cpu_ns_per_page")

    def decompression(self, path):
        """A figure of decompression as a multiple of the reference's."""
        return self._of(f"decompress.{path}")

    @property
    def ratio_gain(self):
        """Relative difference of the compression ratios: 0.02 is a ratio 2 % higher."""
        quotient = self._of("ratio")
        value = None if quotient.value is None else quotient.value - 1
        return Figure(value, quotient.provenance)

    def latency(self, key, kind="latency_ns"):
        """Latency percentile (p50, p99, p999) as a multiple of the reference's."""
        return self._of(f"compress.{kind}.{key}")

    @property
    def latency_kind(self):
        """The latency at full load that compares like with like.

        From submission, an engine has a ring full of pages in flight and a CPU one page in
        hand; from the entry into the queue both start alike, where the file says so.
        """
        known = self.latency("p50", "queue_latency_ns").value is not None
        return "queue_latency_ns" if known else "latency_ns"

    @property
    def cores(self):
        """Cores of the reference that the subject's throughput would keep busy.

        Assumes that cores scale perfectly, so it never is better than assumed.
        """
        speed = self.subject.figure("compress.sim_gb_per_s")
        cost = self.reference.figure("compress.cpu_ns_per_page")
        if not speed.value or not cost.value:
            return Figure(None, "assumed")
        return Figure(speed.value * cost.value / PAGE_BYTES, "assumed")


def _speed(backend):
    return backend.figure("compress.sim_gb_per_s").value or 0.0


def main_comparison(results):
    """The pair that the report's first sentence is about; None if there is but one.

    Subject: the RTL engine, else the first engine, else the fastest back end.
    Reference: the fastest CPU back end, else the fastest of the rest: an engine has
    to beat the best that there is.
    """
    backends = results.backends
    engines = [b for b in backends if b.is_engine]
    rtl = [b for b in engines if b.name.startswith("engine:rtl")]
    subject = (rtl or engines or [max(backends, key=_speed)])[0]
    others = [b for b in backends if b is not subject]
    if not others:
        return None
    reference = max([b for b in others if not b.is_engine] or others, key=_speed)
    return Comparison(subject, reference)
