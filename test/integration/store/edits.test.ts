import { describe, expect, it } from 'vitest';
import { openSessionWriter, type SessionWriter } from '../../../src-main/core/store/index.ts';
import { conceptId, frameIndex, objectId, promptId } from '../../../src-shared/domain/ids.ts';
import { objectPalette } from '../../../src-shared/domain/palette.ts';
import type { Prompt } from '../../../src-shared/domain/prompt.ts';
import { codeOf, noiseMask, startedSession, TempFolder } from './fixture.ts';

const at = frameIndex(3);
const one = objectId(1);
const point = (x: number): Prompt => ({
  kind: 'point',
  objectId: one,
  frameIndex: at,
  point: { x, y: 2.5 },
  include: true,
});
const box = { x: 1, y: 2, width: 30.5, height: 4 };

/** All that a user edits. */
const state = (session: SessionWriter) => ({
  objects: session.objects.all(),
  prompts: session.prompts.all(),
  concepts: session.concepts.all(),
});

function everyPrompt(concept: ReturnType<typeof conceptId>): Prompt[] {
  return [
    point(10),
    { kind: 'box', objectId: one, frameIndex: at, box },
    { kind: 'mask', objectId: one, frameIndex: at, mask: noiseMask(3) },
    { kind: 'text', conceptId: concept, frameIndex: frameIndex(0), phrase: 'red ball' },
    { kind: 'exemplar', conceptId: concept, frameIndex: at, box, include: false },
  ];
}

describe('objects', () => {
  it('get a name, a colour and the next id; an id is never given twice', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file(), 2);
    using _ = session;
    session.objects.create({ id: objectId(7), name: 'Ball', className: 'ball' });
    expect(session.objects.all().map(({ id, name, colour }) => [id, name, colour])).toEqual([
      [1, 'Object 1', objectPalette[0]],
      [2, 'Object 2', objectPalette[1]],
      [7, 'Ball', objectPalette[6]],
    ]);
    expect(codeOf(() => session.objects.create({ id: objectId(7) }))).toBe('prompt-invalid');
    session.objects.remove(objectId(7));
    expect(codeOf(() => session.objects.create({ id: objectId(7) }))).toBe('prompt-invalid');
    expect(session.objects.create().id).toBe(8);
    session.journal.undo();
    expect(session.objects.create().id).toBe(9);
    session.objects.update(objectId(9), { position: 0.5 });
    expect(session.objects.all().map((object) => object.id)).toEqual([9, 1, 2]);
  });
});

describe('prompts', () => {
  it('of every kind come back as they were, in order of creation', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file());
    const concept = session.concepts.ensure('red ball', 0.4);
    expect(session.concepts.ensure('red ball', 0.9)).toEqual(concept);
    const prompts = everyPrompt(concept.id);
    for (const prompt of prompts) session.prompts.add(prompt);
    session[Symbol.dispose]();
    using again = openSessionWriter(folder.file());
    expect(again.prompts.all().map((record) => record.prompt)).toEqual(prompts);
    expect(again.prompts.ofObject(one)).toHaveLength(3);
    expect(again.prompts.ofConcept(concept.id).map((record) => record.prompt.kind)).toEqual(['text', 'exemplar']);
  });

  it('for something that is not there, or of another size, are refused', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file());
    using _ = session;
    const concept = session.concepts.ensure('cat', 0.5).id;
    const bad: Prompt[] = [
      { ...point(1), objectId: objectId(5) } as Prompt,
      { kind: 'mask', objectId: one, frameIndex: at, mask: noiseMask(1, 10, 10) },
      { kind: 'text', conceptId: conceptId(9), frameIndex: at, phrase: 'cat' },
      { kind: 'text', conceptId: concept, frameIndex: at, phrase: 'dog' },
    ];
    for (const prompt of bad) expect(codeOf(() => session.prompts.add(prompt))).toBe('prompt-invalid');
    expect(codeOf(() => session.prompts.remove(promptId(4)))).toBe('prompt-invalid');
    expect(session.prompts.all()).toEqual([]);
  });
});

describe('undo and redo', () => {
  it('walk through every state and back, also after the file was closed', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file(), 2);
    const steps: ((session: SessionWriter) => void)[] = [
      (s) => s.objects.update(one, { name: 'Ball', hidden: true }, 'Rename'),
      (s) => void s.concepts.ensure('red ball', 0.4),
      ...everyPrompt(conceptId(1)).map((prompt) => (s: SessionWriter) => void s.prompts.add(prompt)),
      (s) => s.prompts.update(promptId(1), point(20)),
      (s) => s.concepts.setThreshold(conceptId(1), 0.7),
      (s) => s.prompts.remove(promptId(3)),
      (s) => s.objects.remove(one),
      (s) => s.concepts.remove(conceptId(1)),
      (s) => void s.objects.create({ name: 'Late' }),
    ];
    const states = [state(session)];
    for (const step of steps) {
      step(session);
      states.push(state(session));
    }
    expect(states.at(-1)?.prompts).toEqual([]);
    session[Symbol.dispose]();

    using again = openSessionWriter(folder.file());
    for (let step = steps.length; step > 0; step--) {
      expect(state(again)).toEqual(states[step]);
      expect(again.journal.undo()).toBeTypeOf('string');
    }
    expect(state(again)).toEqual(states[0]);
    expect(again.journal.state().redo).toBe('Rename');
    for (let step = 1; step <= steps.length; step++) {
      expect(again.journal.redo()).toBeTypeOf('string');
      expect(state(again)).toEqual(states[step]);
    }
    expect(again.journal.redo()).toBeNull();
  });

  it('take a step of several edits as one, and a failed step as none', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file());
    using _ = session;
    session.journal.step('Box and name', () => {
      session.prompts.add({ kind: 'box', objectId: one, frameIndex: at, box });
      session.objects.update(one, { name: 'Cat' });
    });
    expect(session.journal.state()).toEqual({ undo: 'Box and name', redo: null });
    const failing = () =>
      session.journal.step('Half', () => {
        session.prompts.add(point(1));
        session.objects.update(objectId(44), { name: 'Nobody' });
      });
    expect(codeOf(failing)).toBe('prompt-invalid');
    expect(session.prompts.all()).toHaveLength(1);
    session.journal.undo();
    expect(session.prompts.all()).toEqual([]);
    expect(session.objects.get(one)?.name).toBe('Object 1');
  });

  it('forget undone steps when something new is done', () => {
    using folder = new TempFolder();
    const { session } = startedSession(folder.file());
    using _ = session;
    const first = session.prompts.add(point(1));
    session.journal.undo();
    const second = session.prompts.add(point(2));
    expect(second).not.toBe(first);
    expect(session.journal.redo()).toBeNull();
    expect(session.journal.history(9).map((step) => step.label)).toEqual(['Add point', 'Add object']);
    session.journal.step('Nothing', () => 0);
    expect(session.journal.history(9)).toHaveLength(2);
  });
});
