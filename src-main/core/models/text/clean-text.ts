import { unescapeHtml } from './html-entities.ts';

/** Windows-1252 characters of bytes 0x80 to 0x9f; undefined bytes stand for themselves. */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const bytesOfWindows1252: ReadonlyMap<string, number> = new Map([...windows1252].map((char, at) => [char, 0x80 + at]));

/** What bytes 0x80 to 0xbf look like, and with them UTF-8 sequences of two, three and four bytes. */
const continuation = `[\\x80-\\xbf${windows1252.replace(/[\x80-\x9f]/g, '')}]`;
const mojibake = new RegExp(`[Â-ß]${continuation}|[à-ï]${continuation}{2}|[ð-ó]${continuation}{3}`, 'g');
const certainMojibake = new RegExp(`[ÂÃ]${continuation}|[à-ï]${continuation}{2}|[ð-ó]${continuation}{3}`, 'g');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Colour codes of a terminal. */
const terminalEscapes = new RegExp(`${String.fromCharCode(0x1b)}\\[[\\d;]*[A-Za-z]`, 'g');
const keptControls = '\t\n\f\r';
const ligatures = /[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g;

/**
 * Text as CLIP's tokenizer wants it: repaired, HTML-unescaped twice, white space collapsed, trimmed, lower case.
 * The repair follows ftfy's `fix_text` (fix_and_explain in ftfy 6.3) for what phrases contain: entities, UTF-8 that was read as
 * Windows-1252, ligatures, full-width forms, curly quotes, control characters, composed forms.
 */
export function cleanText(text: string): string {
  const repaired = unescapeHtml(unescapeHtml(repairText(text)));
  return repaired.replace(/\s+/g, ' ').trim().toLowerCase();
}

/** Exported for its test: the ftfy part alone. */
export function repairText(text: string): string {
  let current = text;
  // A repair can uncover another; ftfy repeats until nothing changes, four rounds are more than any phrase needs.
  for (let round = 0; round < 4; round++) {
    const next = repairOnce(current);
    if (next === current) break;
    current = next;
  }
  return current;
}

function repairOnce(text: string): string {
  return repairEncoding(text.includes('<') ? text : unescapeHtml(text))
    .replace(terminalEscapes, '')
    .replace(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80])
    .replace(ligatures, (char) => char.normalize('NFKC'))
    .replace(/[\uff01-\uffef\u3000]/g, (char) => char.normalize('NFKC'))
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/\r\n?|[\u2028\u2029\x85]/g, '\n')
    .replace(/[\p{Cc}\u206a-\u206f\ufeff\ufff9-\ufffc]/gu, (char) => (keptControls.includes(char) ? char : ''))
    .normalize('NFC');
}

/**
 * Undoes UTF-8 that was read as Latin-1 or Windows-1252: the text as a whole, else the sequences in it that can hardly mean
 * anything else. Text that is anything else stays.
 */
function repairEncoding(text: string): string {
  if (!/[\x80-\uffff]/.test(text)) return text;
  const sequences = text.match(mojibake) ?? [];
  // One accented capital before a sign (`Spaß»`) is ordinary text, although its bytes happen to be UTF-8.
  const doubtful = sequences.length < 2 && sequences.every((sequence) => sequence.length === 2 && sequence > 'Å\uffff');
  const whole = doubtful ? null : decodeAgain(text);
  return whole ?? text.replace(certainMojibake, (sequence) => decodeAgain(sequence) ?? sequence);
}

/** The text with its characters taken for bytes of UTF-8, or null when they are not. */
function decodeAgain(text: string): string | null {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const byte = code < 0x100 ? code : bytesOfWindows1252.get(text[at]);
    if (byte === undefined) return null;
    bytes[at] = byte;
  }
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
