"""The one place that says how kernels are compiled.

numba keeps compiled code on disk and recompiles when the *file a kernel is in* has changed, not when a
kernel it calls in another file has.  So kernels that call one another live in one file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(kernel: Kernel) -> Kernel:
    """``kernel`` compiled to machine code at its first call, cached on disk, without the GIL.

    The cache lies beside the source or in the user's cache directory; where neither can be written (a
    read-only image without a home) each process compiles anew, which takes some seconds.
    """
    try:
        return cast("Kernel", njit(cache=True, nogil=True)(kernel))
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        return cast("Kernel", njit(nogil=True)(kernel))
