import type { SessionState } from '../../src-shared/contract/results.ts';
import { createTranslate, type Language, languages, type Translate } from '../ui/i18n/messages.ts';

const translators = new Map(languages.map((language) => [language, createTranslate(language)]));

/**
 * The state with the names that objects have as long as nobody named them in the person's language. The engine stores such a name in
 * English; one that a person gave stays as it is.
 */
export function withDefaultNames(state: SessionState, language: Language): SessionState {
  const nameIn = (each: Language, number: number) => translators.get(each)?.('objects.defaultName', { number }) ?? '';
  const isDefault = (name: string, number: number) => languages.some((each) => nameIn(each, number) === name);
  const objects = state.objects.map((object) => {
    const { objectId, name } = object;
    const wanted = isDefault(name, objectId) ? nameIn(language, objectId) : name;
    return wanted === name ? object : { ...object, name: wanted };
  });
  return objects.every((object, at) => object === state.objects[at]) ? state : { ...state, objects };
}

/** A stored name, where the object's number is not known: one that looks like the engine's own is said in the person's language. */
export function shownName(t: Translate, name: string): string {
  const number = /^Object (\d+)$/.exec(name)?.[1];
  return number === undefined ? name : t('objects.defaultName', { number });
}
