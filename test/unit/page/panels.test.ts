import { createElement, type FunctionComponent } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { isOffered } from '../../../src-renderer/commands/command.ts';
import { commandById } from '../../../src-renderer/commands/commands.ts';
import { OpeningOverStudio } from '../../../src-renderer/features/app/app.tsx';
import { ConceptsPanel } from '../../../src-renderer/features/concepts/concepts-panel.tsx';
import { RunSheet } from '../../../src-renderer/features/export/run-sheet.tsx';
import { HomeScreen } from '../../../src-renderer/features/home/home-screen.tsx';
import { Inspector } from '../../../src-renderer/features/inspector/inspector.tsx';
import { ObjectList } from '../../../src-renderer/features/objects/object-list.tsx';
import { StopCard } from '../../../src-renderer/features/review/stop-card.tsx';
import { TimelinePanel } from '../../../src-renderer/features/timeline-panel/timeline-panel.tsx';
import type { ExportOutput } from '../../../src-renderer/state/export-output.ts';
import type { QueuedStop } from '../../../src-renderer/state/reviewing.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import type { Studio } from '../../../src-renderer/state/studio.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import { StudioContext } from '../../../src-renderer/state/use-studio.ts';
import { createTranslate, type Language } from '../../../src-renderer/ui/i18n/messages.ts';
import { TranslateContext } from '../../../src-renderer/ui/i18n/use-translate.ts';
import type { ObjectState } from '../../../src-shared/contract/results.ts';
import { engineNote } from '../../../src-shared/domain/engine-note.ts';
import { objectId } from '../../../src-shared/domain/ids.ts';

const object = (id: number, groupName: string | null = null) =>
  ({
    objectId: objectId(id),
    name: `Object ${id}`,
    groupName,
    className: null,
    colour: '#112233',
    tracking: 'new',
  }) as ObjectState;

/** What a panel says in a state, as text with its tags; effects do not run. */
function drawn<P extends object>(panel: FunctionComponent<P>, props: P, change: Partial<StudioState>): string {
  const store = new Store<StudioState>({ ...initialState(initialSettings), ...change });
  const studio = { store, sessions: { media: null } } as unknown as Studio;
  return renderToStaticMarkup(createElement(StudioContext, { value: studio }, createElement(panel, props)));
}

describe('the home screen', () => {
  it('shows an export that goes on, and the way to stop it', () => {
    const writing = { sessionPath: 'a', label: 'job.rendering', done: 3, total: 9, startedAtMillis: 0 } as const;
    expect(drawn(HomeScreen, {}, { writing })).toContain('Stop writing');
    expect(drawn(HomeScreen, {}, {})).not.toContain('Stop writing');
  });
});

describe('the studio', () => {
  it('shows what is being opened meanwhile, and the way to stop it; not its own session that is opened again', () => {
    const session = { sessionId: 's' } as StudioState['session'];
    const opening = { name: 'long.mp4', framesDone: 2, framesExpected: 9, picture: null, startedAtMillis: 0 };
    const card = (again: boolean) => drawn(OpeningOverStudio, {}, { session, opening: { ...opening, again } });
    expect(card(false)).toMatch(/Opening long\.mp4.*Cancel/s);
    expect(card(true)).toBe('');
    // The home screen has its own.
    expect(drawn(OpeningOverStudio, {}, { opening: { ...opening, again: false } })).toBe('');
  });
});

describe('the sheet of exports', () => {
  it('tells losses and notes in the language of the page', () => {
    const notes = [
      engineNote('even-sides', { width: 176, height: 100 }),
      engineNote('redaction-held', { times: 1200 }),
    ];
    const output = {
      id: 1,
      wish: { kind: 'video', look: { style: 'redact' } },
      state: 'done',
      error: null,
      losses: [engineNote('names-lost')],
      result: { kind: 'written', path: '/a.mp4', files: 2, notes, redaction: null, truncated: null },
    } as unknown as ExportOutput;
    const listed = (language: Language) => {
      const sheet = () =>
        createElement(
          TranslateContext,
          { value: createTranslate(language) },
          createElement(RunSheet, { outputs: [output], onClose: () => {} }),
        );
      return [...drawn(sheet, {}, {}).matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line);
    };
    expect(listed('en')).toEqual([
      'Names and scores are lost; labels.txt lists the classes.',
      'Video with 4:2:0 colour needs even sides, so the picture has one more column or row: 176x100.',
      '1,200 times an object had no mask and was covered where it was just before and after.',
    ]);
    expect(listed('zh-CN')).toEqual([
      '名称和分数会丢失；类别列在 labels.txt 中。',
      '4:2:0 色度的视频要求边长为偶数，因此画面多了一列或一行：176x100。',
      '有 1,200 次物体没有遮罩，已按前后帧的位置遮盖。',
    ]);
  });
});

describe('the list of objects', () => {
  it('is entered by the selected row, or by the first one where that is filtered out or folded away', () => {
    const objects = [object(1), object(2), object(3, 'A')];
    const entries = (change: Partial<StudioState>, listed = objects) => {
      const rows = drawn(ObjectList, { objects: listed }, change).matchAll(
        /class="object-main"[^>]*tabindex="0"[^>]*><span class="object-number">(\d)/g,
      );
      return [...rows].map(([, id]) => Number(id));
    };
    expect(entries({})).toEqual([1]);
    expect(entries({ selectedObject: objectId(2) })).toEqual([2]);
    expect(entries({ selectedObject: objectId(1) }, objects.slice(1))).toEqual([2]);
    expect(entries({ selectedObject: objectId(3), foldedGroups: new Set(['A']) })).toEqual([1]);
  });
});

describe('the timeline', () => {
  it('counts its first, its last and its own frame from the same number', () => {
    const session = { sessionId: 's', state: { video: { frameCount: 200 } } } as unknown as StudioState['session'];
    const slider = (firstFrameNumber: 0 | 1) => {
      const settings = { ...initialSettings, firstFrameNumber };
      const text = drawn(TimelinePanel, {}, { session, settings, playhead: { frameIndex: 199, rate: 0 } });
      return [...text.matchAll(/aria-value\w+="([^"]*)"/g)].map(([, value]) => value);
    };
    expect(slider(0)).toEqual(['0', '199', '199', 'Frame 199 of 199']);
    expect(slider(1)).toEqual(['1', '200', '200', 'Frame 200 of 200']);
  });
});

describe('a tab that only looks on', () => {
  const prompt = { kind: 'point', objectId: 1, frameIndex: 0, include: true };
  const state = {
    objects: [object(1), object(2, 'A')],
    prompts: [{ promptId: 1, prompt }],
    concepts: [{ conceptId: 1, phrase: 'box', threshold: 0.5, tracking: 'new' }],
    comparisons: [],
    video: { frameCount: 9 },
  };
  const view = { conceptId: 1, threshold: 0.5, instances: [{ score: 0.9 }], settled: new Set<number>() };
  const desk = (role: 'editor' | 'viewer') =>
    ({
      session: { sessionId: 's', state },
      presence: { role },
      selectedObject: 1,
      concepts: [view],
    }) as unknown as Partial<StudioState>;
  const onArrow = () => {};
  const questions = ['swap', 'resembles', 'returned'].map(
    (kind) =>
      ({
        stop: { objectId: 1, frameIndex: 0, reasons: [{ kind, otherId: 2, absentFrames: 3, likeness: 0.5 }] },
        objectName: 'Object 1',
        said: 'open',
      }) as unknown as QueuedStop,
  );
  /** Names of the buttons and fields that can be used. */
  const usable = (role: 'editor' | 'viewer') =>
    [
      drawn(ObjectList, { objects: state.objects }, desk(role)),
      drawn(ConceptsPanel, {}, desk(role)),
      drawn(Inspector, {}, desk(role)),
      ...questions.map((queued) => drawn(StopCard, { queued, current: true, tabStop: true, onArrow }, desk(role))),
    ].flatMap((text) =>
      [
        ...text
          .replaceAll(/<svg.*?<\/svg>/gs, '')
          .matchAll(/<(?:button|input)(?![^>]*disabled)[^>]*>(?:<span>([^<]*))?/g),
      ].map(([tag, words]) => /(?:aria-label|type)="((?!button)[^"]*)"/.exec(tag)?.[1] ?? words),
    );

  it('is offered nothing that only an editor may do', () => {
    const left = usable('viewer');
    const lost = usable('editor').filter((name) => !left.includes(name));
    expect(new Set(lost)).toEqual(
      new Set([
        ...['color', 'Name and class', 'Lock: prompts and runs leave it as it is'],
        ...['Hide', 'Rename', 'Dissolve the group', 'Remove the prompt', 'Split', 'Swap', 'Join', 'Reassign', 'Absent'],
        ...['What to find', 'Remove this phrase and what it found', 'Make it an object', 'Accept', 'range'],
        ...['Search the clip', 'Show the swap', 'Same', 'New object'],
      ]),
    );
    expect(left).toEqual(expect.arrayContaining(['Look on this frame', 'Show only this one']));
    const whole = { ...initialState(initialSettings), ...desk('viewer') };
    const ids = ['hide', 'lock', 'remove', 'solo'].map((verb) => `${verb}-object`);
    const offered = [...ids, 'group-objects', 'object-up', 'object-down', 'find-text'].filter((id) =>
      isOffered(commandById(id), whole),
    );
    expect(offered).toEqual(['solo-object']);
  });

  it('has no row to drag', () => {
    const rows = (role: 'editor' | 'viewer') => drawn(ObjectList, { objects: state.objects }, desk(role));
    expect(rows('editor')).toContain('draggable="true"');
    expect(rows('viewer')).not.toContain('draggable="true"');
  });
});
