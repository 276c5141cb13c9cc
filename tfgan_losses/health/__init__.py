"""Whether a training goes well: looks at it, signs of failure, and when they are worth a line."""

from tfgan_losses.health.look import Look as Look
from tfgan_losses.health.record import read_findings as read_findings
from tfgan_losses.health.sign import Sign as Sign
from tfgan_losses.health.signs import all_signs as all_signs
from tfgan_losses.health.watch import Finding as Finding, Watch as Watch
