import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { parseCommandLine } from '../../src-main/hosts/cli/program.ts';
import { pageFilePath } from '../../src-main/hosts/server/page-files.ts';
import { parseByteRange } from '../../src-main/hosts/server/send-media.ts';
import { StudioServer } from '../../src-main/hosts/server/studio-server.ts';
import type { SessionState } from '../../src-shared/contract/results.ts';
import { type StudioContract, studioContract } from '../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { decodeMessage, encodeMessage } from '../../src-shared/rpc/binary-codec.ts';
import { connectContract } from '../../src-shared/rpc/client.ts';
import type { Handlers } from '../../src-shared/rpc/contract-types.ts';
import type { Transport } from '../../src-shared/rpc/wire.ts';

const root = resolve(import.meta.dirname, '../out');
let folder = '';
let server: StudioServer;
let frameSignal: AbortSignal | null = null;

/** Only what these tests ask for; a frame names itself, frame 9 never comes. */
const handlers = {
  doctor: async () => ({ lines: [] }),
  frame: async ({ frameIndex }, { signal }) => {
    frameSignal = signal;
    if (frameIndex === 9)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))));
    if (frameIndex === 8) throw new StudioError('frame-out-of-range', 'user', 'No such frame.');
    return { frameIndex, mediaType: 'image/jpeg', bytes: Uint8Array.of(frameIndex, 2, 3) };
  },
  sessionState: async ({ sessionId }) => {
    if (sessionId !== 'session-1') throw new StudioError('session-missing', 'user', 'That session is not open.');
    return { video: { path: join(folder, 'clip.bin') } } as unknown as SessionState;
  },
} as Partial<Handlers<StudioContract>> as Handlers<StudioContract>;

beforeAll(async () => {
  mkdirSync(root, { recursive: true });
  folder = mkdtempSync(join(root, 'server-'));
  mkdirSync(join(folder, 'page'));
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'page/main-ABCDEFGH.js'), 'export {};');
  writeFileSync(join(folder, 'secret.js'), 'never');
  writeFileSync(join(folder, 'clip.bin'), Buffer.from(Array.from({ length: 100 }, (_, index) => index)));
  server = await startAt('127.0.0.1');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function startAt(address: string): Promise<StudioServer> {
  return StudioServer.start({
    handlers,
    pageFolder: join(folder, 'page'),
    uploadFolder: join(folder, 'dropped'),
    samplePath: null,
    address,
    port: 0,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request with exactly these headers; the path goes out as written, `..` and all. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body?: Buffer): Promise<Answer> {
  return new Promise((done, fail) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', fail);
    });
    request.on('error', fail);
    request.end(body);
  });
}

const token = () => new URL(server.url).searchParams.get('token') ?? '';
const withKey = () => ({ Cookie: `masklet-${server.port}=${token()}` });

describe('who may talk to the server', () => {
  it('hands out a key of 256 bits and trades it for a cookie that no script and no other site can use', async () => {
    expect(Buffer.from(token(), 'base64url')).toHaveLength(32);
    const answer = await ask(`/?token=${token()}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(String(answer.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
  });

  it('refuses everything without the key, and with a wrong one', async () => {
    for (const path of [
      '/',
      '/main-ABCDEFGH.js',
      '/frame?session=a&index=1',
      '/host/folder',
      '/media?session=session-1',
    ]) {
      expect((await ask(path)).status, path).toBe(401);
      expect((await ask(path, { Cookie: `masklet-${server.port}=${'A'.repeat(43)}` })).status, path).toBe(401);
    }
    expect((await ask('/?token=x')).status).toBe(401);
  });

  it('refuses another name in Host (DNS rebinding), another origin, and requests that another site started', async () => {
    const key = withKey();
    expect((await ask('/', { ...key, Host: `evil.example:${server.port}` })).status).toBe(403);
    expect((await ask('/', { ...key, Host: '127.0.0.1' })).status).toBe(403);
    expect((await ask('/', { ...key, Origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('/', { ...key, Origin: 'null' })).status).toBe(403);
    expect((await ask('/', { ...key, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' })).status).toBe(403);
    expect((await ask('/', { ...key, Host: `localhost:${server.port}` })).status).toBe(200);
  });
});

/** An address of this machine that others could reach; undefined where it has none. */
const outside = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

describe('where the server listens', () => {
  const statusAt = (host: string, port: number, headers: Record<string, string>) =>
    new Promise<number | string>((done) => {
      const request = httpRequest({ host, port, path: '/', headers }, (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      });
      request.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? ''));
      request.end();
    });

  it('is this machine alone, unless a person asks for more', () => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    parseCommandLine(['serve', '--help'], '1');
    const help = said.mock.calls.join('').replaceAll(/\s+/g, ' ');
    said.mockRestore();
    expect(help).toMatch(/--address <ip> .{0,120}\(default: "127\.0\.0\.1"\)/);
  });

  it.skipIf(outside === undefined)('cannot be reached from outside', async () => {
    expect(await statusAt(outside!, server.port, {})).toBe('ECONNREFUSED');
  });

  it.skipIf(outside === undefined)(
    'asked for more, answers to its own addresses, and still to no other name',
    async () => {
      await using open = await startAt('0.0.0.0');
      const key = { Cookie: `masklet-${open.port}=${new URL(open.url).searchParams.get('token')}` };
      expect(await statusAt(outside!, open.port, key)).toBe(200);
      expect(await statusAt(outside!, open.port, {})).toBe(401);
      expect(await statusAt(outside!, open.port, { ...key, Host: `evil.example:${open.port}` })).toBe(403);
      expect(await statusAt(outside!, open.port, { ...key, Origin: 'https://evil.example' })).toBe(403);
    },
  );
});

describe('the page', () => {
  it('comes with a strict policy', async () => {
    const { status, headers } = await ask('/', withKey());
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('never leaves its folder', async () => {
    for (const path of [
      '/../secret.js',
      '/..%2fsecret.js',
      '/%2e%2e/secret.js',
      '/..%5csecret.js',
      '/x/../../secret.js',
      '/page/../../secret.js',
      '//etc/passwd',
      '/%00.js',
      '/C:/secret.js',
      '/.%2e/secret.js',
      '/%',
    ]) {
      const answer = await ask(path, withKey());
      expect(answer.status, path).toBe(404);
      expect(answer.body.toString(), path).not.toContain('never');
    }
    expect(pageFilePath('/page', '/a/../index.html')).toBeNull();
    expect(pageFilePath('/page', '/index.html')).toBe('/page/index.html');
  });

  it('answers only what it knows', async () => {
    expect((await ask('/', withKey(), 'DELETE')).status).toBe(405);
    expect((await ask('/nothing.js', withKey())).status).toBe(404);
  });
});

describe('frames and media', () => {
  it('sends the frame asked for, named, never cached', async () => {
    const answer = await ask('/frame?session=a&index=5', withKey());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-frame-index': '5',
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
    });
    expect([...answer.body]).toEqual([5, 2, 3]);
  });

  it('says what is wrong in one sentence', async () => {
    expect((await ask('/frame?session=a&index=-1', withKey())).status).toBe(400);
    expect((await ask('/frame?session=a', withKey())).status).toBe(400);
    const answer = await ask('/frame?session=a&index=8', withKey());
    expect(answer.status).toBe(400);
    expect(answer.body.toString()).toContain('[frame-out-of-range]');
  });

  it('frees the decode of a frame that nobody waits for any more', async () => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      path: '/frame?session=a&index=9',
      headers: withKey(),
    });
    request.on('error', () => {});
    request.end();
    await expect.poll(() => frameSignal !== null && !frameSignal.aborted).toBe(true);
    request.destroy();
    await expect.poll(() => frameSignal?.aborted).toBe(true);
  });

  it('serves ranges of the sources of open sessions, and of nothing else', async () => {
    const part = await ask('/media?session=session-1', { ...withKey(), Range: 'bytes=10-19' });
    expect(part.status).toBe(206);
    expect([...part.body]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(part.headers['content-range']).toBe('bytes 10-19/100');
    expect((await ask('/media?session=session-1', { ...withKey(), Range: 'bytes=200-' })).status).toBe(416);
    expect((await ask('/media?session=/etc/passwd', withKey())).status).toBe(400);
  });

  it('reads byte ranges as the standard does', () => {
    expect(parseByteRange(undefined, 100)).toBeNull();
    expect(parseByteRange('bytes=-10', 100)).toEqual({ first: 90, last: 99 });
    expect(parseByteRange('bytes=95-', 100)).toEqual({ first: 95, last: 99 });
    expect(parseByteRange('bytes=0-999', 100)).toEqual({ first: 0, last: 99 });
    for (const bad of [
      'bytes=',
      'bytes=-',
      'bytes=9-3',
      'bytes=0-1,5-6',
      'items=0-1',
      'bytes=a-b',
      `bytes=${'9'.repeat(40)}-`,
    ]) {
      expect(parseByteRange(bad, 100), bad).toBe('invalid');
    }
  });

  it('stores a dropped file under a harmless name, once, and nothing of a broken one', async () => {
    const body = Buffer.from('a video');
    const drop = (name: string) => ask(`/host/upload?name=${encodeURIComponent(name)}`, withKey(), 'POST', body);
    const first = JSON.parse((await drop('../../ev;il$(x).mp4')).body.toString()) as { path: string };
    expect(first.path).toBe(join(folder, 'dropped', 'ev_il_(x).mp4'));
    expect(readFileSync(first.path, 'utf8')).toBe('a video');
    expect(JSON.parse((await drop('../../ev;il$(x).mp4')).body.toString())).toEqual(first);
    for (const length of ['0', String(64 * 2 ** 30 + 1)]) {
      const headers = { ...withKey(), 'Content-Length': length };
      expect((await ask('/host/upload?name=x.mp4', headers, 'POST')).status).toBe(400);
    }
    const broken = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      path: '/host/upload?name=half.mp4',
      method: 'POST',
      headers: { ...withKey(), 'Content-Length': '1000' },
    });
    broken.on('error', () => {});
    broken.write('half');
    await new Promise((done) => setTimeout(done, 50));
    broken.destroy();
    await expect.poll(() => readdirSync(join(folder, 'dropped'))).toEqual(['ev_il_(x).mp4']);
  });

  it('cuts the name of a dropped file to what file systems take', async () => {
    const name = encodeURIComponent(`${'猫'.repeat(120)}.mp4`);
    const { body } = await ask(`/host/upload?name=${name}`, withKey(), 'POST', Buffer.from('a video'));
    const { path } = JSON.parse(body.toString()) as { path: string };
    expect(path).toBe(join(folder, 'dropped', `${'猫'.repeat(60)}.mp4`));
    rmSync(path);
  });

  it('never takes one dropped file for another of its name and size', async () => {
    const drop = async (text: string) =>
      JSON.parse((await ask('/host/upload?name=twin.avi', withKey(), 'POST', Buffer.from(text))).body.toString()).path;
    writeFileSync(join(folder, 'dropped', '.twin.avi.999999999-1.part'), 'left by a process that is gone');
    const paths = [await drop('AAAA'), await drop('BBBB'), ...(await Promise.all([drop('AAAA'), drop('BBBB')]))];
    expect(paths.map((path) => basename(path))).toEqual(['twin.avi', 'twin-2.avi', 'twin.avi', 'twin-2.avi']);
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['AAAA', 'BBBB', 'AAAA', 'BBBB']);
    expect(readdirSync(join(folder, 'dropped')).filter((name) => name.includes('.part'))).toEqual([]);
  });
});

describe('the socket', () => {
  const open = (headers: Record<string, string>, path = '/rpc') =>
    new Promise<WebSocket>((done, fail) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
      socket.once('open', () => done(socket));
      socket.once('error', fail);
    });
  const ours = () => ({ ...withKey(), Origin: `http://127.0.0.1:${server.port}` });

  it('opens for our own page only', async () => {
    for (const headers of [
      {},
      withKey(),
      { ...ours(), Origin: 'https://evil.example' },
      { Origin: `http://127.0.0.1:${server.port}` },
      { ...ours(), Host: 'evil.example' },
    ]) {
      await expect(open(headers)).rejects.toThrow('403');
    }
    await expect(open(ours(), '/elsewhere')).rejects.toThrow('404');
    (await open(ours())).close();
  });

  it('outlives upgrades whose askers hang up at once, none of whom has the key', async () => {
    const thrown: unknown[] = [];
    const note = (error: unknown) => thrown.push(error);
    process.on('uncaughtException', note);
    const lines = ['GET /rpc HTTP/1.1', `Host: 127.0.0.1:${server.port}`, 'Connection: Upgrade', 'Upgrade: websocket'];
    for (let round = 0; round < 50; round++) {
      await new Promise<void>((done) => {
        const asker = connect(server.port, '127.0.0.1', () => {
          asker.write(`${lines.join('\r\n')}\r\n\r\n`);
          if (round % 2 === 0) asker.destroy();
          else setTimeout(() => asker.resetAndDestroy(), round % 5);
        });
        asker.on('error', () => {});
        asker.once('close', () => setTimeout(done, 5));
      });
    }
    process.off('uncaughtException', note);
    expect(thrown).toEqual([]);
    expect((await ask('/', withKey())).status).toBe(200);
  });

  it('survives 50 malformed messages and still answers', async () => {
    const socket = await open(ours());
    const junk: (string | Uint8Array)[] = ['', 'text', '{"type":"call","id":1,"name":"doctor"}', new Uint8Array(0)];
    for (let index = 0; junk.length < 50; index++) {
      const bad = [
        { type: 'call' },
        { type: 'call', id: 'x', name: 'doctor' },
        { type: 'credit', id: 1, count: -1 },
        7,
        null,
      ];
      junk.push(
        index % 2 === 0
          ? encodeMessage(bad[index % bad.length] as never)
          : Uint8Array.from({ length: index }, (_, at) => (at * 37 + index) & 255),
      );
    }
    for (const message of junk) socket.send(message);
    using connection = connectContract(studioContract, transportOf(socket));
    await expect(connection.client.doctor({})).resolves.toEqual({ lines: [] });
    await expect(connection.client.probe({ videoPath: '' }).next()).rejects.toMatchObject({ code: 'protocol-invalid' });
  });

  it('closes on a message over the limit, and stays up for others', async () => {
    const socket = await open(ours());
    const closed = new Promise<number>((done) => socket.once('close', done));
    socket.on('error', () => {});
    socket.send(new Uint8Array(9 * 2 ** 20));
    await expect(closed).resolves.toBe(1009);
    using connection = connectContract(studioContract, transportOf(await open(ours())));
    await expect(connection.client.doctor({})).resolves.toEqual({ lines: [] });
  });
});

function transportOf(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  return {
    post: (message) => socket.send(encodeMessage(message)),
    onMessage: (listener) => socket.on('message', (data: Buffer) => listener(decodeMessage(data))),
    onClose: (listener) => socket.once('close', () => listener()),
    close: () => socket.close(),
  };
}
