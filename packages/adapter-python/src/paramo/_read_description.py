"""Reads what a trial was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Optional

from ._description import DESCRIPTION_NAME
from .v1.artifact_service_pb2 import GetArtifactRequest, ListArtifactsRequest
from .v1.artifact_service_pb2_grpc import ArtifactServiceStub

if TYPE_CHECKING:
    from ._link import Link


def read_description(link: "Link", study_id: str, trial: int) -> Optional[Dict[str, Any]]:
    """The description of a trial's newest attempt that has one; None: it was not described."""
    listed = link.unary(ArtifactServiceStub, "ListArtifacts", ListArtifactsRequest(study_id=study_id, trial=trial))
    found = [artifact for artifact in listed.artifacts if artifact.name == DESCRIPTION_NAME]
    if not found:
        return None
    newest = max(found, key=lambda artifact: artifact.attempt)
    parts = link.stream(ArtifactServiceStub, "GetArtifact", GetArtifactRequest(study_id=study_id, trial=trial, sha256=newest.sha256))
    description: Dict[str, Any] = json.loads(b"".join(part.content for part in parts if part.WhichOneof("part") == "content"))
    return description
