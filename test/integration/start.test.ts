import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finished, repositoryRoot, Workspace } from '../support/run-cli.ts';

// A system with displays opens its window; here there is none.
it.skipIf(process.platform !== 'linux')(
  'npm start without a display opens every file in the browser, and ends whole when it is told to',
  async () => {
    using workspace = new Workspace('start');
    // No `xdg-open` is found here.
    const env = { DISPLAY: '', WAYLAND_DISPLAY: '', INIT_CWD: workspace.folder, PATH: join(process.execPath, '..') };
    const child = workspace.start(
      ['a b.mp4', 'c.masklet', '--offline'],
      env,
      undefined,
      join(repositoryRoot, 'start.ts'),
    );
    child.stderr?.on('data', (bytes: Buffer) => bytes.includes('until you press Ctrl-C') && child.kill('SIGTERM'));
    const { status, stdout, stderr } = await finished(child);
    expect(stderr).toContain('There is no display for the desktop window: the same studio opens in the browser.');
    const opened = stdout
      .trim()
      .split('\n')
      .map((url) => decodeURIComponent(url.split('#open=')[1]));
    expect(opened).toEqual([workspace.path('a b.mp4'), workspace.path('c.masklet')]);
    expect(status).toBe(0);
  },
);
