import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ReportContract } from '../../../../src-shared/contract/report-contract.ts';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { promptInputSchema } from '../../../../src-shared/contract/schemas.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Handlers } from '../../../../src-shared/rpc/contract-types.ts';
import { findPack, packName } from '../../models/index.ts';
import { BUILTIN_PACK } from '../open-pack.ts';
import type { OpenSession, OpenSessions } from '../open-sessions.ts';
import type { StudioParts } from '../studio-parts.ts';
import type { ClickAnswer } from '../threads/report-contract.ts';
import { trackSession } from '../track-job.ts';
import type { Progress } from './report-job.ts';

type Wish = Parameters<Handlers<ReportContract>['evaluateClicks']>[0];

interface Round {
  readonly clicks: number;
  readonly mean: NonNullable<ClickAnswer['mean']>;
}

/**
 * The interactive protocol through the studio itself: a session of its own is clicked, tracked and scored, round by round. Each round adds
 * one click an object, on its worst frame at the centre of the largest error, and tracks again. The session is removed at the end.
 */
export async function measureClicks(
  parts: StudioParts,
  sessions: OpenSessions,
  wish: Wish,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  const pack = await findPack(wish.packId ?? BUILTIN_PACK, parts.packFolders);
  const folder = await mkdtemp(join(tmpdir(), 'masklet-clicks-'));
  const sessionPath = join(folder, 'clicks.masklet');
  const sessionId = await openSession(sessions, wish.videoPath, sessionPath, signal);
  try {
    const rounds: Round[] = [];
    let answer = await ask(parts, sessionPath, wish.truthPath, signal);
    let clickCount = 0;
    let provider = wish.device;
    while (rounds.length < wish.clicks && answer.clicks.length > 0) {
      clickCount += answer.clicks.length;
      await click(parts, sessions, sessionId, answer);
      provider = await track(parts, sessions.get(sessionId), wish, signal);
      answer = await ask(parts, sessionPath, wish.truthPath, signal);
      if (answer.mean === null) break;
      rounds.push({ clicks: rounds.length + 1, mean: answer.mean });
      progress('clicking', rounds.length, wish.clicks);
    }
    return describe(wish, `${packName(pack)} on ${provider}`, rounds, clickCount);
  } finally {
    await sessions.close(sessionId);
    await rm(folder, { recursive: true, force: true });
  }
}

async function openSession(
  sessions: OpenSessions,
  videoPath: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const context = { signal, caller: { closed: signal } };
  for await (const event of sessions.open(videoPath, path, context)) {
    if (event.kind === 'opened') return event.sessionId;
  }
  throw new StudioError('internal', 'bug', 'The session did not open; try again.');
}

async function ask(
  parts: StudioParts,
  sessionPath: string,
  truthPath: string,
  signal: AbortSignal,
): Promise<ClickAnswer> {
  return (await parts.reports()).nextClicks({ sessionPath, truthPath }, { signal });
}

async function click(
  parts: StudioParts,
  sessions: OpenSessions,
  sessionId: string,
  { clicks }: ClickAnswer,
): Promise<void> {
  const prompts = clicks.map(({ objectId, frameIndex, x, y, include }) =>
    promptInputSchema.parse({ kind: 'point', objectId, frameIndex, point: { x, y }, include }),
  );
  await (await parts.store()).addPrompts({ handle: sessions.get(sessionId).handle, prompts, replace: false });
}

/** Tracks all of the video; returns where that ran. */
async function track(
  parts: StudioParts,
  session: OpenSession,
  { packId, device }: Wish,
  signal: AbortSignal,
): Promise<string> {
  const range = { first: null, last: null };
  const events = trackSession(
    parts,
    session,
    {
      packId,
      device,
      range,
      direction: 'both',
      policy: 'studio',
      memoryPolicy: null,
      resume: false,
      objectIds: null,
      conceptIds: null,
      until: 'end',
    },
    signal,
  );
  let provider = device;
  // The masks are in the session; only the end counts.
  for await (const event of events) {
    if (event.kind === 'started') provider = event.provider;
  }
  return provider;
}

function describe(wish: Wish, pack: string, rounds: readonly Round[], clickCount: number): Report {
  const last = rounds.at(-1);
  return {
    format: 1,
    kind: 'clicks',
    title: 'Interactive evaluation',
    facts: [
      ['video', basename(wish.videoPath)],
      ['ground truth', basename(wish.truthPath)],
      ['pack', pack],
      [
        'protocol',
        'each round clicks every object once, on its worst frame at the centre of the largest error, and tracks again',
      ],
      ['clicks', `${clickCount} in ${rounds.length} rounds`],
    ],
    verdict: null,
    sections: [
      {
        kind: 'table',
        title: 'Clicks an object against quality (x100, every annotated frame)',
        columns: [
          { name: 'clicks', digits: 0 },
          { name: 'J&F', digits: 1 },
          { name: 'J', digits: 1 },
          { name: 'F', digits: 1 },
        ],
        rows: rounds.map(({ clicks, mean }) => [clicks, mean.jf * 100, mean.j * 100, mean.f * 100]),
      },
      {
        kind: 'line',
        title: 'Clicks against J&F',
        xLabel: 'clicks an object',
        yLabel: 'J&F',
        yRange: [0, 1],
        xNames: null,
        series: [{ name: 'J&F', points: rounds.map(({ clicks, mean }) => [clicks, mean.jf] as const) }],
      },
    ],
    notes:
      last !== undefined && rounds.length < wish.clicks
        ? ['The masks are those of the ground truth; there was nothing left to click.']
        : [],
    data: { rounds },
  };
}
