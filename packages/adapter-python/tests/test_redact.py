import json
from pathlib import Path

import pytest

from paramo._redact import redact_arguments, redact_text, redact_variable

# The table that the Node SDK is tested by, too.
CASES = json.loads((Path(__file__).parents[2] / "client" / "src" / "describe" / "redaction-cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["arguments"], ids=lambda case: " ".join(case["given"])[:40])
def test_a_command_line_is_kept_without_its_secrets(case):
    assert redact_arguments(case["given"]) == case["kept"]
    assert redact_arguments(case["kept"]) == case["kept"]


@pytest.mark.parametrize("case", CASES["variables"], ids=lambda case: case["name"])
def test_a_variable_is_kept_without_its_secrets(case):
    assert redact_variable(case["name"], case["given"]) == case["kept"]


def test_redaction_takes_time_that_grows_with_the_text_alone():
    for text in ("a" * 100_000, "token" * 20_000, "-" * 100_000, "token=" * 20_000, '"' * 100_000):
        assert redact_text(text)
