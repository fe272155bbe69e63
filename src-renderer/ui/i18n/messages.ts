import { IntlMessageFormat } from 'intl-messageformat';
import en from '../../../resources/translations/en.json';
import zhCn from '../../../resources/translations/zh-CN.json';

export type MessageKey = keyof typeof en;
export type MessageValues = Readonly<Record<string, string | number>>;
export type Language = 'en' | 'zh-CN';
export type Translate = (key: MessageKey, values?: MessageValues) => string;

const CATALOGUES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, 'zh-CN': zhCn };
export const languages: readonly Language[] = ['en', 'zh-CN'];

/** Formats messages of one language; each message is compiled once. */
export function createTranslate(language: Language): Translate {
  const compiled = new Map<MessageKey, IntlMessageFormat>();
  const catalogue = CATALOGUES[language];
  return (key, values) => {
    let message = compiled.get(key);
    if (message === undefined) {
      message = new IntlMessageFormat(catalogue[key] ?? en[key], language);
      compiled.set(key, message);
    }
    return String(message.format(values));
  };
}
