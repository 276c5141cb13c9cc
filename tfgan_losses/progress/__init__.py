"""How far something is, and how long it still takes; nothing here needs TensorFlow."""

from tfgan_losses.progress.counting import Counter as Counter, counted as counted
from tfgan_losses.progress.pace import Pace as Pace
from tfgan_losses.progress.status_line import (
    SEPARATOR as SEPARATOR,
    Part as Part,
    StatusLine as StatusLine,
    is_rewritable as is_rewritable,
    write as write,
)
from tfgan_losses.progress.times import (
    countdown as countdown,
    done_at as done_at,
    duration as duration,
    hours as hours,
)
