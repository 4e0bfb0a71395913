#!/usr/bin/env python3
# expand.py - puts the generated reference of configuration keys into the manual page
# SPDX-License-Identifier: Apache-2.0
"""Usage: expand.py PAGE.in PROGRAM > PAGE    the program's output replaces the line @KEYS@"""
import pathlib
import subprocess
import sys

page, program = sys.argv[1:]
keys = subprocess.run([program], check=True, text=True, stdout=subprocess.PIPE).stdout
sys.stdout.write(pathlib.Path(page).read_text(encoding="utf-8").replace("@KEYS@\n", keys))
