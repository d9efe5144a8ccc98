# SPDX-License-Identifier: Apache-2.0
"""From a matplotlib figure to SVG that lives inside an HTML page, or alone in a file.

Matplotlib's SVG is a document of its own: it has a prologue, metadata with a date,
absolute sizes, a font family, and ids that repeat from figure to figure. All that
goes. Text stays text, so that it can be searched and takes the page's font.

Limitation: edits matplotlib's output by pattern (tried with 3.6); tests/report holds
what is relied upon.
"""

import io
import re
import warnings
from xml.sax.saxutils import escape, quoteattr

from . import theme
from .figures import canvas

_FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def _raw(figure):
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The measuring font may lack a file name's letters; the reader's will have them.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        # The fonts were chosen while drawing, but text and ids are made now.
        with canvas.style():
            figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _body(figure, prefix):
    """Everything inside <svg>, with ids that start with prefix; and the view box."""
    text = _raw(figure)
    view_box = re.search(r'viewBox="([^"]+)"', text).group(1)
    body = text[text.index(">", text.index("<svg")) + 1:text.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = body.replace('href="#', f'href="#{prefix}-').replace("url(#", f"url(#{prefix}-")
    # "font: 600 12px 'DejaVu Sans', ...": keep weight and size, drop the family.
    body = re.sub(r"font: (?:(bold|\d{3}) )?([\d.]+)px [^;\"]+", _font, body)
    return re.sub(r"\n\s*", "\n", body).strip(), view_box


def _font(match):
    weight, size = match.groups()
    return f"font-size: {size}px" + (f"; font-weight: {weight}" if weight else "")


def _recolour(body, colour_of):
    pattern = "|".join(re.escape(standin) for standin in theme.STANDIN_TO_NAME)
    return re.sub(pattern, lambda m: colour_of(theme.STANDIN_TO_NAME[m.group(0)]), body)


def inline(figure, prefix, title, description):
    """An <svg> element whose colours are CSS variables. title and description are for
    those who hear the page."""
    body, view_box = _body(figure, prefix)
    body = _recolour(body, lambda name: f"var(--{name})")
    return (f'<svg role="img" viewBox="{view_box}" aria-labelledby="{prefix}-title {prefix}-desc">'
            f'<title id="{prefix}-title">{escape(title)}</title>'
            f'<desc id="{prefix}-desc">{escape(description)}</desc>\n{body}\n</svg>')


def standalone(figure, prefix, title):
    """An SVG document in light colours."""
    body, view_box = _body(figure, prefix)
    body = _recolour(body, theme.LIGHT.__getitem__)
    width, height = view_box.split()[2:]
    return ('<?xml version="1.0" encoding="utf-8"?>\n'
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width={quoteattr(width)} height={quoteattr(height)} viewBox="{view_box}" '
            f'style="background: {theme.LIGHT["paper"]}; font-family: {_FONTS}">\n'
            f"<title>{escape(title)}</title>\n{body}\n</svg>\n")
