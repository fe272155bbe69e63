import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type StudioContract, studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type Handlers, Moved } from '../../../src-shared/rpc/contract-types.ts';
import { type RpcServer, serveContract } from '../../../src-shared/rpc/server.ts';
import { Access, tokenInAddress } from './access.ts';
import { HTTP_CALLER } from './http-caller.ts';
import { listFolder } from './list-folder.ts';
import { sendPageFile } from './page-files.ts';
import { receiveUpload } from './receive-upload.ts';
import { refuse, SECURITY_HEADERS, sendJson } from './respond.ts';
import { sendFrame } from './send-frame.ts';
import { sendMedia } from './send-media.ts';
import { transportOverWebSocket } from './web-socket-transport.ts';

export interface StudioServerOptions {
  readonly handlers: Handlers<StudioContract>;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** Folder for dropped videos. */
  readonly uploadFolder: string;
  /** Our own clip, offered on an empty desk. */
  readonly samplePath: string | null;
  /** Address to listen on; loopback unless a person asked for more. */
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Largest message a page may send: ten thousand prompts fit, a flood does not. */
const MOST_MESSAGE_BYTES = 8 * 2 ** 20;
const MOST_CONNECTIONS = 64;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const PING_MILLIS = 15_000;
const MOST_SILENT_ROUNDS = 3;

/** The studio in a browser: the built page, the contract over a WebSocket, frames over HTTP. Disposing closes every connection. */
export class StudioServer implements AsyncDisposable {
  readonly #options: StudioServerOptions;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES });
  readonly #connections = new Set<RpcServer>();
  #access!: Access;

  private constructor(options: StudioServerOptions) {
    this.#options = options;
    this.#http = createServer({ requestTimeout: 0, headersTimeout: 10_000 }, (request, response) => {
      this.#answer(request, response).catch((error) => refuse(response, 500, StudioError.from(error).message));
    });
    this.#http.maxConnections = MOST_CONNECTIONS * 8;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async start(options: StudioServerOptions): Promise<StudioServer> {
    const server = new StudioServer(options);
    await server.#listen();
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Where a browser finds the studio, token included. */
  get url(): string {
    const host = EVERY_ADDRESS.has(this.#options.address) ? '127.0.0.1' : this.#options.address;
    return `http://${bracketed(host)}:${this.port}/?token=${this.#access.token}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const connection of this.#connections) connection[Symbol.dispose]();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  async #listen(): Promise<void> {
    const { address, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(address, port, cause)));
      this.#http.listen(port, address, resolve);
    });
    this.#access = new Access(
      namesOf(address).map((name) => `${name}:${this.port}`),
      this.port,
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const verdict = this.#access.check(request);
    if (verdict === 'no-token') {
      refuse(response, 401, 'Open the address that "masklet serve" printed: it carries the key to this studio.');
      return;
    }
    if (verdict !== 'allowed') {
      refuse(response, 403, 'This studio answers its own page only.');
      return;
    }
    // Not `new URL`: it would resolve `..` before we can refuse it.
    const [pathname, search = ''] = (request.url ?? '/').split('?', 2);
    if (tokenInAddress(request.url).length > 0 && pathname === '/') {
      response.writeHead(303, { ...SECURITY_HEADERS, Location: '/', 'Set-Cookie': this.#access.cookie });
      response.end();
      return;
    }
    await this.#route(pathname, new URLSearchParams(search), request, response);
  }

  async #route(
    pathname: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { handlers, pageFolder, uploadFolder, samplePath } = this.#options;
    try {
      if (request.method === 'POST' && pathname === '/host/upload') {
        sendJson(response, { path: await receiveUpload(request, uploadFolder, query.get('name') ?? '') });
      } else if (request.method !== 'GET') refuse(response, 405, 'Only GET is answered here.');
      else if (pathname === '/frame') await sendFrame(handlers, query, request, response);
      else if (pathname === '/media') await sendMedia(await this.#sourceOf(query), request, response);
      else if (pathname === '/host/folder') sendJson(response, await listFolder(query.get('path')));
      else if (pathname === '/host/about') sendJson(response, { kind: 'browser', samplePath });
      else await sendPageFile(response, pageFolder, pathname);
    } catch (error) {
      const known = StudioError.from(error);
      if (response.headersSent) response.destroy();
      else {
        response.statusCode = known.kind === 'bug' ? 500 : 400;
        response.setHeader('Content-Type', 'application/json; charset=utf-8');
        response.end(JSON.stringify({ error: known.toData() }));
      }
    }
  }

  /** Only sources of open sessions are served: the page never names a path here. */
  async #sourceOf(query: URLSearchParams): Promise<string> {
    const sessionId = query.get('session') ?? '';
    const context = { signal: HTTP_CALLER.closed, caller: HTTP_CALLER };
    const answer = await this.#options.handlers.sessionState({ sessionId }, context);
    return (answer instanceof Moved ? answer.value : answer).video.path;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Who asks may be gone already, key or not: that is the end of this line and of nothing else.
    socket.on('error', () => socket.destroy());
    const known = this.#access.check(request) === 'allowed' && request.headers.origin !== undefined;
    const wanted = (request.url ?? '').split('?')[0] === '/rpc';
    if (!known || !wanted || this.#connections.size >= MOST_CONNECTIONS) {
      socket.end(`HTTP/1.1 ${known ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = serveContract(studioContract, this.#options.handlers, transportOverWebSocket(webSocket));
      this.#connections.add(connection);
      letGoWhenSilent(webSocket);
      webSocket.once('close', () => this.#connections.delete(connection));
    });
  }
}

/** A page whose line is cut does not say goodbye: after a few silent rounds it is gone, and somebody else may edit its session. */
function letGoWhenSilent(socket: WebSocket): void {
  let silentRounds = 0;
  socket.on('pong', () => {
    silentRounds = 0;
  });
  const rounds = setInterval(() => {
    if (silentRounds++ >= MOST_SILENT_ROUNDS) socket.terminate();
    else socket.ping();
  }, PING_MILLIS).unref();
  socket.once('close', () => clearInterval(rounds));
}

/** The built page beside the sources. */
export function builtPageFolder(): string {
  return join(import.meta.dirname, '../../../dist/page');
}

/** What a browser may call us by. Who listens on every address goes by each one that this machine has, and by its name. */
function namesOf(address: string): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map((one) => one.address));
  const own = EVERY_ADDRESS.has(address) ? [hostname(), ...found] : [address];
  return [...new Set(['127.0.0.1', 'localhost', '::1', ...own])].map((name) => bracketed(name).toLowerCase());
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function cannotListen(address: string, port: number, cause: NodeJS.ErrnoException): StudioError {
  const why = cause.code === 'EADDRINUSE' ? 'is taken already; give another --port' : `cannot be used (${cause.code})`;
  return new StudioError('usage', 'user', `${address}:${port} ${why}.`, { cause });
}
