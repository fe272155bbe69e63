import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { DatasetEntry, ReadDatasetRequest } from '../../src-main/core/studio/threads/index.ts';
import { readEntries } from '../../src-main/workers/export/read-entries.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';

/** Writes a file of a dataset, folders included; objects become JSON. Returns its path. */
export async function putFile(root: string, name: string, content: string | Uint8Array | object): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  const raw = typeof content === 'string' || content instanceof Uint8Array;
  await writeFile(path, raw ? content : JSON.stringify(content));
  return path;
}

/** A folder of its own for each test of a file; paths are inside it. */
export function eachInOwnFolder() {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'masklet-dataset-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return {
    put: (name: string, content: string | Uint8Array | object) => putFile(root, name, content),
    read: (path: string, more?: Partial<ReadDatasetRequest>) => readFolder(join(root, path), more),
  };
}

export interface ReadFolder {
  readonly format: string;
  readonly entries: readonly DatasetEntry[];
  /** How many of each reason were left out. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly tracks: number;
  readonly frames: readonly number[];
  readonly boxes: readonly (readonly number[] | null)[];
}

/** What the export thread reads for a video of 640x360 with 100 frames, in frame order. */
export async function readFolder(path: string, more: Partial<ReadDatasetRequest> = {}): Promise<ReadFolder> {
  const facts = { path, format: null, width: 640, height: 360, frameCount: 100, framesPerSec: 25 };
  const range = { firstFrame: 0, first: frameIndex(0), last: frameIndex(99), step: 1, wholeTracks: false };
  const entries: DatasetEntry[] = [];
  for await (const event of readEntries({ ...facts, ...range, ...more }, new AbortController().signal)) {
    if (event.kind === 'entries') {
      entries.push(...event.entries);
      continue;
    }
    entries.sort((a, b) => a.frameIndex - b.frameIndex);
    return {
      format: event.format,
      entries,
      skipped: Object.fromEntries(event.skipped.map(({ reason, count }) => [reason, count])),
      tracks: new Set(entries.map(({ track }) => track)).size,
      frames: entries.map((entry) => entry.frameIndex),
      boxes: entries.map(({ box }) => box && [box.x, box.y, box.width, box.height].map((value) => Math.round(value))),
    };
  }
  throw new Error('The dataset was not read to its end.');
}
