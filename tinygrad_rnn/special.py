"""Special functions under the names of ``torch.special``, of those that are made of a few others."""

from __future__ import annotations

import math

from .surface.functions import clamp, isnan, log, where
from .surface.functions import erf as erf
from .surface.functions import erfc as erfc
from .surface.functions import exp2 as exp2
from .surface.functions import expm1 as expm1
from .surface.functions import log1p as log1p
from .surface.functions import log_softmax as log_softmax
from .surface.functions import logit as logit
from .surface.functions import logsumexp as logsumexp
from .surface.functions import sigmoid as expit
from .surface.functions import sinc as sinc
from .surface.functions import softmax as softmax
from .surface.functions import xlogy as xlogy
from .surface.tensor import Tensor

__all__ = ["entr", "erf", "erfc", "exp2", "expit", "expm1", "log1p", "log_ndtr", "log_softmax", "logit"]
__all__ += ["logsumexp", "ndtr", "sinc", "softmax", "xlog1py", "xlogy"]


def entr(input: Tensor) -> Tensor:
    """-x log x, 0 at 0 and -inf for negative numbers."""
    return where(input < 0, -math.inf, -xlogy(input, input))


def ndtr(input: Tensor) -> Tensor:
    """The share of a normal distribution below ``input``: (1 + erf(x / sqrt 2)) / 2, exact also where it is small."""
    share: Tensor = erfc(input * -math.sqrt(0.5)) / 2
    return share


def log_ndtr(input: Tensor) -> Tensor:
    """log ndtr(x), exact also where there is nearly nothing or nearly all below x.

    Far below it is -x^2 / 2 - log(sqrt(2 pi) f) with Laplace's continued fraction f = z + 1 / (z + 2 / (z + 3 / ...))
    of z = -x.
    """
    z = clamp(input * -1.0, min=5)
    fraction: Tensor = z
    for number in range(30, 0, -1):
        fraction = z + number / fraction
    far = -z * z / 2 - log(fraction * math.sqrt(2 * math.pi))
    near, above = log(ndtr(clamp(input, -5, 1))), log1p(-ndtr(clamp(input * -1.0, max=-1)))
    return where(input < -5, far, where(input < 1, near, above))


def xlog1py(input: Tensor, other: Tensor) -> Tensor:
    """input log(1 + other), and 0 where input is 0."""
    product: Tensor = input * log1p(other)
    return where((input == 0) & ~isnan(other), 0.0, product)
