# SPDX-License-Identifier: Apache-2.0
"""Does a results file agree with itself?

These are faults of whoever wrote the file, and the report would rather show them
than hide the figures: each is one sentence that names back end and key.
"""

from .results import PAGE_BYTES
from .units import integer

_TOLERANCE = 1e-6  # of figures that are quotients of others in the file


def contradictions(results):
    """Sentences, empty if all is well."""
    found = []
    pages = sum(item["pages"] for item in results.inputs)
    for index, item in enumerate(results.inputs):
        if item["bytes"] != item["pages"] * PAGE_BYTES:
            found.append(f"inputs[{index}]: bytes is not 4,096 × pages")
    for backend in results.backends:
        if backend["pages"] != pages:
            found.append(f"{backend.name}: pages is {integer(backend['pages'])}, "
                         f"but the inputs have {integer(pages)}")
        found += [f"{backend.name}: {text}" for text in _backend(backend)]
    return found


def _backend(b):
    pages, same = b["pages"], b["same_filled_pages"]
    if b["zero_pages"] > same:
        yield "zero_pages exceeds same_filled_pages, which includes it"
    if b.stored_compressed < 0:
        yield "same_filled_pages and incompressible_pages together exceed pages"
    if b["verified"] + b["mismatches"] != pages:
        yield (f"verified + mismatches is {integer(b['verified'] + b['mismatches'])}, "
               f"but there are {integer(pages)} pages")
    if b["bytes_in"] != pages * PAGE_BYTES:
        yield "bytes_in is not 4,096 × pages"
    yield from _ratio(b.data, "")
    if b["files"]:
        for key in ("pages", "bytes_in", "bytes_out"):
            if sum(f[key] for f in b["files"]) != b[key]:
                yield f"the {key} of files do not add up to {key}"
        for index, item in enumerate(b["files"]):
            yield from _ratio(item, f"files[{index}]: ")
    yield from _queue(b.data["compress"], pages, "compress")
    yield from _percentiles(b, "compress")
    yield from _histograms(b)
    if b.decompress:
        yield from _decompression(b)


def _decompression(b):
    back = b.decompress
    pages = back["pages"]
    if pages > max(b.stored_compressed, 0):
        yield "decompress.pages exceeds the pages that are stored compressed"
    if back["verified"] + back["mismatches"] != pages:
        yield (f"decompress: verified + mismatches is "
               f"{integer(back['verified'] + back['mismatches'])}, but there are {integer(pages)} "
               "pages")
    if back["bytes_out"] != pages * PAGE_BYTES:
        yield "decompress.bytes_out is not 4,096 × pages"
    if back["bytes_in"] > b["bytes_out"]:
        yield "decompress.bytes_in exceeds bytes_out: more comes back than was stored"
    histogram = back["latency_histogram"]
    if histogram is not None and sum(histogram["counts"]) > pages:
        yield "decompress.latency_histogram.counts add up to more than pages"
    yield from _queue(back, pages, "decompress")
    yield from _percentiles(b, "decompress")


def _queue(item, pages, name):
    queue = item.get("queue")
    if queue is None:
        return
    by_workers = sum(worker["pages"] for worker in queue["workers"])
    if by_workers + queue["synchronous"] != pages:
        yield f"{name}.queue: pages of workers and synchronous ones are not all pages"
    if by_workers + queue["drained"] != queue["enqueued"]:
        yield f"{name}.queue: pages of workers and drained ones are not those enqueued"


def _ratio(item, prefix):
    if item["bytes_out"] == 0:
        if item["ratio"] is not None:
            yield f"{prefix}ratio is given although bytes_out is 0"
    elif item["ratio"] is None:
        yield f"{prefix}ratio is missing"
    elif abs(item["ratio"] * item["bytes_out"] - item["bytes_in"]) > _TOLERANCE * item["bytes_in"]:
        yield f"{prefix}ratio is not bytes_in / bytes_out"


def _percentiles(b, operation):
    groups = [("latency_ns", ("p50", "p99", "p999")), ("engine_cycles_per_page", ("p50", "p99"))]
    for group, keys in groups:
        values = [b.figure(f"{operation}.{group}.{key}").value for key in keys]
        values = [v for v in values if v is not None]
        if values != sorted(values):
            yield f"{operation}.{group}: percentiles out of order"


def _histograms(b):
    sizes = b["size_histogram"]
    if sizes is not None:
        if sum(sizes["counts"]) != b["pages"] - b["same_filled_pages"]:
            yield "size_histogram.counts do not add up to pages − same_filled_pages"
        # More than that is possible: a page that failed is kept whole, too.
        if sizes["counts"][-1] < b["incompressible_pages"]:
            yield "the last of size_histogram.counts is less than incompressible_pages"
    latency = b["latency_histogram"]
    if latency is not None and latency["counts"]:
        if sum(latency["counts"]) > b["pages"]:
            yield "latency_histogram.counts add up to more than pages"
