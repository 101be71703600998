"""Strategies of hypothesis: hostile answers, and prose that the hook accepts."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from tests.answers.assertions import DEFAULTS, TEXT_ANSWERS
from tests.answers.attacks import ATTACKS, PROSE
from tests.answers.hooks import pre

# The database of hypothesis belongs outside the repository.
set_hypothesis_home_dir(Path(gettempdir(), "hypothesis"))
# The explanation of a failure takes longer than all other phases.
PHASES = set(Phase) - {Phase.explain}
PROFILE = settings(database=None, deadline=None, derandomize=True, phases=PHASES, print_blob=True)

MARKS = "*_`~[]()<>{}#&|\\-+=.!%$\"'/: a1"
FRAGMENTS = (
    st.sampled_from([attack.text for attack in ATTACKS])
    | st.text(max_size=9)
    | st.text(MARKS, max_size=9)
)
HOSTILE = st.lists(FRAGMENTS, min_size=1, max_size=3).map("".join)
CHOICES = {name: st.sampled_from(choices) for name, choices in pre.CHOICES.items()}
ANSWERS = st.fixed_dictionaries(
    {name: st.just(DEFAULTS[name]) | HOSTILE for name in TEXT_ANSWERS} | CHOICES,
)
# Hostile text that the hook has made acceptable
AWKWARD = HOSTILE.map(lambda text: pre.to_line(text)[:100].strip()).filter(
    lambda text: not pre.find_problem("project_name", text)
)
ACCEPTED = st.fixed_dictionaries(dict.fromkeys(PROSE, AWKWARD))
