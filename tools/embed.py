#!/usr/bin/env python3
# embed.py - makes a C array of a file, so that the program carries it inside
# SPDX-License-Identifier: Apache-2.0
"""Usage: embed.py FILE SYMBOL > SOURCE.c"""
import pathlib
import sys

path, symbol = sys.argv[1:]
data = pathlib.Path(path).read_bytes()
print(f"extern const unsigned char {symbol}[{len(data)}];")
print(f"_Alignas(64) const unsigned char {symbol}[{len(data)}] =")
for start in range(0, len(data), 24):
    print('    "' + "".join(f"\\{byte:03o}" for byte in data[start:start + 24]) + '"')
print(";")
print(f"extern const unsigned long {symbol}_len;")
print(f"const unsigned long {symbol}_len = {len(data)};")
