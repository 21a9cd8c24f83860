"""Python's cycle collector, kept away from what a server loads once and never lets go."""

import gc
from importlib import import_module

from django.conf import settings


def spare_what_is_loaded() -> None:
    """Take everything that is loaded now out of the collector's sight.

    Otherwise it walks all modules, models and routes again and again, for a tenth of a second in
    the middle of somebody's request. What is frozen is still freed when nothing refers to it.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
