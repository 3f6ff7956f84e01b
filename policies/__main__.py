"""The policy pack's entry point: the engine runs this file by its path, in this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policies.catalogue import ALL
from policies.serve import serve

serve(ALL)
