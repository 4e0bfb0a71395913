#!/usr/bin/env python3
# make-confusables.py - writes the letters that look like those of ASCII, asked of ICU
# SPDX-License-Identifier: Apache-2.0
"""Usage: make-confusables.py > src/enrich/confusables.inc

Needs ICU (Debian: libicu72 or later). For every character that a domain name may hold (unchanged
under NFKC and case folding) ICU's spoof checker is asked for its skeleton (Unicode UTS #39, 4). Kept
are those that come down to one or two ASCII letters or digits once marks are taken off."""
import ctypes
import glob
import re
import sys
import unicodedata

CATEGORIES = ("Ll", "Lo", "Lm", "Nd")
LAST = 0x20000


def skeletons():
    path = sorted(glob.glob("/usr/lib/*/libicui18n.so.*"))[0]
    version = re.search(r"\.so\.(\d+)", path).group(1)
    icu = ctypes.CDLL(path)
    status = ctypes.c_int(0)
    opening = getattr(icu, "uspoof_open_" + version)
    opening.restype = ctypes.c_void_p
    checker = ctypes.c_void_p(opening(ctypes.byref(status)))
    skeleton = getattr(icu, "uspoof_getSkeletonUTF8_" + version)
    room = ctypes.create_string_buffer(64)
    for code in range(0x80, LAST):
        char = chr(code)
        if unicodedata.category(char) not in CATEGORIES:
            continue
        if unicodedata.normalize("NFKC", char.casefold()) != char:
            continue
        text = char.encode()
        length = skeleton(checker, 0, text, len(text), room, 64, ctypes.byref(status))
        yield code, room.raw[:length].decode()


def main():
    print("/* confusables.inc - characters that look like ASCII letters: {code point, letters}")
    print(" * SPDX-License-Identifier: Apache-2.0")
    print(" *")
    print(" * Made by tools/make-confusables.py from the Unicode data in ICU; in order. */")
    for code, text in skeletons():
        plain = "".join(c for c in unicodedata.normalize("NFD", text)
                        if not unicodedata.combining(c)).lower()
        if plain.isascii() and plain.isalnum() and len(plain) <= 2:
            print(f'{{0x{code:05x}, "{plain}"}},')


sys.exit(main())
