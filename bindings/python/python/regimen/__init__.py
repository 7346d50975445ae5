"""Clinic protocols evaluated into recommendations that explain themselves.

Nothing that this package or its protocols say has been clinically validated.

:class:`Clinic` answers for one record and :class:`Cohort` for a column of them. What is not known is unknown, and never "no".
"""

from __future__ import annotations

from ._clinic import Clinic, Protocol
from ._cohort import Cohort
from ._model import Diagnostic, Recommendation, RegimenError, Status
from ._regimen import VERSION as __version__
from ._regimen import Answers

__all__ = ["Answers", "Clinic", "Cohort", "Diagnostic", "Protocol", "Recommendation", "RegimenError", "Status", "__version__"]
