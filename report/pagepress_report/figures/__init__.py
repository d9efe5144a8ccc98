# SPDX-License-Identifier: Apache-2.0
"""The figures of the report: each a function from Results to a Drawing, or to None
where the file has nothing to draw."""

from .bars import cpu_time, decompress_cpu_time, decompress_throughput, throughput
from .files import file_ratios
from .latency import decompress_latency, latency
from .sizes import sizes

# In the order of the page.
ALL = (throughput, cpu_time, latency, sizes, decompress_throughput, decompress_cpu_time,
       decompress_latency, file_ratios)
