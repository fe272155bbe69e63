import type { ReportCell, ReportPlot, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { combineClearMot } from '../clear-mot.ts';
import { combineHota, HOTA_ALPHAS } from '../hota.ts';
import { combineIdentity } from '../identity.ts';
import type { VideoScore } from '../score-video.ts';
import { type MeasureSummary, scoreDataset } from '../sequence-jf.ts';

/** Plots of single videos; a benchmark of hundreds keeps its tables. */
const MOST_VIDEO_PLOTS = 12;
const WORST_FRAMES = 20;

/** Publications print fractions x100. */
const percent = (value: number | null | undefined) => (value === null || value === undefined ? null : value * 100);

export interface VideoSections {
  readonly headline: readonly (readonly [string, string])[];
  readonly sections: readonly (ReportTable | ReportPlot)[];
  /** Unrounded fractions. */
  readonly data: {
    readonly overall: object;
    readonly videos: readonly object[];
  };
}

/** Tables, plots and numbers of scored videos. At least one video. */
export function describeVideos(scores: readonly VideoScore[]): VideoSections {
  const hasJf = scores.some(({ jf }) => jf !== null);
  const overall = combine(scores);
  const sections: (ReportTable | ReportPlot)[] = [videoTable(scores, overall, hasJf)];
  if (hasJf) sections.push(objectTable(scores));
  for (const score of scores.slice(0, MOST_VIDEO_PLOTS)) {
    if (score.jf !== null) sections.push(framePlot(score, 'j', 'J (region)'), framePlot(score, 'f', 'F (contour)'));
  }
  sections.push(hotaPlot(overall.hota.perAlpha));
  if (hasJf) sections.push(worstFrames(scores));
  return {
    headline: headlineOf(overall),
    sections,
    data: {
      overall: {
        jf: overall.jf,
        hota: overall.hota.mean,
        identity: overall.identity,
        clear: overall.clear,
      },
      videos: scores.map(videoData),
    },
  };
}

type Overall = ReturnType<typeof combine>;

function combine(scores: readonly VideoScore[]) {
  return {
    jf: scoreDataset(scores.flatMap(({ jf }) => (jf === null ? [] : [jf]))),
    hota: combineHota(scores.map(({ hota }) => hota)),
    identity: combineIdentity(scores.map(({ identity }) => identity)),
    clear: combineClearMot(scores.map(({ clear }) => clear)),
  };
}

function headlineOf({ jf, hota, identity, clear }: Overall): VideoSections['headline'] {
  const fractions: readonly (readonly [string, number | null | undefined])[] = [
    ['J&F', jf?.jf],
    ['J', jf?.j],
    ['F', jf?.f],
    ['HOTA', hota.mean.hota],
    ['IDF1', identity.idf1],
    ['MOTA', clear.mota],
  ];
  const known = fractions.flatMap(([name, value]) =>
    value == null ? [] : [[name, (value * 100).toFixed(1)] as const],
  );
  return [...known, ['id switches', String(clear.idSwitches)]];
}

function videoTable(scores: readonly VideoScore[], overall: Overall, hasJf: boolean): ReportTable {
  const jfColumns = hasJf ? ['J&F', 'J', 'F'] : [];
  const row = (
    name: string,
    frames: number | null,
    objects: number | null,
    part: Omit<Overall, 'jf'>,
    jf: Overall['jf'],
  ) => {
    const { hota, identity, clear } = part;
    return [
      name,
      frames,
      objects,
      ...(hasJf ? [percent(jf?.jf), percent(jf?.j), percent(jf?.f)] : []),
      percent(hota.mean.hota),
      percent(hota.mean.detA),
      percent(hota.mean.assA),
      percent(identity.idf1),
      percent(clear.mota),
      clear.idSwitches,
    ];
  };
  const rows = scores.map((score) =>
    row(score.name, score.frameCount, score.objectCount.truth, score, score.jf?.mean ?? null),
  );
  if (scores.length > 1) rows.push(row('all', total(scores, 'frameCount'), null, overall, overall.jf));
  return {
    kind: 'table',
    title: 'Videos (x100)',
    columns: [
      { name: 'video' },
      { name: 'frames', digits: 0 },
      { name: 'objects', digits: 0 },
      ...[...jfColumns, 'HOTA', 'DetA', 'AssA', 'IDF1', 'MOTA'].map((name) => ({ name, digits: 1 })),
      { name: 'id switches', digits: 0 },
    ],
    rows,
  };
}

function total(scores: readonly VideoScore[], key: 'frameCount'): number {
  return scores.reduce((sum, score) => sum + score[key], 0);
}

function objectTable(scores: readonly VideoScore[]): ReportTable {
  const measure = ({ mean, recall, decay }: MeasureSummary): ReportCell[] =>
    [mean, recall, decay].map((value) => percent(value));
  return {
    kind: 'table',
    title: 'Objects (x100)',
    columns: [
      { name: 'video' },
      { name: 'object', digits: 0 },
      { name: 'scored frames', digits: 0 },
      ...['J&F', 'J', 'J recall', 'J decay', 'F', 'F recall', 'F decay'].map((name) => ({ name, digits: 1 })),
    ],
    rows: scores.flatMap(({ name, jf }) =>
      (jf?.objects ?? []).map((object) => [
        name,
        object.objectId,
        object.j.perFrame.length,
        percent(object.jf),
        ...measure(object.j),
        ...measure(object.f),
      ]),
    ),
  };
}

/** Where a person should look first. */
function worstFrames(scores: readonly VideoScore[]): ReportTable {
  const rows = scores.flatMap(({ name, jf, jfFrames }) =>
    (jf?.objects ?? []).flatMap(({ objectId, firstFrame, j, f }) =>
      j.perFrame.map((value, at) => ({
        name,
        objectId,
        frame: jfFrames[firstFrame + at],
        j: value,
        f: f.perFrame[at],
      })),
    ),
  );
  const worst = rows.filter(({ j }) => j < 1).sort((a, b) => a.j - b.j);
  return {
    kind: 'table',
    title: 'Frames with the lowest J (x100)',
    columns: [
      { name: 'video' },
      { name: 'object', digits: 0 },
      { name: 'frame' },
      { name: 'J', digits: 1 },
      { name: 'F', digits: 1 },
    ],
    rows: worst
      .slice(0, WORST_FRAMES)
      .map(({ name, objectId, frame, j, f }) => [name, objectId, frame, percent(j), percent(f)]),
  };
}

function framePlot({ name, jf }: VideoScore, measure: 'j' | 'f', label: string): ReportPlot {
  return {
    kind: 'line',
    title: `${label} of ${name}, by frame`,
    xLabel: 'scored frame',
    yLabel: label,
    yRange: [0, 1],
    xNames: null,
    series: (jf?.objects ?? []).map((object) => ({
      name: `object ${object.objectId}`,
      points: object[measure].perFrame.map((value, at) => [object.firstFrame + at, value] as const),
    })),
  };
}

function hotaPlot(perAlpha: Overall['hota']['perAlpha']): ReportPlot {
  return {
    kind: 'line',
    title: 'HOTA by localisation threshold',
    xLabel: 'threshold (alpha)',
    yLabel: 'fraction',
    yRange: [0, 1],
    xNames: null,
    series: (['hota', 'detA', 'assA'] as const).map((key) => ({
      name: { hota: 'HOTA', detA: 'DetA', assA: 'AssA' }[key],
      points: HOTA_ALPHAS.map((alpha, at) => [alpha, perAlpha[key][at]] as const),
    })),
  };
}

function videoData({ name, frameCount, objectCount, jf, jfFrames, hota, identity, clear }: VideoScore): object {
  return {
    name,
    frameCount,
    objectCount,
    mean: jf?.mean ?? null,
    objects: jf?.objects ?? null,
    scoredFrames: jfFrames,
    hota: hota.mean,
    hotaPerAlpha: hota.perAlpha,
    identity,
    clear,
  };
}
