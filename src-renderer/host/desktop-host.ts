import { type DesktopBridge, ENGINE_LINE } from '../../src-shared/contract/desktop-bridge.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { portTransport } from '../client/port-transport.ts';
import type { Host } from './host.ts';

/** The host when the page stands in a window of the desktop: everything else goes straight to the engine's process. */
export function createDesktopHost(bridge: DesktopBridge): Host {
  let dropLine = () => {};
  bridge.onEvent((event) => event.kind === 'engine-stopped' && dropLine());
  return {
    about: () => bridge.about(),
    openLine: (onOpen, onClose) => {
      const { transport, drop } = portTransport(nextLine(bridge), onOpen, onClose);
      dropLine = drop;
      return transport;
    },
    loadFrame: async (client, { sessionId, frameIndex, size }, signal) => {
      const frame = await client.frame({ sessionId, frameIndex, size }, { signal });
      return { frameIndex: frame.frameIndex, picture: new Blob([frame.bytes], { type: frame.mediaType }) };
    },
    listFolder: (path) => bridge.listFolder(path),
    pathOfFile: async (file) => {
      const path = bridge.pathOfFile(file);
      if (path !== '') return path;
      const message = `${file.name} lies nowhere on this machine yet; save it first, then drop it.`;
      throw new StudioError('file-missing', 'user', message);
    },
    desktop: {
      choosePath: (wish) => bridge.choosePath(wish),
      report: (report) => bridge.report(report),
      onEvent: (listener) => bridge.onEvent(listener),
    },
  };
}

/** The port to the engine that the preload hands over as a message of this very window. */
function nextLine(bridge: DesktopBridge): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const take = (event: MessageEvent) => {
      if (event.source !== window || event.data !== ENGINE_LINE || event.ports.length !== 1) return;
      window.removeEventListener('message', take);
      resolve(event.ports[0]);
    };
    window.addEventListener('message', take);
    bridge.requestLine().catch((error: unknown) => {
      window.removeEventListener('message', take);
      reject(error);
    });
  });
}
