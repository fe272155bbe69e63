import { type ReviewStop, type StopReason, type StopState, stopState } from '../../../../src-shared/domain/review.ts';
import { parseStopQuery, type QueryProblem } from '../../../../src-shared/domain/stop-query.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

export interface ReviewFlags {
  readonly filter: string;
}

interface ListedStop extends ReviewStop {
  readonly objectName: string;
  readonly state: StopState;
}

/** `review SESSION`: frames that deserve a look, worst first, with what people said about them so far. Changes nothing. */
export async function runReview(context: VerbContext, sessionPath: string, { filter }: ReviewFlags): Promise<number> {
  const query = parseStopQuery(filter);
  if (query.kind === 'problem') throw new StudioError('usage', 'user', sentenceOf(query.problem));
  const stops = (await listStops(context, sessionPath)).filter((stop) =>
    query.matches({ stop, objectName: stop.objectName, state: stop.state }),
  );
  const text =
    stops.length === 0
      ? 'Nothing stands out. That is no proof: look at a few frames anyway.'
      : stops.map(describe).join('\n');
  context.output.result(text, { type: 'review', stops });
  return EXIT_OK;
}

async function listStops({ engine, signal }: VerbContext, sessionPath: string): Promise<ListedStop[]> {
  const stops: ListedStop[] = [];
  const names = new Map<number, string>();
  let stateOf = (_: ReviewStop): StopState => 'open';
  for await (const event of engine.reviewStops({ sessionPath }, { signal })) {
    if (event.kind === 'began') {
      for (const { objectId, name } of event.objects) names.set(objectId, name);
      stateOf = (stop) => stopState(stop, event.reviews);
      continue;
    }
    const named = (stop: ReviewStop) => ({ ...stop, objectName: names.get(stop.objectId) ?? '', state: stateOf(stop) });
    stops.push(...event.stops.map(named));
  }
  return stops.sort((a, b) => b.severity - a.severity || a.frameIndex - b.frameIndex);
}

function describe(stop: ListedStop): string {
  const where =
    stop.first === stop.last ? `frame ${stop.first}` : `frame ${stop.frameIndex} (${stop.first} to ${stop.last})`;
  const said = stop.state === 'open' ? '' : `, ${stop.state}`;
  return `${stop.severity.toFixed(2)}  ${stop.objectId} ${stop.objectName}  ${where}${said}\n      ${stop.reasons.map(reasonText).join(', ')}`;
}

function reasonText(reason: StopReason): string {
  switch (reason.kind) {
    case 'presence':
    case 'visible':
    case 'confidence':
      return `${reason.kind} ${reason.value.toFixed(2)}`;
    case 'jump':
      return `area ${reason.ratio.toFixed(2)} times that of the frame before`;
    case 'moved':
      return `overlap with the frame before ${reason.iou.toFixed(2)}`;
    case 'gone':
      return 'disappears';
    case 'returned':
      return `returns after ${reason.absentFrames} frames`;
    case 'resembles':
      return `may be object ${reason.otherId}`;
    case 'swap':
      return `possible swap with object ${reason.otherId}`;
  }
}

function sentenceOf({ kind, text, allowed }: QueryProblem): string {
  const what = {
    'unknown-field': `"${text}" is not a field`,
    'needs-value': `something is missing after "${text}"`,
    'needs-number': `"${text}" is not a number`,
    'unknown-value': `"${text}" cannot be filtered for`,
    'open-quote': `a quotation mark is not closed in ${text}`,
  }[kind];
  return `The filter cannot be read: ${what}; possible: ${allowed.join(', ')}.`;
}
