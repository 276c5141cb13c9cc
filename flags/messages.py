"""What the library says of its arguments, in terms of the flags that a person types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tfgan_losses.flags.definitions import GROUPS, rows_of

# Arguments of Python that a command fills in from a flag of another name.
_PHRASES = {
    "resume=True": "--resume=<directory>",
    "directory=": "--output_dir=",
    "keras.config.set_dtype_policy('mixed_bfloat16')": "--mixed_precision=mixed_bfloat16",
}
# A pattern that nothing fits: an alternative without a word would fit everywhere.
_NOTHING = r"(?!)"


def naming_flags(message: str, groups: Sequence[str] = tuple(GROUPS)) -> str:
    """Returns a message of the library with `--batch_size=8` where it says `batch_size=8`.

    Only flags of the command: what is a flag of one can be an argument of Python in another. What
    is part of a path, of a specification such as `cosine(steps=9)` or of a quoted text stays,
    and so do words that are names of flags and of other things, as in "the loss".

    Args:
        message: What the library says.
        groups: Names of the groups of flags of the command.
    """
    flags = {row.name for group in groups for row in rows_of(group)}
    known = [phrase for phrase, flag in _PHRASES.items() if flag[2:].partition("=")[0] in flags]
    phrases = "|".join([*map(re.escape, known), _NOTHING])
    names = [*sorted(flags, key=len, reverse=True), _NOTHING]
    long_names = "|".join([*(name for name in names if "_" in name), _NOTHING])
    pattern = (
        rf"(?<![\w./('\"-])(?:(?P<phrase>{phrases})"
        rf"|`?(?P<name>{'|'.join(names)})(?:`|(?==))"
        rf"|(?P<long>{long_names})(?![\w/'\"(-]|\.\w))"
    )
    return re.sub(pattern, _as_flag, message)


def _as_flag(match: re.Match[str]) -> str:
    return _PHRASES.get(match["phrase"]) or f"--{match['name'] or match['long']}"
