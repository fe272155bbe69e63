import { createContext, useContext } from 'react';
import { createTranslate, type Translate } from './messages.ts';

export const TranslateContext = createContext<Translate>(createTranslate('en'));

/** The translator of the language in use. */
export function useTranslate(): Translate {
  return useContext(TranslateContext);
}
