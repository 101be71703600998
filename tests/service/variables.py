"""Variables of Python that mislead a script, for each that Python knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# Variable -> value that misleads, or that costs the most.
VALUES = {
    "PYTHONBREAKPOINT": "os.abort",
    "PYTHONCASEOK": "1",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONDEBUG": "0",  # 1 prints the work of the parser
    "PYTHONDEVMODE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONFAULTHANDLER": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONHOME": "/nowhere",
    "PYTHONINSPECT": "1",
    "PYTHONINTMAXSTRDIGITS": "640",
    "PYTHONIOENCODING": "ascii:backslashreplace",
    "PYTHONMALLOC": "malloc",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPATH": "FOLDER",
    "PYTHONPLATLIBDIR": "nowhere",
    "PYTHONPYCACHEPREFIX": "",  # any folder does
    "PYTHONSAFEPATH": "1",
    "PYTHONSTARTUP": "/nowhere",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "0",
    "PYTHONVERBOSE": "",  # 1 prints every import
    "PYTHONWARNDEFAULTENCODING": "",  # 1 warns of files that libraries open
    "PYTHONWARNINGS": "error",
}


def read_python_variables(folder: Path) -> dict[str, str]:
    """Return every variable of Python with its value; raises KeyError for an unknown one."""
    words = [sys.executable, "--help-env"]
    usage = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    (folder / "sitecustomize.py").write_text("raise SystemExit('from PYTHONPATH')")
    names = re.findall("^(PYTHON[A-Z0-9_]+)", usage, re.MULTILINE)
    return {name: VALUES[name].replace("FOLDER", str(folder)) for name in names}
