"""What a picture says about its own making: IPTC ``DigitalSourceType`` in an XMP packet, read by machines.

Vocabulary: http://cv.iptc.org/newscodes/digitalsourcetype/; which term for which engine: docs/decisions/0004.
"""

from __future__ import annotations

import re
from enum import StrEnum

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PNG_KEYWORD = "XML:com.adobe.xmp"
"""The iTXt keyword under which PNG carries XMP (XMP specification part 3)."""


class SourceType(StrEnum):
    """The terms this suite can honestly use."""

    COMPOSITE = "composite"
    """Photo and computed backdrop, no trained model: the studio engine."""

    COMPOSITE_TRAINED = "compositeWithTrainedAlgorithmicMedia"
    """Photo and a backdrop painted by a trained model: the diffusion engine with a product photo."""

    TRAINED = "trainedAlgorithmicMedia"
    """Wholly painted by a trained model."""

    ALGORITHMIC = "algorithmicMedia"
    """A scene alone, computed with no trained model."""


def xmp_packet(source: SourceType) -> bytes:
    """An XMP packet (UTF-8) that names ``source`` and the program."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' Iptc4xmpExt:DigitalSourceType="{VOCABULARY}{source.value}"'
        ' xmp:CreatorTool="nanoCocoa"/>'
        "</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def source_of(xmp: bytes | str) -> SourceType | None:
    """The term an XMP packet names, None when it names none of ours."""
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp
    found = re.search(re.escape(VOCABULARY) + r"(\w+)", text)
    known = {term.value: term for term in SourceType}
    return known.get(found.group(1)) if found else None
