import { globSync, readFileSync } from 'node:fs';
import { parse } from '@formatjs/icu-messageformat-parser';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url).pathname;
const english = JSON.parse(readFileSync(`${root}resources/translations/en.json`, 'utf8')) as Record<string, string>;
const files = globSync('src-renderer/**/*.{ts,tsx}', { cwd: root });

/** Properties of controls that people read or hear. */
const SPOKEN = new Set(['label', 'title', 'placeholder', 'aria-label', 'aria-description', 'alt', 'text']);

interface Findings {
  /** Text in the source that no translator sees. */
  readonly hardCoded: string[];
  readonly literals: Set<string>;
  /** Keys put together from parts, as a pattern. */
  readonly patterns: RegExp[];
  /** Where the sentence of an error, which is in English, is taken as it is: `sentenceOf` says it in the person's language. */
  readonly raw: string[];
  /** Calls that leave out a value that the message asks for. */
  readonly misplaced: string[];
}

function examine(name: string, source: string): Findings {
  const found: Findings = { hardCoded: [], literals: new Set(), patterns: [], raw: [], misplaced: [] };
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.literals.add(node.text);
    if (ts.isTemplateExpression(node)) found.patterns.push(patternOf(node));
    const isMessage = (ts.isPropertyAccessExpression(node) || ts.isBindingElement(node)) && nameIn(node) === 'message';
    if (isMessage && /\/(features|state)\//.test(name)) found.raw.push(`${name}: ${node.getText()}`);
    if (ts.isJsxText(node) && isWords(node.text)) found.hardCoded.push(`${name}: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && node.initializer !== undefined && ts.isStringLiteral(node.initializer)) {
      const { text } = node.initializer;
      if (SPOKEN.has(node.name.getText()) && isWords(text)) found.hardCoded.push(`${name}: ${node.getText()}`);
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 't') checkCall(node, found.misplaced, name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Of the property that is read. */
function nameIn(node: ts.PropertyAccessExpression | ts.BindingElement): string {
  return (ts.isBindingElement(node) ? (node.propertyName ?? node.name) : node.name).getText();
}

/** Two letters in a row: signs, units of one letter and separators are no words. */
function isWords(text: string): boolean {
  return /\p{L}{2}/u.test(text) && !/^\s*&\w+;\s*$/.test(text);
}

function patternOf({ head, templateSpans }: ts.TemplateExpression): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${escaped(head.text)}${templateSpans.map(({ literal }) => `[\\w-]+${escaped(literal.text)}`).join('')}$`,
  );
}

function checkCall({ arguments: [key, values] }: ts.CallExpression, misplaced: string[], name: string): void {
  if (key === undefined || !ts.isStringLiteralLike(key) || english[key.text] === undefined) return;
  if (values !== undefined && !ts.isObjectLiteralExpression(values)) return;
  const given = new Set(values?.properties.map((each) => each.name?.getText() ?? '...') ?? []);
  if (given.has('...')) return;
  const lacking = valuesOf(english[key.text]).filter((each) => !given.has(each));
  if (lacking.length > 0) misplaced.push(`${name}: ${key.text} lacks ${lacking.join(', ')}`);
}

function valuesOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (elements: readonly unknown[]): void => {
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
  return [...names];
}

describe('the page', () => {
  const all = files.map((file) => examine(file, readFileSync(root + file, 'utf8')));

  it('says nothing that is not in the catalogues', () => {
    expect(all.flatMap(({ hardCoded }) => hardCoded)).toEqual([]);
  });

  it('says no error in English to somebody who reads another language', () => {
    expect(all.flatMap(({ raw }) => raw)).toEqual(['src-renderer/state/notices.ts: message']);
  });

  it('uses every message', () => {
    const literals = new Set(all.flatMap((each) => [...each.literals]));
    const patterns = all.flatMap((each) => each.patterns).filter(({ source }) => source.includes('\\.'));
    const unused = Object.keys(english).filter(
      (key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)),
    );
    expect(unused).toEqual([]);
  });

  it('gives every message the values that it asks for', () => {
    expect(all.flatMap(({ misplaced }) => misplaced)).toEqual([]);
  });
});

describe('the scan', () => {
  it('finds what it is for', () => {
    const planted = examine(
      'planted.tsx',
      `const a = <p title="Do it">Hello {t('sessions.place')} · <i>{t(\`group.\${name}\`)}</i></p>;`,
    );
    expect(planted.hardCoded).toEqual(['planted.tsx: title="Do it"', 'planted.tsx: Hello']);
    expect(planted.misplaced).toEqual(['planted.tsx: sessions.place lacks path']);
    expect(planted.patterns.some((pattern) => pattern.test('group.view'))).toBe(true);
    const { raw } = examine(
      'src-renderer/state/planted.ts',
      'const { message: text } = problem; show(problem.message, text);',
    );
    expect(raw).toEqual([
      'src-renderer/state/planted.ts: message: text',
      'src-renderer/state/planted.ts: problem.message',
    ]);
  });
});
