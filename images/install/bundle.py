"""Make one file of the runtime's modules: a service's start then opens one file instead of three dozen."""

import ast
import importlib.util
import marshal

NAME = "bundle"
#: Bytes of the size in front of the index.
SIZE = 8
#: A module's place is one number, and no tuple that Python's garbage collector would count: its offset, its size in
#: as many bits as this, and whether it is a package in the last.
SIZE_BITS = 24

# Read by file: what runs by itself, and the doctor, which no service loads.
LEFT_OUT = ("__main__.py", "legs/sitecustomize.py", "legs/early.py", "doctor/")


def write(package, *, shown):
    """Write the bundle into the package's directory; `shown` is the path that tracebacks then show.

    A module lies there as the names of those that it cannot do without, and its code.
    """
    trees = {name: ast.parse(file.read_bytes()) for name, file in _files(package)}
    needs = _without_circles({name: _needs(tree, name, trees) for name, tree in trees.items()})
    packed, modules, offset = [], {}, 0
    for name, file in _files(package):
        # Docstrings are read in the files: they are a third of the bundle.
        code = compile(
            _without_types(trees[name]),
            str(shown / file.relative_to(package)),
            "exec",
            dont_inherit=True,
            optimize=2,
        )
        packed.append(marshal.dumps((needs[name], code)))
        modules[name] = offset << SIZE_BITS + 1 | len(packed[-1]) << 1 | (file.name == "__init__.py")
        offset += len(packed[-1])
    (package / NAME).write_bytes(b"".join([index(str(shown), modules), *packed]))


def index(shown, modules, *, magic=importlib.util.MAGIC_NUMBER):
    """What stands in front of the codes: its size, where tracebacks say that they are, and where each begins."""
    placed, size = modules, 0
    while True:
        encoded = marshal.dumps((magic, shown, placed))
        if len(encoded) == size:
            return size.to_bytes(SIZE, "little") + encoded
        # The places may need more room than before; once they do not, the size is right.
        size = len(encoded)
        placed = {name: place + (SIZE + size << SIZE_BITS + 1) for name, place in modules.items()}


def _files(package):
    """Each module's name and file, but for the package's own, which reads the bundle."""
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package)
        if path.as_posix().startswith(LEFT_OUT) or path.as_posix() == "__init__.py":
            continue
        parts = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
        yield ".".join((package.name, *parts)), file


def _needs(tree, name, modules):
    """The modules of ours that a module's own code imports when it runs, and the packages that it lies in."""
    parents = name.split(".")[1:-1]
    found = [".".join(name.split(".")[: count + 2]) for count in range(len(parents))]
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            found += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            found += [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
    return [need for need in dict.fromkeys(found) if need in modules]


def _without_circles(needs):
    """The same without the packages that need a module of their own: it cannot have them before it.

    Raises:
        SystemExit: Two modules import each other all the same.
    """
    kept = {
        name: tuple(need for need in found if not (name.startswith(f"{need}.") and name in _all(need, needs)))
        for name, found in needs.items()
    }
    for name in kept:
        if name in _all(name, kept):
            raise SystemExit(f"{name} needs itself")
    return kept


def _all(name, needs):
    """Everything that a module needs, and that those need in turn."""
    found, rest = set(), [name]
    while rest:
        new = set(needs[rest.pop()]) - found
        found |= new
        rest += new
    return found


class _WithoutTypes(ast.NodeTransformer):
    """Takes out what is there for type checkers: nobody reads it in a service, which loads a tenth less without."""

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node):
        return self.visit_FunctionDef(node)

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def visit_If(self, node):
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    def visit_ImportFrom(self, node):
        return ast.copy_location(ast.Pass(), node) if node.module == "__future__" else node


def _without_types(tree):
    return ast.fix_missing_locations(_WithoutTypes().visit(tree))
