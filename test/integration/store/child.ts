/** A second process for the store's tests: `child.ts open|hold|fight|track|shift SESSION [COUNT]`. */
import { writeSync } from 'node:fs';
import {
  duplicateSession,
  openSessionWriter,
  purgeSession,
  renameSession,
  restoreSession,
  trashSession,
} from '../../../src-main/core/store/index.ts';
import { changeIdentity } from '../../../src-main/core/studio/session/index.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { rowOf, someRun } from './fixture.ts';

const [verb, path, count] = process.argv.slice(2);
/** Straight to the pipe: what was said before a kill has been said. */
const say = (line: string) => writeSync(1, `${line}\n`);

if (verb === 'open') open();
else if (verb === 'hold') hold();
else if (verb === 'fight') fight(Number(count));
else if (verb === 'track') track();
else if (verb === 'swap') swap();
else if (verb === 'shift') shift();

function open(): void {
  try {
    openSessionWriter(path)[Symbol.dispose]();
    say('opened');
  } catch (error) {
    if (error instanceof StudioError) say(`${error.code} ${error.details.processId}`);
  }
}

function hold(): void {
  const session = openSessionWriter(path);
  const run = session.runs.begin(someRun);
  session.masks.commitBatch({
    rows: [rowOf(2, 1)],
    progress: { runId: run.id, direction: 'forward', lastFrame: frameIndex(2) },
    snapshot: { frameIndex: frameIndex(2), bytes: new Uint8Array([1, 2, 3]) },
  });
  say('holding');
  process.stdin.resume();
}

/** Reads, then writes one more, in two steps: only exclusion keeps the count. */
function fight(rounds: number): void {
  for (let won = 0; won < rounds; ) {
    try {
      using session = openSessionWriter(path);
      const wins = Number(session.settings.get('wins') ?? 0);
      session.settings.set('wins', wins + 1);
      won++;
    } catch (error) {
      if (!(error instanceof StudioError && error.code === 'session-locked')) throw error;
    }
  }
}

/** Swaps objects 1 and 2 from frame 1 on, for ever. */
function swap(): void {
  const session = openSessionWriter(path);
  const [objectId, otherId] = session.objects.all().map(({ id }) => id);
  say('ready');
  for (;;) changeIdentity(session, { kind: 'swap', objectId, otherId, first: frameIndex(1), last: null }, '');
}

/** Commits batches of four frames of five objects for ever, and says each one after its commit. */
function track(): void {
  const session = openSessionWriter(path);
  const latest = session.runs.latest();
  const run = latest === null ? session.runs.begin(someRun) : session.runs.resume(latest.id);
  let next = (run.forwardCommitted ?? -1) + 1;
  say(`from ${next}`);
  for (;;) {
    const rows = Array.from({ length: 20 }, (_, row) => rowOf(next + Math.floor(row / 5), (row % 5) + 1));
    const last = frameIndex(next + 3);
    session.masks.commitBatch({
      rows,
      progress: { runId: run.id, direction: 'forward', lastFrame: last },
      snapshot: { frameIndex: last, bytes: new Uint8Array(20_000).fill(last % 251) },
    });
    say(`ack ${last}`);
    next = last + 1;
  }
}

/** Renames, trashes and puts back one session for ever, with a copy that comes and goes. */
function shift(): void {
  for (let round = 0, at = path; ; round++) {
    at = renameSession(at, round % 2 === 0 ? 'there' : 'back');
    const copy = duplicateSession(at);
    at = restoreSession(trashSession(at));
    purgeSession(trashSession(copy));
    say(`ack ${round}`);
  }
}
