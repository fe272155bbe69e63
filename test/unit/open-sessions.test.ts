import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OpenSessions } from '../../src-main/core/studio/open-sessions.ts';
import type { StudioParts } from '../../src-main/core/studio/studio-parts.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';

/** Decoders keep up to some hundred megabytes of pictures each. */
describe('the decoders of open sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masklet-open-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, name);
    return path;
  };

  it('are one a session: reopening, re-linking and failing leave none behind', async () => {
    const alive = new Set<number>();
    const parts = partsWith(alive);
    const sessions = new OpenSessions(parts);
    const video = file('a.mp4');
    const open = async (videoPath: string | null, sessionPath: string) => {
      const events = await Array.fromAsync(
        sessions.open(videoPath, sessionPath, {
          signal: new AbortController().signal,
          caller: { closed: new AbortController().signal },
        }),
      );
      return events.at(-1) as { readonly sessionId: string };
    };
    const { sessionId } = await open(null, file('a.masklet'));
    expect(alive.size).toBe(1);
    await sessions.relink(sessionId, video, new AbortController().signal);
    expect(alive.size).toBe(1);
    await expect(sessions.relink(sessionId, file('other.mp4'), new AbortController().signal)).rejects.toThrow(
      /another/,
    );
    expect(alive.size).toBe(1);
    await expect(open(join(folder, 'other.mp4'), file('b.masklet'))).rejects.toThrow(/belongs to another video/);
    expect(alive.size).toBe(1);
    await sessions.close(sessionId);
    expect(alive.size).toBe(0);
  });
});

describe('the library’s session of a video', () => {
  it('is another one where the video is shown otherwise now', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'masklet-library-'));
    const video = join(folder, 'a.mp4');
    const session = join(folder, 'a.masklet');
    for (const path of [video, session]) writeFileSync(path, 'x');
    const made: string[] = [];
    const parts = partsWith(new Set(), { sessions: folder, known: { rotation: 180 }, made });
    const sessions = new OpenSessions(parts);
    const signal = new AbortController().signal;
    await Array.fromAsync(sessions.open(video, null, { signal, caller: { closed: signal } }));
    expect(made).toEqual([join(folder, 'a-2.masklet')]);
    await expect(
      Array.fromAsync(sessions.open(null, session, { signal, caller: { closed: signal } })),
    ).rejects.toMatchObject({ code: 'media-changed' });
    rmSync(folder, { recursive: true });
  });

  it('is called after its video as far as file systems take names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'masklet-library-'));
    const video = join(folder, `${'猫'.repeat(83)}.mp4`);
    writeFileSync(video, 'x');
    const made: string[] = [];
    const sessions = new OpenSessions(partsWith(new Set(), { sessions: folder, known: {}, made }));
    const signal = new AbortController().signal;
    await Array.fromAsync(sessions.open(video, null, { signal, caller: { closed: signal } }));
    expect(made).toEqual([join(folder, `${'猫'.repeat(66)}.masklet`)]);
    rmSync(folder, { recursive: true });
  });
});

/** An engine whose decode thread only counts; content is what the file is called. */
function partsWith(
  alive: Set<number>,
  library: { readonly sessions: string; readonly known: object; readonly made: string[] } = {
    sessions: '',
    known: {},
    made: [],
  },
): StudioParts {
  let lastId = 0;
  const infoOf = (path: string) => ({ path, contentHash: path.endsWith('other.mp4') ? 'other' : 'same' });
  const decode = {
    async *open({ path }: { path: string }) {
      alive.add(++lastId);
      yield { kind: 'opened', sourceId: lastId, info: infoOf(path), table: { pts: [] } };
    },
    close: async ({ sourceId }: { sourceId: number }) => void alive.delete(sourceId),
  };
  const store = {
    open: async ({ path }: { path: string }) => ({
      handle: 1,
      state: { video: { ...infoOf(path.replace('.masklet', '.mp4').replace('b.mp4', 'a.mp4')), ...library.known } },
    }),
    close: async () => null,
    list: async ({ folder }: { folder: string }) => [
      { sessionPath: join(folder, 'a.masklet'), videoPath: join(folder, 'a.mp4') },
    ],
    create: async ({ path }: { path: string }) => {
      library.made.push(path);
      return { handle: 2, state: {} };
    },
    relink: async ({ info }: { info: { contentHash: string } }) => {
      if (info.contentHash !== 'same') throw new StudioError('media-changed', 'user', 'That is another video.');
      return {};
    },
  };
  return {
    appVersion: '0',
    paths: { cache: '', sessions: library.sessions },
    tools: async () => ({}),
    decode: async () => decode,
    store: async () => store,
    inferenceStarted: () => false,
  } as unknown as StudioParts;
}
