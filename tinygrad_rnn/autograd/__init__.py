"""Readers of the backward stream: gradients of chosen tensors, ledgers, explanations, checks of rules, NaN hunting."""

from ..recording import enable_grad as enable_grad
from ..recording import inference_mode as inference_mode
from ..recording import no_grad as no_grad
from ..recording import set_grad_enabled as set_grad_enabled
from . import function as function
from . import functional as functional
from .anomaly import detect_anomaly as detect_anomaly
from .anomaly import is_anomaly_enabled as is_anomaly_enabled
from .anomaly import set_detect_anomaly as set_detect_anomaly
from .blame import AnomalyError as AnomalyError
from .check import gradcheck as gradcheck
from .check import gradgradcheck as gradgradcheck
from .contributions import Contribution as Contribution
from .contributions import Contributions as Contributions
from .contributions import contributions as contributions
from .differences import GradcheckError as GradcheckError
from .flow import Flow as Flow
from .flow import GradientFlow as GradientFlow
from .flow import gradient_flow as gradient_flow
from .function import Function as Function
from .gradients import backward as backward
from .gradients import grad as grad
from .steps import BackwardStep as BackwardStep
from .steps import backward_steps as backward_steps
from .variable import Variable as Variable
