import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { BoxSequence, MaskSequence } from './mask-sequence.ts';
import { readMotText } from './mot-text.ts';
import { openPngFolder } from './png-folder.ts';
import { readJson, readText, unreadable } from './read-failure.ts';
import { looksLikeYtvis, looksLikeYtvisResults, readYtvis, type YtvisFile } from './ytvis-json.ts';

/** What a path turned out to hold. COCO files and YouTube-VIS results stay JSON: what they mean depends on the ground truth. */
export type EvaluationSource =
  | { readonly kind: 'videos'; readonly sequences: readonly (MaskSequence | BoxSequence)[] }
  | { readonly kind: 'ytvis'; readonly file: YtvisFile }
  | { readonly kind: 'ytvis-results'; readonly json: unknown; readonly path: string }
  | { readonly kind: 'coco'; readonly json: unknown }
  | { readonly kind: 'coco-results'; readonly json: unknown };

/**
 * Looks at a path and opens it: a folder of PNG masks, COCO or YouTube-VIS JSON, MOT or MOTS text.
 * Throws `file-missing`, or `file-unreadable` with one sentence.
 */
export async function openEvaluationSource(path: string): Promise<EvaluationSource> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new StudioError('file-missing', 'user', `${path} does not exist; check the path.`);
  if (found.isDirectory()) return { kind: 'videos', sequences: await openPngFolder(path) };
  const extension = extname(path).toLowerCase();
  if (extension === '.txt') {
    return { kind: 'videos', sequences: [readMotText(await readText(path), path)] };
  }
  if (extension !== '.json') {
    throw unreadable(
      path,
      'is no masks that can be scored (a session, a folder of PNG masks, COCO or YouTube-VIS JSON, MOT or MOTS text)',
    );
  }
  const json = await readJson(path);
  if (looksLikeYtvis(json)) return { kind: 'ytvis', file: readYtvis(json, path) };
  if (looksLikeYtvisResults(json)) return { kind: 'ytvis-results', json, path };
  if (Array.isArray(json)) return { kind: 'coco-results', json };
  if (typeof json === 'object' && json !== null && 'images' in json) return { kind: 'coco', json };
  throw unreadable(path, `(${basename(path)}) is neither COCO nor YouTube-VIS JSON`);
}
