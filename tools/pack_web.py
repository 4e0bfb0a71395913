#!/usr/bin/env python3
# pack_web.py - bundles the browser's side and packs it into a C file
# SPDX-License-Identifier: Apache-2.0
"""Usage: pack_web.py SOURCE_FOLDER WORK_FOLDER > WEB_FILES.c

The source folder stays as it is: packages are installed and the bundle is made in WORK_FOLDER."""
import gzip
import hashlib
import pathlib
import shutil
import subprocess
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PARTS = ("src", "test", "build.mjs", "index.html", "tsconfig.json", "package.json", "package-lock.json",
         ".npmrc")


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"pack_web: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}"
                 "pack_web: without node or a registry of packages, build with -Dweb=disabled")


def bundle(source, work):
    work.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    for part in PARTS:
        if (source / part).is_dir():
            shutil.rmtree(work / part, ignore_errors=True)
            shutil.copytree(source / part, work / part, dirs_exist_ok=True)
        else:
            shutil.copy2(source / part, work / part)
    stamp = work / "node_modules" / ".installed"
    if not stamp.is_file() or stamp.read_bytes() != lock:
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=work)
        stamp.write_bytes(lock)
    run("npm", "run", "--silent", "check", cwd=work)
    run("node", "build.mjs", "out", cwd=work)
    return work / "out"


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(folder):
    rows = []
    print('#include "api/web_files.h"\n')
    for number, path in enumerate(sorted(p for p in folder.rglob("*") if p.is_file())):
        data = gzip.compress(path.read_bytes(), 9, mtime=0)
        print(f"static const unsigned char file_{number}[{len(data)}] =")
        for start in range(0, len(data), 24):
            print('    "' + "".join(f"\\{byte:03o}" for byte in data[start:start + 24]) + '"')
        print(";")
        name = "/" + str(path.relative_to(folder))
        etag = '"' + hashlib.sha256(data).hexdigest()[:32] + '"'
        rows.append(f"    {{{text('/' if name == '/index.html' else name)}, "
                    f"{text(TYPES[path.suffix])}, {text(etag)}, file_{number}, {len(data)}}},")
    print("\nconst struct web_file web_files[] = {", *rows, "};", sep="\n")
    print(f"const size_t web_file_count = {len(rows)};")


if __name__ == "__main__":
    write(bundle(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
