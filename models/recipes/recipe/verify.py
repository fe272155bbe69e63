"""Runs the finished files with onnxruntime and holds them against the library's modules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cases import Case
from .errors import RecipeError
from .onnx_files import close_session, run

#: Allowed relative difference: largest for fp32, root mean square for the rest (single values may cross a threshold).
TOLERANCE = {"fp32": 1e-4, "fp16": 2e-2, "int8": 0.35}
SENTINEL = -1024.0


@dataclass(frozen=True)
class Finding:
    role: str
    case: str
    output: str
    difference: float


def verify(folder: Path, cases: list[Case], precision: str) -> list[Finding]:
    """Raises RecipeError at the first output that is off; returns all differences otherwise."""
    findings = []
    for case in cases:
        path = folder / f"{case.role}.onnx"
        answers = run(path, case.inputs, list(case.outputs))
        for (name, expected), found in zip(case.outputs.items(), answers):
            difference = compare(expected, found, precision)
            findings.append(Finding(case.role, case.name, name, difference))
            if not difference <= TOLERANCE[precision]:
                raise RecipeError(
                    f"The {case.role} graph does not compute what the checkpoint computes: case {case.name}, output {name}, "
                    f"relative difference {difference:.2e} where {TOLERANCE[precision]:g} is allowed; the pack is not usable."
                )
    for role in {case.role for case in cases}:
        close_session(folder / f"{role}.onnx")
    return findings


def compare(expected: np.ndarray, found: np.ndarray, precision: str) -> float:
    """Relative to the golden's scale; the marker of invisible objects must agree and does not count."""
    if expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    expected, found = expected.astype(np.float64), found.astype(np.float64)
    marked = (expected == SENTINEL) | (found == SENTINEL)
    if precision == "fp32" and not np.array_equal(expected == SENTINEL, found == SENTINEL):
        return float("inf")
    difference = np.where(marked, 0, expected - found)
    values = expected[~marked] if (~marked).any() else np.zeros(1)
    if precision == "fp32":
        return float(np.abs(difference).max() / max(np.abs(values).max(), 1e-6))
    return float(np.sqrt((difference**2).mean()) / max(np.sqrt((values**2).mean()), 1e-6))


def summary(findings: list[Finding]) -> str:
    lines = []
    for role in dict.fromkeys(finding.role for finding in findings):
        worst = max((finding for finding in findings if finding.role == role), key=lambda finding: finding.difference)
        lines.append(f"  {role:17} worst {worst.difference:.1e} ({worst.case}, {worst.output})")
    return "\n".join(lines)
