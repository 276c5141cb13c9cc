"""Python in Markdown that says what it prints: `print(x)  # 1.25`."""

import contextlib
import io
import re


def python_blocks(text: str) -> list[str]:
    """The code of each fenced Python block."""
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def assert_prints_what_it_says(code: str) -> None:
    """Runs it; every `print` has its output beside it in a comment."""
    expected = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    assert expected and code.count("print(") == len(expected)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue().splitlines() == expected
