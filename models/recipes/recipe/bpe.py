"""CLIP's byte-pair encoding in plain Python, and a very small vocabulary of our own for tests."""

from __future__ import annotations

import html
from collections import Counter

import regex

START, END, WORD_END = "<start_of_text>", "<end_of_text>", "</w>"
PIECES = regex.compile(r"<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", regex.IGNORECASE)
HEADER = "#version: 0.2"


def byte_symbols() -> list[str]:
    """The character that stands for each byte, in the order of the first 256 ids."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(0x100 + index) for index in range(len(rest))]


def byte_table() -> dict[int, str]:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in printable]
    return dict(zip([*printable, *rest], byte_symbols()))


class Tokenizer:
    """`merges`: pairs "a b" in order of rank."""

    def __init__(self, merges: list[str], context: int = 32):
        self.ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        symbols = byte_symbols()
        words = symbols + [symbol + WORD_END for symbol in symbols] + [merge.replace(" ", "") for merge in merges]
        self.ids = {word: index for index, word in enumerate([*words, START, END])}
        self.context, self.bytes = context, byte_table()

    def __len__(self) -> int:
        return len(self.ids)

    def pieces(self, text: str) -> list[str]:
        cleaned = " ".join(html.unescape(html.unescape(text)).split()).strip().lower()
        return PIECES.findall(cleaned)

    def merge(self, piece: str) -> list[str]:
        word = [self.bytes[byte] for byte in piece.encode("utf-8")]
        word[-1] += WORD_END
        while len(word) > 1:
            pairs = [(self.ranks.get(pair, 10**9), index) for index, pair in enumerate(zip(word, word[1:]))]
            rank, _ = min(pairs)
            if rank == 10**9:
                break
            pair = next(pair for pair, known in self.ranks.items() if known == rank)
            word = _join(word, pair)
        return word

    def encode(self, text: str) -> tuple[list[int], list[int]]:
        """ids and attention mask, padded with 0; mask is `id != 0` as in the reference."""
        inner = [self.ids[symbol] for piece in self.pieces(text) for symbol in self.merge(piece)]
        ids = [self.ids[START], *inner, self.ids[END]][: self.context]
        ids[-1] = self.ids[END]
        ids += [0] * (self.context - len(ids))
        return ids, [int(token != 0) for token in ids]


def _join(word: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for symbol in word:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


def train(texts: list[str], count: int) -> list[str]:
    """The `count` most frequent merges; ties go to the pair that sorts first."""
    table = byte_table()
    words: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        for piece in PIECES.findall(text.lower()):
            symbols = [table[byte] for byte in piece.encode("utf-8")]
            words[(*symbols[:-1], symbols[-1] + WORD_END)] += 1
    merges: list[str] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(" ".join(best))
        regrouped: Counter[tuple[str, ...]] = Counter()
        for word, times in words.items():
            regrouped[tuple(_join(list(word), best))] += times
        words = regrouped
    return merges


#: What the tiny vocabulary is made from; our own words.
TINY_TEXTS = [
    "visual",
    "a small red ball",
    "striped square",
    "the big blue ball",
    "a green ring on the table",
    "red square and blue ring",
    "small striped ball",
]


def tiny_merges() -> list[str]:
    return train(TINY_TEXTS, 48)


def vocabulary_text(merges: list[str]) -> str:
    """The form that the engine reads: a header line, then one merge a line."""
    return "\n".join([HEADER, *merges]) + "\n"
