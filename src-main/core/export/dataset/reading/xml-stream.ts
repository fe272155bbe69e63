import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { textChunks } from './text-chunks.ts';

const MAX_TAG_CHARACTERS = 64 * 1024 * 1024;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export type XmlEvent =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      /** Text between the tag before and this one. */
      readonly textBefore: string;
    }
  | { readonly kind: 'close'; readonly name: string; readonly text: string };

/**
 * Tags of an XML file of any size, in order; `<a/>` opens and closes. Document types and entities of a file's own are refused:
 * nothing is ever expanded or fetched. Throws `file-unreadable`.
 */
export async function* readXml(path: string): AsyncGenerator<XmlEvent, void, undefined> {
  const invalid = (reason: string) =>
    new StudioError('file-unreadable', 'user', `${path} is not sound XML: ${reason}; nothing was changed.`);
  let rest = '';
  for await (const chunk of textChunks(path)) {
    const text = rest + chunk;
    let from = 0;
    for (let tag = nextTag(text, from); tag !== null; tag = nextTag(text, from)) {
      if (tag.body.startsWith('!DOCTYPE') || tag.body.startsWith('!ENTITY'))
        throw invalid('it declares a document type');
      yield* eventsOf(tag);
      from = tag.end;
    }
    rest = text.slice(from);
    if (rest.length > MAX_TAG_CHARACTERS) throw invalid('one of its tags is absurdly long');
  }
  if (rest.trim() !== '') throw invalid('it ends too early');
}

interface Tag {
  readonly textBefore: string;
  /** Without the angle brackets. */
  readonly body: string;
  readonly end: number;
}

function nextTag(text: string, from: number): Tag | null {
  const start = text.indexOf('<', from);
  if (start < 0) return null;
  const comment = text.startsWith('<!--', start);
  const close = text.indexOf(comment ? '-->' : '>', start);
  if (close < 0) return null;
  const end = close + (comment ? 3 : 1);
  return { textBefore: text.slice(from, start), body: text.slice(start + 1, end - 1), end };
}

function* eventsOf({ body, textBefore }: Tag): Generator<XmlEvent, void, undefined> {
  if (body.startsWith('?') || body.startsWith('!')) return;
  const text = decoded(textBefore.trim());
  if (body.startsWith('/')) {
    yield { kind: 'close', name: body.slice(1).trim(), text };
    return;
  }
  const name = /^[^\s/]+/.exec(body)?.[0] ?? '';
  yield { kind: 'open', name, attributes: attributesOf(body), textBefore: text };
  if (body.endsWith('/')) yield { kind: 'close', name, text: '' };
}

function attributesOf(body: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of body.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(name, decoded(double ?? single ?? ''));
  }
  return attributes;
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{2,4});/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return ENTITIES[entity] ?? whole;
    const code = entity[1].toLowerCase() === 'x' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Text as it may stand in an attribute or between tags; characters that XML cannot hold are left out. */
export function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
