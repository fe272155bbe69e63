import type { WriteStream } from 'node:tty';
import type { StudioError } from '../../../src-shared/errors/studio-error.ts';

const BAR_WIDTH = 24;
const REDRAW_MILLIS = 100;
const LINE_MILLIS = 5000;

/** Where text goes; a terminal says that it is one. */
type Sink = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY'>>;

/** What a verb found or made goes to stdout, as JSON lines when asked for; everything said about it to stderr. */
export class ConsoleOutput {
  readonly json: boolean;
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  #barShown = false;
  #lastDraw = 0;

  constructor(json: boolean, stdout: Sink = process.stdout, stderr: Sink = process.stderr) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** A sentence for the person. */
  say(text: string): void {
    this.#clearBar();
    this.#stderr.write(`${text}\n`);
  }

  /** The verb's result as text on stdout; JSON mode prints `data` instead. */
  result(text: string, data: object): void {
    this.#clearBar();
    if (this.json) this.line(data);
    else this.#stdout.write(`${text}\n`);
  }

  /** One JSON line on stdout (JSON mode only). */
  line(data: object): void {
    if (this.json) this.#stdout.write(`${JSON.stringify(data)}\n`);
  }

  /**
   * Redraws the bar on a terminal; elsewhere writes a line every few seconds. `before`: frames that were done when it started, which say
   * nothing of its speed.
   */
  progress(
    label: string,
    done: number,
    total: number | null,
    startedAtMillis: number,
    unit = 'frames',
    before = 0,
  ): void {
    const now = performance.now();
    const interactive = this.#stderr.isTTY === true;
    const finished = total !== null && done >= total;
    if (!finished && now - this.#lastDraw < (interactive ? REDRAW_MILLIS : LINE_MILLIS)) return;
    if (this.#lastDraw === 0 && !interactive && !finished) {
      this.#lastDraw = now;
      return;
    }
    this.#lastDraw = now;
    const text = progressText(label, done, total, (now - startedAtMillis) / 1000, unit, before);
    if (interactive) {
      this.#stderr.write(`\r\x1b[2K${text}`);
      this.#barShown = true;
    } else this.#stderr.write(`${text}\n`);
  }

  /** One sentence and the code; never a stack trace. */
  error(error: StudioError): void {
    this.#clearBar();
    this.#stderr.write(`masklet: ${error.message} [${error.code}]\n`);
    this.line({ type: 'error', ...error.toData() });
  }

  #clearBar(): void {
    if (this.#barShown) this.#stderr.write('\r\x1b[2K');
    this.#barShown = false;
  }
}

/** `tracking [######------] 120/300 frames  24.1 fps  ETA 0:07`; without a total only the count and speed. */
export function progressText(
  label: string,
  done: number,
  total: number | null,
  elapsedSecs: number,
  unit = 'frames',
  before = 0,
): string {
  // Steps of unequal size have neither a speed nor a remaining time.
  if (unit === '') return total === null ? `${label} ${done}` : `${label} ${done}/${total}`;
  const fps = elapsedSecs > 0 ? (done - before) / elapsedSecs : 0;
  const speed = `${fps.toFixed(1)} fps`;
  if (total === null || total === 0) return `${label} ${done} frames  ${speed}`;
  const filled = Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
  const bar = `${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}`;
  const etaSecs = fps > 0 ? Math.max(0, Math.ceil((total - done) / fps)) : null;
  const eta = etaSecs === null ? '' : `  ETA ${Math.floor(etaSecs / 60)}:${String(etaSecs % 60).padStart(2, '0')}`;
  return `${label} [${bar}] ${done}/${total} frames  ${speed}${eta}`;
}
