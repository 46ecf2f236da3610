"""Readers of the backward stream: gradients of chosen tensors, ledgers, explanations, checks of rules, NaN hunting."""

from ..engine.modes import enable_grad as enable_grad
from ..engine.modes import inference_mode as inference_mode
from ..engine.modes import no_grad as no_grad
from ..engine.modes import set_grad_enabled as set_grad_enabled
from ..explain.anomaly import detect_anomaly as detect_anomaly
from ..explain.anomaly import is_anomaly_enabled as is_anomaly_enabled
from ..explain.anomaly import set_detect_anomaly as set_detect_anomaly
from ..explain.blame import AnomalyError as AnomalyError
from ..explain.contributions import Contribution as Contribution
from ..explain.contributions import Contributions as Contributions
from ..explain.contributions import contributions as contributions
from ..explain.flow import Flow as Flow
from ..explain.flow import GradientFlow as GradientFlow
from ..explain.flow import gradient_flow as gradient_flow
from ..explain.steps import BackwardStep as BackwardStep
from ..explain.steps import backward_steps as backward_steps
from . import forward_ad as forward_ad
from . import function as function
from . import functional as functional
from .check import gradcheck as gradcheck
from .check import gradgradcheck as gradgradcheck
from .differences import GradcheckError as GradcheckError
from .function import Function as Function
from .gradients import backward as backward
from .gradients import grad as grad
from .variable import Variable as Variable
