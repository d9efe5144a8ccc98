# SPDX-License-Identifier: Apache-2.0
"""Numbers as the page shows them: three significant digits, SI prefixes, thousands separated.

Everything takes None (a key that does not apply) and gives an en dash for it.
"""

import math

NONE = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NBSP = "\u00a0"


def integer(value):
    """2048 -> '2,048'."""
    return NONE if value is None else f"{value:,}"


def number(value, digits=3):
    """`digits` significant digits, never fewer than the integer part: 14.6, 1,235, 0.00123."""
    if value is None:
        return NONE
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    # Rounding may carry: 9.996 is 10.0, not 10.00.
    if round(abs(value), digits - 1 - exponent) >= 10 ** (exponent + 1):
        exponent += 1
    if exponent < -3 or exponent > 8:
        mantissa = value / 10 ** exponent
        return f"{mantissa:.{digits - 1}f}".replace("-", "−") + "×10" + str(exponent).translate(
            _SUPERSCRIPT)
    text = f"{value:,.{max(0, digits - 1 - exponent)}f}"
    return text.replace("-", "−")


def _scaled(value, unit, steps, digits):
    """steps: (factor, prefix) descending; the largest that leaves a value of at least 1."""
    if value is None:
        return NONE
    if value == 0:
        return f"0{_NBSP}{unit}"
    for factor, name in steps:
        # 0.9996: what will be shown as 1.00 belongs to the larger unit.
        if abs(value) >= factor * 0.9995:
            return f"{number(value / factor, digits)}{_NBSP}{name}"
    factor, name = steps[-1]
    return f"{number(value / factor, digits)}{_NBSP}{name}"


def duration_ns(value, digits=3):
    """Nanoseconds with the prefix that fits: '850 ns', '7.80 µs', '2.10 s'."""
    return _scaled(value, "ns", [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns"), (1e-3, "ps")],
                   digits)


def rate_gb(value, digits=3):
    """GB/s with the prefix that fits."""
    return _scaled(value, "GB/s",
                   [(1e6, "PB/s"), (1e3, "TB/s"), (1, "GB/s"), (1e-3, "MB/s"), (1e-6, "kB/s"),
                    (1e-9, "B/s")], digits)


def size_bytes(value, digits=3):
    """Bytes with a decimal prefix; below 10 kB every byte is shown."""
    if value is not None and abs(value) < 10_000:
        return f"{integer(value)}{_NBSP}B"
    return _scaled(value, "B", [(1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")],
                   digits)


def percent(fraction, digits=3):
    """0.985 -> '98.5 %'."""
    return NONE if fraction is None else f"{number(100 * fraction, digits)}{_NBSP}%"


def signed_percent(fraction, digits=2):
    """-0.012 -> '−1.2 %'; what rounds to nothing is '±0 %'."""
    if fraction is None:
        return NONE
    if abs(fraction) < 5e-5:
        return f"±0{_NBSP}%"
    sign = "+" if fraction > 0 else ""
    return f"{sign}{number(100 * fraction, digits)}{_NBSP}%"


def change(fraction):
    """A relative change as tables show it, to a tenth of a percent: '+66.1 %', '−2.5 %'."""
    if fraction is None:
        return NONE
    fraction = round(fraction, 3)
    return signed_percent(fraction, 2 if abs(fraction) < 0.0995 else 3)


def energy_mj(value):
    """Millijoules, or joules from 1000 mJ on."""
    return NONE if value is None else (f"{number(value)}{_NBSP}mJ" if value < 999.5
                                       else f"{number(value / 1000)}{_NBSP}J")


def times(factor, digits=3):
    """14.63 -> '14.6×'."""
    if factor is None:
        return NONE
    text = number(factor, digits)
    return f"{text}{_NBSP}times" if "×" in text else f"{text}×"


def plural(count, noun):
    """'1 page', '2,048 pages'."""
    return f"{integer(count)}{_NBSP}{noun}{'' if count == 1 else 's'}"


def ellipsis(text, limit):
    """Shortens in the middle: the head and the end of a path both say something."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 3
    return text[:head] + "…" + text[len(text) - (limit - 1 - head):]
