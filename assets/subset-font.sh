#!/bin/sh
# Makes the fonts of the charts: from Noto Sans CJK the simplified Chinese forms of all 6,763 Hanzi of GB 2312, Latin, Greek,
# Cyrillic and the punctuation of both scripts; from Noto Sans the accented Latin that the first one lacks.
#
# Needs Python with fonttools (tested with 4.68) and the Debian packages fonts-noto-cjk (tested with 1:20220127) and
# fonts-noto-core (tested with 20201225).
# Usage: assets/subset-font.sh [NotoSansCJK-Regular.ttc NotoSans-Regular.ttf]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
hanzi=${1:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}
latin=${2:-/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf}
python=${PYTHON:-python3}
"$python" - "$hanzi" "$here/NotoSansSC-subset.otf" "$latin" "$here/NotoSans-subset.ttf" <<'PYTHON'
import sys
from fontTools import subset
from fontTools.ttLib import TTFont

hanzi, hanzi_target, latin, latin_target = sys.argv[1:]
ranges = ["0020-007E", "00A0-017F", "0391-03C9", "0400-045F", "2010-2027", "2030-2044", "2070-209C", "2103-2103",
          "2116-2116", "2190-2193", "2212-2212", "2248-2248", "2260-2265", "25A0-25CF", "3000-301F", "FF01-FF5E"]
wanted = {code for low, high in (r.split("-") for r in ranges) for code in range(int(low, 16), int(high, 16) + 1)}
for row in range(0xB0, 0xF8):
    for cell in range(0xA1, 0xFF):
        try:
            wanted.add(ord(bytes([row, cell]).decode("gb2312")))
        except UnicodeDecodeError:
            pass


def cut(font, wanted, target):
    options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "BASE", "VORG", "vmtx", "vhea"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    # plotters takes a line to be 1.24 em high: let the fonts say the same.
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = 980, -260, 0
    font["OS/2"].fsSelection &= ~(1 << 7)
    font.recalcTimestamp = False
    font.save(target)


font = TTFont(hanzi, fontNumber=2)  # The third face of the collection is the one for simplified Chinese.
known = wanted & set(font.getBestCmap())  # What the first one is cut down to, not what it could have.
cut(font, wanted, hanzi_target)
accented = {code for low, high in [(0x100, 0x24F), (0x400, 0x45F), (0x1E00, 0x1EFF)] for code in range(low, high + 1)}
cut(TTFont(latin), accented - known, latin_target)
PYTHON
ls -l "$here/NotoSansSC-subset.otf" "$here/NotoSans-subset.ttf"
