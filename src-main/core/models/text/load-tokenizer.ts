import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { ClipText } from '../manifest.ts';
import type { ModelPack } from '../model-pack.ts';
import { packError } from '../pack-error.ts';
import { ClipTokenizer } from './clip-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { WordsTokenizer } from './words-tokenizer.ts';

const MAX_VOCABULARY_BYTES = 64 * 1024 * 1024;

/**
 * The tokenizer that pack.json names. A CLIP vocabulary is looked for in the pack, then by its file name in `vocabFolders`.
 * Rejects with `concepts-unsupported` (no text), `pack-invalid` (vocabulary missing or unreadable), `pack-hash-mismatch`.
 */
export async function loadTokenizer(pack: ModelPack, vocabFolders: readonly string[]): Promise<Tokenizer> {
  const { text } = pack.manifest;
  if (text === null) {
    const message = `The model pack "${pack.id}" has no text vocabulary; prompt with points, a box or a mask.`;
    throw new StudioError('concepts-unsupported', 'user', message, { details: { pack: pack.id } });
  }
  if (text.kind === 'words') return new WordsTokenizer(pack.id, text);
  return new ClipTokenizer(await readVocabulary(pack, text, vocabFolders), text);
}

async function readVocabulary(pack: ModelPack, text: ClipText, vocabFolders: readonly string[]): Promise<string> {
  const path = await findVocabulary(pack, text, vocabFolders);
  const bytes = await readFile(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (text.vocabSha256 != null && hash !== text.vocabSha256) {
    const what = `its vocabulary ${text.vocab} is not the file that pack.json names (SHA-256 ${hash.slice(0, 12)}…)`;
    throw packError('pack-hash-mismatch', pack, what, { details: { file: text.vocab, found: hash } });
  }
  try {
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = zipped ? await promisify(gunzip)(bytes, { maxOutputLength: MAX_VOCABULARY_BYTES }) : bytes;
    return plain.toString('utf8');
  } catch (cause) {
    throw packError('pack-invalid', pack, `its vocabulary ${text.vocab} cannot be unpacked`, { cause });
  }
}

async function findVocabulary(pack: ModelPack, text: ClipText, vocabFolders: readonly string[]): Promise<string> {
  const own = join(pack.folder, ...text.vocab.split('/'));
  const inPack = await realpath(own).catch(() => null);
  const root = await realpath(pack.folder);
  const candidates = [
    ...(inPack?.startsWith(root + sep) ? [inPack] : []),
    ...vocabFolders.map((folder) => join(folder, basename(text.vocab))),
  ];
  for (const path of candidates) {
    const info = await stat(path).catch(() => null);
    if (info?.isFile() && info.size <= MAX_VOCABULARY_BYTES) return path;
  }
  const hash = text.vocabSha256 == null ? '' : ` (SHA-256 ${text.vocabSha256})`;
  throw packError('pack-invalid', pack, `phrases need its vocabulary file ${text.vocab}${hash}, which is not there`, {
    details: { file: text.vocab },
    remedy: `put that file into the pack folder; points, boxes and masks work without it`,
  });
}
