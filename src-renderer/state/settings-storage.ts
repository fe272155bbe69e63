import { initialSettings, type Settings } from './studio-state.ts';

const KEY = 'masklet-settings';

/** Settings of this browser; anything missing or unreadable falls back to what a first start has. */
export function readSettings(storage: Storage, languages: readonly string[]): Settings {
  const first: Settings = { ...initialSettings, language: preferredLanguage(languages) };
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return first;
    const known = Object.entries(stored).filter(([key, value]) => isSameKind(initialSettings, key, value));
    return { ...first, ...Object.fromEntries(known) };
  } catch {
    return first;
  }
}

/** A full or forbidden storage only means that the next start has the defaults. */
export function writeSettings(storage: Storage, settings: Settings): void {
  try {
    storage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Nothing of the person's work is in here.
  }
}

function preferredLanguage(languages: readonly string[]): Settings['language'] {
  const first = languages.find((language) => /^(zh|en)\b/i.test(language));
  return first !== undefined && /^zh/i.test(first) ? 'zh-CN' : 'en';
}

function isSameKind(defaults: object, key: string, value: unknown): boolean {
  if (!Object.hasOwn(defaults, key)) return false;
  const wanted = (defaults as Record<string, unknown>)[key];
  if (key === 'packId') return value === null || typeof value === 'string';
  if (key === 'keymap') return isKeymap(value);
  return Array.isArray(wanted) ? Array.isArray(value) : typeof value === typeof wanted;
}

function isKeymap(value: unknown): boolean {
  const isRecord = (each: unknown): each is object => typeof each === 'object' && each !== null && !Array.isArray(each);
  const isKeys = (keys: unknown) => Array.isArray(keys) && keys.every((key) => typeof key === 'string');
  return isRecord(value) && Object.values(value).every((map) => isRecord(map) && Object.values(map).every(isKeys));
}
