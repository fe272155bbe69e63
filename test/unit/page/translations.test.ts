import { readFileSync } from 'node:fs';
import { parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { isModal } from '../../../src-renderer/commands/command.ts';
import { commandGroups, commands } from '../../../src-renderer/commands/commands.ts';
import { shownName, withDefaultNames } from '../../../src-renderer/state/default-names.ts';
import { sentenceOf } from '../../../src-renderer/state/notices.ts';
import { createTranslate, languages, type MessageKey } from '../../../src-renderer/ui/i18n/messages.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { engineNote, noteCodes } from '../../../src-shared/domain/engine-note.ts';
import { errorCodes } from '../../../src-shared/errors/studio-error.ts';

const catalogue = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../../resources/translations/${language}.json`, import.meta.url), 'utf8'));
const english = catalogue('en');

/** Names of the values that a message asks for, plural branches included. */
function valuesOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (elements: readonly unknown[]) => {
    for (const element of elements as {
      type: number;
      value?: string;
      options?: Record<string, { value: unknown[] }>;
    }[]) {
      if (element.type !== 0 && element.type !== 7 && element.value !== undefined) names.add(element.value);
      for (const option of Object.values(element.options ?? {})) walk(option.value);
    }
  };
  walk(parse(message));
  return [...names].sort();
}

describe('translations', () => {
  it.each(languages)('%s has every message, none empty, and no other', (language) => {
    expect(Object.keys(catalogue(language)).sort()).toEqual(Object.keys(english).sort());
    expect(Object.entries(catalogue(language)).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it.each(languages)('%s asks for no value that English does not have', (language) => {
    for (const [key, text] of Object.entries(catalogue(language))) {
      const known = valuesOf(english[key]);
      expect(
        valuesOf(text).filter((name) => !known.includes(name)),
        key,
      ).toEqual([]);
    }
  });

  it.each(languages)('%s formats every message', (language) => {
    const t = createTranslate(language);
    for (const key of Object.keys(english) as MessageKey[]) {
      const values = Object.fromEntries(valuesOf(english[key]).map((name) => [name, 3]));
      expect(t(key, values), key).not.toMatch(/[{}]/);
    }
  });

  it.each(languages)('%s has a sentence for every error code that can come from the engine', (language) => {
    const sentences = errorCodes.map((code) => sentenceOf({ code, message: '' }, language));
    expect(sentences.filter((text) => text.length < 5)).toEqual([]);
    expect(new Set(sentences).size).toBe(errorCodes.length);
    const codes = Object.keys(english).flatMap((key) => (key.startsWith('code.') ? key.slice('code.'.length) : []));
    expect(codes.sort()).toEqual([...errorCodes].sort());
  });

  it.each(noteCodes)("has the engine's note %s word for word, and says the same in Chinese", (code) => {
    const names = valuesOf(english[`note.${code}`]);
    for (const first of [1, 2]) {
      const values = Object.fromEntries(names.map((name, at) => [name, first + at * (first - 1)]));
      const { text } = engineNote(code, values as never);
      expect(createTranslate('en')(`note.${code}`, values)).toBe(text);
      expect(createTranslate('zh-CN')(`note.${code}`, values)).toMatch(/[\u4e00-\u9fff]/);
    }
    expect(valuesOf(catalogue('zh-CN')[`note.${code}`])).toEqual(names);
  });

  it("shows the engine's own sentence where it is in the person's language", () => {
    const error = { code: 'disk-full', message: 'The disk is full at /films.' } as const;
    expect(sentenceOf(error, 'en')).toBe(error.message);
    expect(sentenceOf(error, 'zh-CN')).toMatch(/磁盘/);
  });

  it('names objects that nobody named in the person’s language, and leaves names that somebody gave', () => {
    const objects = [
      { objectId: 1, name: 'Object 1' },
      { objectId: 2, name: 'Object 1' },
      { objectId: 3, name: 'Ball' },
    ];
    const state = { objects } as unknown as SessionState;
    const chinese = withDefaultNames(state, 'zh-CN');
    expect(chinese.objects.map(({ name }) => name)).toEqual(['物体 1', 'Object 1', 'Ball']);
    expect(withDefaultNames(chinese, 'en').objects).toEqual(objects);
    expect(withDefaultNames(state, 'en')).toBe(state);
    expect(['Object 12', 'Object B'].map((name) => shownName(createTranslate('zh-CN'), name))).toEqual([
      '物体 12',
      'Object B',
    ]);
  });

  it('are in Chinese where they are sentences', () => {
    // Names of languages and of file formats are the same in all of them; signs around a number have no letters.
    const untranslated = Object.entries(catalogue('zh-CN')).filter(
      ([key, text]) =>
        text === english[key] && !key.startsWith('language.') && /\p{L}/u.test(text.replace(/\{.*\}/, '')),
    );
    expect(untranslated.map(([key]) => key).sort()).toEqual(['app.name', 'concepts.placeholder', 'export.images.jpg']);
  });

  it('say one thing with one word in Chinese', () => {
    // A matte is a picture for compositing, not the mask of an object.
    const mattes = ['overlay.matte', 'style.matte', 'style.matteHelp'];
    const others = /对象|掩码|掩模|跟踪|概念|你|蒙版/;
    const found = Object.entries(catalogue('zh-CN')).filter(
      ([key, text]) => others.test(text) && !mattes.includes(key),
    );
    expect(found).toEqual([]);
  });

  it('use plurals', () => {
    const t = createTranslate('en');
    expect(t('export.summary', { frames: 1, objects: 2 })).toBe('1 frame, 2 objects');
  });
});

describe('commands', () => {
  it('have one meaning a key in each preset while a session is open', () => {
    for (const preset of ['editor', 'annotator'] as const) {
      // Crosshair and brush take their keys while they are in use; that is what they are for.
      const others = commands.filter((command) => !isModal(command));
      const keys = others.flatMap((command) => command.keys[preset]);
      expect(
        keys.filter((key, index) => keys.indexOf(key) !== index),
        preset,
      ).toEqual([]);
    }
  });

  it('have unique ids, a known group and a title', () => {
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    for (const { group, title } of commands) {
      expect(commandGroups).toContain(group);
      expect(english[title]).toBeDefined();
    }
  });
});
