"""Find references of a rendered project to files, folders, modules and settings that it lacks."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from copy import copy
from fnmatch import fnmatch
from pathlib import PurePosixPath
from posixpath import normpath

from tests.support.baking import BakedProject
from tests.support.blocks import read_blocks
from tests.support.environment import SERVICE, SETTINGS

PART = r"(?:[\w*.-]|<\w+>)+"
START = r"(?<![\w./:@$}~%-])"
# A file with a known extension, such as runtime/settings.py or config/<deploy>.env.example
EXTENSIONS = r"css|env|env\.example|html|in|json|md|py|sh|toml|txt|xml|ya?ml"
FILE = re.compile(rf"{START}(?:{PART}/)*{PART}\.(?:{EXTENSIONS})(?![\w/(-]|\.\w)")
# A folder in Markdown, such as visits/
FOLDER = re.compile(rf"(?<=`)(?:{PART}/)+(?=`)")
# Files of the template without an extension, such as Procfile; FILE finds the scripts in bin/
PLAIN = {path.name for path in SERVICE.rglob("*") if path.is_file() and not path.suffix}
PLAIN -= {path.name for path in (SERVICE / "bin").iterdir()}
TOP = {path.name for path in SERVICE.iterdir() if path.is_dir() and path.name[0] not in "{."}
# Files that another tool makes, or that a document proposes
FOREIGN = {".cruft.json", ".github/dependabot.yml", "config.env"}
PROSE = (".md", ".example")
# URLs and host names: a package and a host may have the same name.
ADDRESS = re.compile(r"\b\w+(?:\+\w+)?://\S+|[\w.-]+\.example\.(?:com|net|org)\b")
VARIABLE = re.compile(r"(?<!\w)[A-Z][A-Z0-9_]*(?!\w)")


def extract_prose(name: str, text: str) -> str:
    """Return the text of a file without URLs, and of Python only its strings and comments."""
    if name.endswith(".py"):
        nodes = list(ast.walk(ast.parse(text)))
        # In tmp_path / "odd.py" the string is a file of a test.
        joined = [node.right for node in nodes if isinstance(node, ast.BinOp)]
        texts = [node for node in nodes if isinstance(node, ast.Constant) and node not in joined]
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        text = "\n".join([str(node.value) for node in texts] + comments)
    return "" if name == "LICENSE" else ADDRESS.sub("", text)


class Inventory:
    """Files, modules and settings of a project, and the references in its texts."""

    def __init__(self, project: BakedProject) -> None:
        self.texts = {name: project.read(name) for name in project.files()}
        above = {str(folder) for name in self.texts for folder in PurePosixPath(name).parents}
        self.names = above | set(self.texts)
        self.ignored = [line.strip("/") for line in self.texts[".gitignore"].split()]
        package = project.answers["package_name"]
        # A package with a short name, such as a, is also a word of prose.
        self.roots = "|".join(TOP | ({package} if len(package) > 2 else set()))
        self.settings = set(
            re.findall("^([A-Z_]+)=", self.texts["config/development.env.example"], re.MULTILINE)
        )
        programs = [text for name, text in self.texts.items() if not name.endswith(PROSE)]
        self.variables = self.settings | set(VARIABLE.findall(" ".join(programs)))

    def after(self, project: BakedProject, name: str) -> Inventory:
        """Return the inventory after the blocks of a document, which write files and settings."""
        blocks = read_blocks(project, name)
        written = {block.path: block.text for block in blocks if block.path}
        commands = [block.text for block in blocks if not block.path]
        changed = copy(self)
        changed.texts = written | self.texts
        above = {str(folder) for path in written for folder in PurePosixPath(path).parents}
        changed.names = self.names | above | set(written)
        changed.variables = self.variables | set(VARIABLE.findall(" ".join(commands)))
        changed.variables |= set(VARIABLE.findall(" ".join(written.values())))
        return changed

    def find_paths(self, name: str, text: str) -> set[str]:
        """Return the files and folders that a text names."""
        below = rf"{START}(?:{self.roots})/(?:{PART}/?)*"
        plain = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, PLAIN))})(?![\w/-]|\.\w)"
        found = FILE.findall(text) + re.findall(below, text) + re.findall(plain, text)
        folders = FOLDER.findall(text) if name.endswith(".md") else []
        return {path.rstrip(".") for path in found + folders}

    def has_path(self, path: str, text: str) -> bool:
        """Return True if a path exists, if the text itself creates it, or if git ignores it."""
        wanted = re.sub(r"<\w+>", "*", path).removeprefix("./").strip("/")
        forms = (wanted, f"*/{wanted}")
        exists = any(fnmatch(name, form) for name in self.names for form in forms)
        return exists or wanted in FOREIGN or f">{wanted}\n" in text or self.is_ignored(wanted)

    def is_ignored(self, path: str) -> bool:
        """Return True if git ignores a path."""
        return any(fnmatch(path, form) or fnmatch(path, f"{form}/*") for form in self.ignored)

    def find_missing_modules(self, text: str) -> set[str]:
        """Return the dotted names in a text, such as dev.redis_server, without a definition."""
        named = re.findall(rf"{START}(?:{self.roots})(?:\.[a-z_]+)+(?![\w(])", text)
        return {name for name in named if not FILE.fullmatch(name) and not self.is_defined(name)}

    def is_defined(self, name: str) -> bool:
        """Return True if a dotted name is that of a module, or of a name in one."""
        folder, *words = name.split(".")
        for word in words:
            above, folder = folder, f"{folder}/{word}"
            if f"{folder}.py" in self.names:
                return True
            if folder not in self.names:
                return word in self.texts.get(f"{above}/__init__.py", "")
        return True

    def find_missing_settings(self, name: str, text: str) -> set[str]:
        """Return the settings that a text names and the project lacks."""
        words = set(VARIABLE.findall(text))
        wrong = words & set(SETTINGS) - self.settings
        if name.endswith(PROSE):  # programs also have constants
            named = {word: word.removesuffix("_FILE") for word in words if "_" in word}
            wrong |= {word for word, own in named.items() if own not in self.variables}
        return wrong


def resolve(name: str, path: str) -> str:
    """Return a path from the top of the project, if it starts above the folder of the file."""
    is_above = path.startswith("../")
    return normpath(f"{PurePosixPath(name).parent}/{path}") if is_above else path


def find_dangling(project: BakedProject) -> dict[str, set[str]]:
    """Return the references without a target, by file."""
    own, found = Inventory(project), {}
    for name, whole in own.texts.items():
        text = extract_prose(name, whole)
        known = own.after(project, name) if name.endswith(".md") else own
        named = known.find_paths(name, text)
        paths = {path for path in named if not known.has_path(resolve(name, path), text)}
        settings = known.find_missing_settings(name, text)
        found[name] = paths | known.find_missing_modules(text) | settings
    return {name: wrong for name, wrong in found.items() if wrong}
