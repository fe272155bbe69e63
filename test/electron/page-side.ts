/** Scripts for the page of a stand-in window. Typed arrays travel as `{ "$typed": [constructor, base64] }`. */

export function encodeData(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (!ArrayBuffer.isView(each) || each instanceof DataView) return each;
    const bytes = Buffer.from(each.buffer, each.byteOffset, each.byteLength);
    return { $typed: [Object.getPrototypeOf(each).constructor.name, bytes.toString('base64')] };
  });
}

export function decodeData(text: string): unknown {
  return JSON.parse(text, (_key, each: unknown) => {
    const typed = (each as { $typed?: [string, string] } | null)?.$typed;
    if (typed === undefined) return each;
    const bytes = Uint8Array.from(Buffer.from(typed[1], 'base64'));
    const kind = typed[0] === 'Buffer' ? 'Uint8Array' : typed[0];
    return new (globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => unknown>)[kind](bytes.buffer);
  });
}

/** In the page's own world: defines what `contextBridge` exposes. Calls cross to the isolated world as events, which clone. */
export const MAIN_WORLD = `(() => {
  if (window !== top) return;
  let last = 0;
  const expose = ({ detail: { name, functions } }) => {
    if (Object.hasOwn(window, name)) return;
    const api = {};
    for (const key of functions) api[key] = (...given) => {
      const id = ++last;
      const args = given.map((each) => {
        if (typeof each !== 'function') return { value: each };
        const callback = 'standin:callback:' + ++last;
        window.addEventListener(callback, ({ detail }) => each(...detail));
        return { callback };
      });
      let answer = { error: 'nobody answered' };
      window.addEventListener('standin:return:' + id, ({ detail }) => { answer = detail; }, { once: true });
      const settled = new Promise((resolve, reject) =>
        window.addEventListener('standin:settle:' + id, ({ detail }) =>
          detail.error === undefined ? resolve(detail.value) : reject(new Error(detail.error)), { once: true }));
      window.dispatchEvent(new CustomEvent('standin:call', { detail: { id, key, args } }));
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.later ? settled : answer.value;
    };
    Object.defineProperty(window, name, { value: Object.freeze(api), enumerable: true });
  };
  window.addEventListener('standin:expose', expose);
})()`;

/** In a world of its own: what a sandboxed preload may require, then the preload. */
export function isolatedWorld(preload: string): string {
  return `(() => {
  if (window !== top) return;
  const encode = (value) => JSON.stringify(value, (_key, each) => {
    if (!ArrayBuffer.isView(each)) return each;
    const bytes = new Uint8Array(each.buffer, each.byteOffset, each.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return { $typed: [each.constructor.name, btoa(text)] };
  });
  const decode = (text) => JSON.parse(text, (_key, each) => {
    const typed = each?.$typed;
    if (typed === undefined) return each;
    const bytes = Uint8Array.from(atob(typed[1]), (sign) => sign.charCodeAt(0));
    return new globalThis[typed[0] === 'Buffer' ? 'Uint8Array' : typed[0]](bytes.buffer);
  });
  const say = (message) => globalThis.standInToMain(encode(message));
  const listeners = new Map(), waiting = new Map(), ports = new Map();
  let last = 0;
  globalThis.standInFromMain = (text) => {
    const message = decode(text);
    if (message.type === 'answer') waiting.get(message.id)?.(message);
    else if (message.type === 'port') ports.get(message.id)?.postMessage(message.data);
    else if (message.type === 'port-closed') { ports.get(message.id)?.close(); ports.delete(message.id); }
    else {
      const given = message.ports.map((id) => {
        const { port1, port2 } = new MessageChannel();
        ports.set(id, port2);
        port2.onmessage = ({ data }) => say({ type: 'port', id, data });
        port2.onclose = () => { ports.delete(id); say({ type: 'port-closed', id }); };
        return port1;
      });
      for (const listener of listeners.get(message.channel) ?? []) listener({ ports: given }, ...message.args);
    }
  };
  const electron = {
    ipcRenderer: {
      invoke: (channel, ...args) => new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, ({ value, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(value);
          else reject(new Error('Error invoking remote method: ' + error));
        });
        say({ type: 'invoke', id, channel, args });
      }),
      send: (channel, ...args) => say({ type: 'send', channel, args }),
      on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    },
    webUtils: { getPathForFile: (file) => (globalThis.standInPaths ?? {})[file.name] ?? '' },
    contextBridge: {
      exposeInMainWorld: (name, api) => {
        window.addEventListener('standin:call', ({ detail: { id, key, args } }) => {
          const answer = (kind, detail) => window.dispatchEvent(new CustomEvent('standin:' + kind + ':' + id, { detail }));
          try {
            const value = api[key](...args.map((each) => 'callback' in each
              ? (...said) => window.dispatchEvent(new CustomEvent(each.callback, { detail: said }))
              : each.value));
            if (!(value instanceof Promise)) return answer('return', { value });
            answer('return', { later: true });
            value.then((now) => answer('settle', { value: now }), (error) => answer('settle', { error: error.message }));
          } catch (error) {
            answer('return', { error: error.message });
          }
        });
        window.dispatchEvent(new CustomEvent('standin:expose', { detail: { name, functions: Object.keys(api) } }));
      },
    },
  };
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error('module not found: ' + name);
  };
  const module = { exports: {} };
  ((require, module, exports) => {
${preload}
  })(require, module, module.exports);
})()`;
}
