import type { FrameSpan, RedactionReport } from '../../../../src-shared/contract/redaction-report.ts';
import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import type { CoverState, FrameCover } from '../compose/redaction.ts';
import type { Look } from '../compose/resolve-look.ts';
import type { ExportObject } from '../ports.ts';

/** Collects what was covered, frame by frame in order; grows with the number of changes, not of frames. */
export class RedactionLog {
  readonly #look: Look;
  readonly #objects: readonly ExportObject[];
  readonly #spans = new Map<string, [number, number][]>();
  readonly #tracked = new Map<number, number>();
  #frames = 0;

  constructor(look: Look, objects: readonly ExportObject[]) {
    this.#look = look;
    this.#objects = objects;
  }

  add({ frameIndex, whole, states }: FrameCover): void {
    this.#frames++;
    if (whole) this.#extend('whole', frameIndex);
    for (const { objectId, state } of states) {
      if (state === 'tracked') this.#tracked.set(objectId, (this.#tracked.get(objectId) ?? 0) + 1);
      else this.#extend(`${objectId} ${state}`, frameIndex);
    }
  }

  report(): RedactionReport {
    const { dilate, hold, certainty } = this.#look;
    const objects = this.#objects.map(({ objectId, name }) => {
      const of = (state: CoverState) => this.#spans.get(`${objectId} ${state}`) ?? [];
      const tracked = this.#tracked.get(objectId) ?? 0;
      return {
        objectId,
        name,
        tracked,
        uncertain: of('uncertain'),
        held: of('held'),
        absent: of('absent'),
        untracked: of('untracked'),
      };
    });
    const verdict = this.#spans.size === 0 ? 'covered' : 'check';
    return { verdict, frames: this.#frames, dilate, hold, certainty, whole: this.#spans.get('whole') ?? [], objects };
  }

  #extend(key: string, frame: number): void {
    const spans = this.#spans.get(key) ?? [];
    const last = spans.at(-1);
    if (last !== undefined && last[1] === frame - 1) last[1] = frame;
    else spans.push([frame, frame]);
    this.#spans.set(key, spans);
  }
}

/** One note a state that someone should look at. */
export function redactionNotes(report: RedactionReport): readonly EngineNote[] {
  const sum = (spans: readonly FrameSpan[]) => spans.reduce((frames, [first, last]) => frames + last - first + 1, 0);
  const total = (state: 'uncertain' | 'held' | 'absent') =>
    report.objects.reduce((times, object) => times + sum(object[state]), 0);
  const whole = sum(report.whole);
  const [uncertain, held, absent] = [total('uncertain'), total('held'), total('absent')];
  return [
    engineNote('redaction-covered', { objects: report.objects.length, frames: report.frames }),
    ...(whole > 0 ? [engineNote('redaction-whole', { frames: whole })] : []),
    ...(uncertain > 0 ? [engineNote('redaction-uncertain', { times: uncertain })] : []),
    ...(held > 0 ? [engineNote('redaction-held', { times: held })] : []),
    ...(absent > 0 ? [engineNote('redaction-absent', { times: absent })] : []),
  ];
}
