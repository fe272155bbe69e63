import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  BRIDGE_NAME,
  type DesktopBridge,
  ENGINE_LINE,
  type HostEvent,
} from '../../../src-shared/contract/desktop-bridge.ts';

/** Runs sandboxed, before the page: it sees one frozen object with these functions, and nothing else of Electron or Node. */
declare const window: { postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void };

const bridge: DesktopBridge = Object.freeze({
  about: () => ipcRenderer.invoke('masklet:about'),
  requestLine: () => ipcRenderer.invoke('masklet:request-line'),
  choosePath: (wish) => ipcRenderer.invoke('masklet:choose-path', wish),
  listFolder: (path) => ipcRenderer.invoke('masklet:list-folder', path),
  pathOfFile: (file) => webUtils.getPathForFile(file),
  report: (report) => ipcRenderer.send('masklet:report', report),
  onEvent: (listener) => {
    ipcRenderer.on('masklet:event', (_event, said: HostEvent) => listener(said));
  },
} satisfies DesktopBridge);

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
// A port cannot pass the bridge; it travels as a message of the window to itself.
ipcRenderer.on(ENGINE_LINE, (event) => window.postMessage(ENGINE_LINE, '*', event.ports));
