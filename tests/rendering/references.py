"""Find what a rendered project names and does not have: files, folders, modules, settings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from fnmatch import fnmatch
from pathlib import PurePosixPath

from tests.support.baking import BakedProject
from tests.support.environment import SERVICE, SETTINGS

PART = r"(?:[\w*.-]|<\w+>)+"
START = r"(?<![\w./:@$}~%-])"
# What looks like a file of some kind, such as runtime/settings.py or config/<deploy>.env.example.
KIND = r"css|env|env\.example|html|in|json|md|py|sh|toml|txt|xml|ya?ml"
FILE = re.compile(rf"{START}(?:{PART}/)*{PART}\.(?:{KIND})(?![\w/(-]|\.\w)")
# In Markdown a name that ends in a slash is a folder, such as visits/.
FOLDER = re.compile(rf"(?<=`)(?:{PART}/)+(?=`)")
# Names that say no kind, such as Procfile, whether this project has them or not. Scripts are below bin/.
PLAIN = {path.name for path in SERVICE.rglob("*") if path.is_file() and not path.suffix}
PLAIN = PLAIN - {path.name for path in (SERVICE / "bin").iterdir()}
TOP = {path.name for path in SERVICE.iterdir() if path.is_dir() and "{" not in path.name}
PROSE = (".md", ".example")
# A package and a host may have the same name.
ADDRESS = re.compile(r"\b\w+(?:\+\w+)?://\S+|[\w.-]+\.example\.(?:com|net|org)\b")
VARIABLE = re.compile(r"(?<!\w)[A-Z][A-Z0-9_]*(?!\w)")


def prose(name: str, text: str) -> str:
    """Return the parts of a file that may name another: of Python its texts and comments."""
    if name.endswith(".py"):
        nodes = list(ast.walk(ast.parse(text)))
        # What is joined to a folder, as in tmp_path / "odd.py", may be anywhere; tests find what is not.
        joined = [node.right for node in nodes if isinstance(node, ast.BinOp)]
        texts = [node for node in nodes if isinstance(node, ast.Constant) and node not in joined]
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        text = "\n".join([str(node.value) for node in texts] + comments)
    return "" if name == "LICENSE" else ADDRESS.sub("", text)


class Inventory:
    """What a project has, and what is named in it."""

    def __init__(self, project: BakedProject) -> None:
        self.texts = {name: project.read(name) for name in project.files()}
        above = {str(folder) for name in self.texts for folder in PurePosixPath(name).parents}
        self.names = above | set(self.texts)
        self.ignored = [line.strip("/") for line in self.texts[".gitignore"].split()]
        package = project.answers["package_name"]
        # A package called a is a word like any other.
        self.roots = "|".join(TOP | ({package} if len(package) > 2 else set()))
        self.settings = set(
            re.findall("^([A-Z_]+)=", self.texts["config/development.env.example"], re.MULTILINE)
        )
        programs = [text for name, text in self.texts.items() if not name.endswith(PROSE)]
        self.variables = self.settings | set(VARIABLE.findall(" ".join(programs)))

    def paths(self, name: str, text: str) -> set[str]:
        """Return the files and folders that a text names."""
        below = rf"{START}(?:{self.roots})/(?:{PART}/?)*"
        plain = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, PLAIN))})(?![\w/-]|\.\w)"
        found = FILE.findall(text) + re.findall(below, text) + re.findall(plain, text)
        folders = FOLDER.findall(text) if name.endswith(".md") else []
        return {path.rstrip(".") for path in found + folders}

    def has(self, path: str, text: str) -> bool:
        """Tell whether a path is there, is made by the text that names it, or is ignored by git."""
        wanted = re.sub(r"<\w+>", "*", path).removeprefix("./").strip("/")
        forms = (wanted, f"*/{wanted}")
        there = any(fnmatch(name, form) for name in self.names for form in forms)
        return there or f">{wanted}\n" in text or self.ignores(wanted)

    def ignores(self, path: str) -> bool:
        """Tell whether git ignores a path, since tools make it."""
        return any(fnmatch(path, form) or fnmatch(path, f"{form}/*") for form in self.ignored)

    def modules(self, text: str) -> set[str]:
        """Return the modules that a text names and that are not there, such as dev.redis_server."""
        named = re.findall(rf"{START}(?:{self.roots})(?:\.[a-z_]+)+(?![\w(])", text)
        return {name for name in named if not FILE.fullmatch(name) and not self.defines(name)}

    def defines(self, name: str) -> bool:
        """Tell whether a dotted name is that of a module, or of something in one."""
        folder, *words = name.split(".")
        for word in words:
            above, folder = folder, f"{folder}/{word}"
            if f"{folder}.py" in self.names:
                return True
            if folder not in self.names:
                return word in self.texts.get(f"{above}/__init__.py", "")
        return True

    def unset(self, name: str, text: str) -> set[str]:
        """Return the settings that a text names and that the project does not have."""
        words = set(VARIABLE.findall(text))
        wrong = words & set(SETTINGS) - self.settings
        if name.endswith(PROSE):  # a program has names of its own
            named = {word: word.removesuffix("_FILE") for word in words if "_" in word}
            wrong |= {word for word, own in named.items() if own not in self.variables}
        return wrong


def dangling(project: BakedProject) -> dict[str, set[str]]:
    """Return what is named and is not there, by the file that names it."""
    own, found = Inventory(project), {}
    for name, whole in own.texts.items():
        text = prose(name, whole)
        paths = {path for path in own.paths(name, text) if not own.has(path, text)}
        found[name] = paths | own.modules(text) | own.unset(name, text)
    return {name: wrong for name, wrong in found.items() if wrong}
