/** `0:07`, `4:10`, `1:02:03`: rounded up to whole seconds. */
export function secsText(secs: number): string {
  const whole = Math.max(0, Math.ceil(secs));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const AGO_UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;
const MOST_DAYS_AGO = 7;

/** `2 hours ago`, `yesterday`; the date when it is more than a week. */
export function agoText(thenMillis: number, nowMillis: number, language: string): string {
  const secs = Math.max(0, (nowMillis - thenMillis) / 1000);
  if (secs > MOST_DAYS_AGO * 86_400)
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(thenMillis);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const unit = AGO_UNITS.find(([, length]) => secs >= length);
  return unit === undefined ? words.format(0, 'second') : words.format(-Math.floor(secs / unit[1]), unit[0]);
}

/** `8.4 MB`: decimal units, as file managers show them. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[power - 1]}`;
}
