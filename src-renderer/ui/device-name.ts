import type { Translate } from './i18n/messages.ts';

/** A provider as the engine names it (`cpu (2 threads)`, `webgpu`), in the person's language. */
export function deviceName(provider: string, t: Translate): string {
  const threads = /^cpu \((\d+) threads?\)$/.exec(provider)?.[1];
  return threads === undefined ? provider : t('device.cpu', { count: Number(threads) });
}
