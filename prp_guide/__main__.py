"""`python -m prp_guide ...` is the same as `prp-guide ...`."""

import sys

from prp_guide.cli import main

sys.exit(main())
