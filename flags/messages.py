"""What the library says of its arguments, in terms of the flags that a person types."""

from __future__ import annotations

import re

from tfgan_losses.flags.definitions import all_names

# Arguments of Python that a command fills in from a flag of another name.
_PHRASES = {
    "resume=True": "--resume=<directory>",
    "directory=": "--output_dir=",
    "keras.config.set_dtype_policy('mixed_bfloat16')": "--mixed_precision=mixed_bfloat16",
}


def naming_flags(message: str) -> str:
    """Returns a message of the library with `--batch_size=8` where it says `batch_size=8`.

    What is part of a path, of a specification such as `cosine(steps=9)` or of a quoted text stays,
    and so do words that are names of flags and of other things, as in "the loss".
    """
    phrases = "|".join(re.escape(phrase) for phrase in _PHRASES)
    names = sorted(all_names(), key=len, reverse=True)
    long_names = "|".join(name for name in names if "_" in name)
    pattern = (
        rf"(?<![\w./('\"-])(?:(?P<phrase>{phrases})"
        rf"|`?(?P<name>{'|'.join(names)})(?:`|(?==))"
        rf"|(?P<long>{long_names})(?![\w/'\"(-]|\.\w))"
    )
    return re.sub(pattern, _as_flag, message)


def _as_flag(match: re.Match[str]) -> str:
    return _PHRASES.get(match["phrase"]) or f"--{match['name'] or match['long']}"
