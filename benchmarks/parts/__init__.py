"""What the commands of this folder share.

Importing it sets the environment of a command, and so comes before TensorFlow.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As in the commands of the library.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# PyTorch uses the same GPU.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
# A process with TensorFlow in it must not be forked by torch.compile.
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
# The library of this checkout.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
