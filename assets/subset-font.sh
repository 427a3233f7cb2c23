#!/bin/sh
# Makes the font of the charts from Noto Sans CJK: simplified Chinese forms of all 6,763 Hanzi of GB 2312, Latin, Greek,
# Cyrillic and the punctuation of both scripts.
#
# Needs Python with fonttools (tested with 4.68) and the Debian package fonts-noto-cjk (tested with 1:20220127).
# Usage: assets/subset-font.sh [NotoSansCJK-Regular.ttc]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
font=${1:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}
python=${PYTHON:-python3}
"$python" - "$font" "$here/NotoSansSC-subset.otf" <<'PYTHON'
import sys
from fontTools import subset
from fontTools.ttLib import TTFont

source, target = sys.argv[1:]
ranges = ["0020-007E", "00A0-017F", "0391-03C9", "0400-045F", "2010-2027", "2030-2044", "2070-209C", "2103-2103",
          "2116-2116", "2190-2193", "2212-2212", "2248-2248", "2260-2265", "25A0-25CF", "3000-301F", "FF01-FF5E"]
wanted = {code for low, high in (r.split("-") for r in ranges) for code in range(int(low, 16), int(high, 16) + 1)}
for row in range(0xB0, 0xF8):
    for cell in range(0xA1, 0xFF):
        try:
            wanted.add(ord(bytes([row, cell]).decode("gb2312")))
        except UnicodeDecodeError:
            pass

font = TTFont(source, fontNumber=2)  # The third face of the collection is the one for simplified Chinese.
options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
options.drop_tables += ["GPOS", "GSUB", "BASE", "VORG", "vmtx", "vhea"]
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=wanted)
subsetter.subset(font)
# plotters takes a line to be 1.24 em high, the renderer of its bitmaps what the font says: let both be the same, so that
# text in PNG is as large as in SVG.
font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = 980, -260, 0
font["OS/2"].fsSelection &= ~(1 << 7)
font.recalcTimestamp = False
font.save(target)
PYTHON
ls -l "$here/NotoSansSC-subset.otf"
