"""From a folder or a hub id to a loaded model: one code path for real and tiny checkpoints, strict about every key."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from . import bpe, tiny
from .compat import edgetam_without_hub
from .errors import RecipeError
from .families import Family

WEIGHTS = ("*.safetensors", "*.safetensors.index.json")
WANTED = [*WEIGHTS, "*.json", "merges.txt", "*.txt.gz", "LICENSE*"]


@dataclass(frozen=True)
class Source:
    """A loaded checkpoint and where it came from."""

    model: nn.Module
    repo: str
    revision: str
    #: SHA-256 of the weight file; of the list of hashes when there are several; null for random weights
    sha256: str | None
    #: merges of the CLIP vocabulary, for text
    merges: list[str] | None
    licence: str | None = None


def model_class(arch: str):
    import transformers

    name = {"sam2.1": "Sam2VideoModel", "edgetam": "EdgeTamVideoModel", "sam3": "Sam3VideoModel", "sam1": "SamModel"}[arch]
    return getattr(transformers, name)


def load_tiny(family: Family, seed: int, size: tiny.TinySize) -> Source:
    """Random weights; the same seed gives the same bytes with the pinned requirements."""
    merges = bpe.tiny_merges() if family.arch == "sam3" else None
    configs = {
        "sam2.1": lambda: tiny.sam21_config(size),
        "edgetam": lambda: tiny.edgetam_config(size),
        "sam3": lambda: tiny.sam3_config(size, vocabulary=len(bpe.Tokenizer(merges or []))),
        "sam1": lambda: tiny.sam1_config(size),
    }
    model = tiny.randomise(model_class(family.arch)(configs[family.arch]()), seed)
    if family.arch != "sam1":
        from .calibrate import calibrate

        calibrate(model, family, seed)
    revision = f"transformers 5.18.0, seed {seed}, hidden {size.hidden}"
    return Source(model, "random weights", revision, None, merges, licence="CC0-1.0 (random weights)")


def load_checkpoint(family: Family, variant: str | None, source: str | None, mirror: str, vocabulary: str | None, text: bool) -> Source:
    """`source`: folder or hub id; absent: the family's own hub id. `HF_ENDPOINT` and `HF_HUB_OFFLINE` are honoured."""
    name = source or family.hub[variant or family.default_variant]
    folder = Path(name) if Path(name).is_dir() else download(name, mirror)
    if not (folder / "config.json").is_file():
        raise RecipeError(
            f'"{folder}" holds no config.json: the recipes read checkpoints in transformers form '
            f"(such as {family.hub[family.default_variant]}), not the original .pt files."
        )
    if not any(folder.glob("*.safetensors")):
        raise RecipeError(f'"{folder}" holds no .safetensors weights; download them completely and try again.')
    if family.arch == "edgetam":
        edgetam_without_hub()
    cls = model_class(family.arch)
    check_config(family, variant, folder, cls)
    model = load_strictly(cls, folder)
    merges = read_merges(folder, vocabulary, model) if family.arch == "sam3" and text else None
    revision = folder.name if folder.parent.name == "snapshots" else "local folder"
    return Source(model, str(name) if not Path(name).is_dir() else folder.name, revision, hash_weights(folder), merges)


def download(repo: str, mirror: str) -> Path:
    """Into the client's own cache; what is there already serves when nothing answers."""
    try:
        if mirror == "modelscope":
            from modelscope import snapshot_download

            endpoint = "https://" + os.environ.get("MODELSCOPE_DOMAIN", "www.modelscope.cn")
        else:
            from huggingface_hub import constants, snapshot_download

            endpoint = constants.ENDPOINT
    except ImportError as error:
        raise RecipeError("The ModelScope mirror needs its client: pip install modelscope.") from error
    offline = mirror == "hub" and constants.HF_HUB_OFFLINE
    silence = None if offline else why_silent(endpoint)
    try:
        return Path(snapshot_download(repo, allow_patterns=WANTED, local_files_only=offline or silence is not None))
    except Exception as error:  # noqa: BLE001 - hub clients raise many kinds; one sentence serves all
        reason = silence or f"{type(error).__name__}: {first_line(error)}"
        raise RecipeError(
            f'"{repo}" is neither a folder here nor in the cache, nor could it be fetched from {endpoint} ({reason}). '
            "Give --source FOLDER, set HF_ENDPOINT to a mirror, or use --mirror modelscope; gated checkpoints need `hf auth login` first."
        ) from error


def why_silent(endpoint: str, seconds: float = 10) -> str | None:
    """Why nothing answers there, None when something does: asked first, because the clients try a silent server for minutes."""
    outcome: list[str | None] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=seconds).close()
            outcome.append(None)
        except Exception as error:  # noqa: BLE001 - a wrong address raises other kinds than a dead one
            # A refusal is an answer, and whose certificates count is for the client to say.
            cause = getattr(error, "reason", error)
            answered = isinstance(error, urllib.error.HTTPError) or isinstance(cause, ssl.SSLCertVerificationError)
            outcome.append(None if answered else first_line(cause))

    # Looking up a name has no time limit of its own.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(2 * seconds)
    return outcome[0] if outcome else f"no answer within {2 * seconds:.0f} seconds"


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:200]


def check_config(family: Family, variant: str | None, folder: Path, cls) -> None:
    """Refuses a checkpoint of another family or variant before its weights are read."""
    config = json.loads((folder / "config.json").read_text())
    wanted = cls.config_class.model_type
    found = config.get("model_type")
    if found != wanted:
        raise RecipeError(f'"{folder}" is a checkpoint of model type "{found}"; this recipe needs "{wanted}".')
    fingerprint = family.fingerprints.get(variant or "", {})
    parsed = cls.config_class.from_pretrained(folder)
    # SAM 3's has none: one per part, and one variant.
    backbone = getattr(parsed, "vision_config", None)
    backbone = getattr(backbone, "backbone_config", backbone)
    for field, value in fingerprint.items():
        if list_like(getattr(backbone, field, None)) != list_like(value):
            raise RecipeError(
                f'"{folder}" is not the variant "{variant}": its {field} is {getattr(backbone, field, None)}, not {value}; '
                f"choose --variant {'|'.join(family.hub)} to match."
            )


def list_like(value):
    return list(value) if isinstance(value, (list, tuple)) else value


def load_strictly(cls, folder: Path) -> nn.Module:
    """Every parameter must come from the file and every tensor of the file must be used."""
    import torch

    model, info = cls.from_pretrained(folder, output_loading_info=True, dtype=torch.float32, local_files_only=True)
    problems = {kind: sorted(str(key) for key in info.get(kind, ())) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")}
    problems["missing_keys"] = [key for key in problems["missing_keys"] if not is_tied(model, key)]
    for kind, keys in problems.items():
        if keys:
            what = kind.replace("_", " ")
            raise RecipeError(
                f'The weights in "{folder}" do not fit {cls.__name__}: {len(keys)} {what}, first {", ".join(keys[:3])}. '
                "The file is damaged, of another version, or transformers is not the pinned one."
            )
    return model.eval()


def is_tied(model: nn.Module, key: str) -> bool:
    return any(pattern in key for pattern in (getattr(model, "_tied_weights_keys", None) or {}))


def hash_weights(folder: Path) -> str:
    hashes = [hash_file(file) for file in sorted(folder.glob("*.safetensors"))]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def read_merges(folder: Path, vocabulary: str | None, model: nn.Module) -> list[str]:
    """The CLIP merges beside the checkpoint (merges.txt) or in the file given; their count must fit the text encoder."""
    import gzip

    candidates = [Path(vocabulary)] if vocabulary else [folder / "merges.txt", *sorted(folder.glob("bpe*.txt.gz"))]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None:
        raise RecipeError(
            f'"{folder}" holds no merges.txt, so phrases could not be tokenised; give --vocab FILE (bpe_simple_vocab_16e6.txt.gz), '
            "or --tracker-only for a pack without phrases."
        )
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    lines = [line.rstrip() for line in text.split("\n")[1:]]
    wanted = model.config.detector_config.text_config.vocab_size - 512 - 2
    merges = [line for line in lines[:wanted] if " " in line]
    if len(merges) != wanted:
        raise RecipeError(f'"{path}" holds {len(merges)} merges, but the text encoder needs {wanted}; it is another vocabulary.')
    return merges
