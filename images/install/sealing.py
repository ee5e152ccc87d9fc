"""Compile a tree of modules and make it read-only, with one date: the same content is then the same layer."""

import compileall
import os
import pathlib
import py_compile
import sys

# A .pyc that is never compared with its source: no stat at start-up, and right under any date.
MODE = py_compile.PycInvalidationMode.UNCHECKED_HASH


def compile_tree(directory, *, shown):
    """Compile all modules; `shown` is the path they are imported by, which tracebacks then show."""
    if not compileall.compile_dir(directory, ddir=shown, quiet=1, force=True, invalidation_mode=MODE):
        sys.exit(f"cannot compile {directory}")


def seal(top, *, epoch):
    """Nobody may write to this file, or to this directory and all in it; everybody may read."""
    for path in (*top.rglob("*"), top):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


if __name__ == "__main__":
    tree = pathlib.Path(sys.argv[1])
    compile_tree(tree, shown=tree)
    seal(tree, epoch=int(os.environ["SOURCE_DATE_EPOCH"]))
