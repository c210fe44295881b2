"""The Korean faces of the Noto CJK collections, with the characters that national character sets hold.

A collection has five countries' forms of every Chinese character; the suite sets text in the Korean ones. Kept are all
Hangul, kana, signs, and the characters of KS X 1001, JIS X 0208, GB 2312 and Big5: half the bytes, nothing that Korean,
Japanese or Chinese copy needs.

    usage: korean_face.py FROM TO     FROM: a folder of .ttc, TO: the folder that gets the .otf
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


def is_in(charset: str, character: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def wanted() -> set[int]:
    blocks = {code for block in WHOLE_BLOCKS for code in block}
    return blocks | {code for code in IDEOGRAPHS if any(is_in(charset, chr(code)) for charset in NATIONAL_SETS)}


def main() -> None:
    collections, target = Path(sys.argv[1]), Path(sys.argv[2])
    codes = target / "codes"
    target.mkdir(parents=True, exist_ok=True)
    codes.write_text(",".join(f"{code:X}" for code in sorted(wanted())))
    for collection in sorted(collections.glob("*.ttc")):
        command = ["hb-subset", f"--face-index={KOREAN}", f"--unicodes-file={codes}", "--layout-features-=locl"]
        face = target / f"{collection.stem}-KR.otf"
        subprocess.run([*command, f"--output-file={face}", str(collection)], check=True)  # noqa: S603 - the build's own
    codes.unlink()


if __name__ == "__main__":
    main()
