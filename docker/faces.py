"""The faces of the font packages without what nobody sets text in or reads.

Of the Noto CJK collections, the Korean faces with the characters that national character sets hold: a collection has
five countries' forms of every Chinese character; the suite sets text in the Korean ones. Kept are all Hangul, kana,
signs, and the characters of KS X 1001, JIS X 0208, GB 2312 and Big5: half the bytes, nothing that Korean, Japanese or
Chinese copy needs.

Of the TrueType faces, every glyph, without their drawing tools' sources and glyph names. Of none the hints: browsers
are told to draw without (--font-render-hinting=none), and what pages carry is cut without them, too.

    usage: faces.py FROM TO     FROM: a folder of fonts, TO: the folder that gets its like
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KOREAN = 1
"""The place of the Korean face in each collection."""
WHOLE_BLOCKS = (
    range(0x20, 0x3000), range(0x3000, 0x3400), range(0xA960, 0xA980), range(0xAC00, 0xD800), range(0xF900, 0xFB00),
    range(0xFE00, 0x10000), range(0x1F100, 0x1F300),
)  # fmt: skip
NATIONAL_SETS = ("cp949", "cp932", "gb2312", "big5")
IDEOGRAPHS = range(0x3400, 0xA000)
EVERYTHING_OF_A_FACE = (
    "--unicodes=*", "--gids=*", "--retain-gids", "--notdef-outline", "--layout-features=*", "--layout-scripts=*",
    "--name-IDs=*", "--name-languages=*", "--name-legacy", "--passthrough-tables", "--drop-tables-=kern",
)  # fmt: skip
SOURCES = ("TSI0", "TSI1", "TSI2", "TSI3", "TSI5", "TSIC", "TSID", "TSIP", "TSIS", "TSIV")
"""Tables that Visual TrueType keeps its sources of the hints in."""


def is_in(charset: str, character: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def wanted() -> set[int]:
    blocks = {code for block in WHOLE_BLOCKS for code in block}
    return blocks | {code for code in IDEOGRAPHS if any(is_in(charset, chr(code)) for charset in NATIONAL_SETS)}


def subset(face: Path, target: Path, *options: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    command = ["hb-subset", "--no-hinting", *options, f"--output-file={target}", str(face)]
    subprocess.run(command, check=True)  # noqa: S603 - the build's own


def main() -> None:
    fonts, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    codes = target / "codes"
    codes.write_text(",".join(f"{code:X}" for code in sorted(wanted())))
    of_korean = (f"--face-index={KOREAN}", f"--unicodes-file={codes}", "--layout-features-=locl")
    for collection in sorted(fonts.rglob("*CJK*.ttc")):
        kept = target / collection.relative_to(fonts).with_name(f"{collection.stem}-KR.otf")
        subset(collection, kept, *of_korean)
    codes.unlink()
    for face in sorted(fonts.rglob("*.ttf")):
        kept = target / face.relative_to(fonts)
        subset(face, kept, *EVERYTHING_OF_A_FACE, f"--drop-tables+={','.join(SOURCES)}")


if __name__ == "__main__":
    main()
