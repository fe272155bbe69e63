import { createRoot } from 'react-dom/client';
import './style/fonts.css';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/studio.css';
import './style/home.css';
import './style/review.css';
import './style/dialogs.css';
import './style/export.css';
import './style/compact.css';
import { BRIDGE_NAME, type DesktopBridge } from '../../src-shared/contract/desktop-bridge.ts';
import { App } from '../features/app/app.tsx';
import { browserHost } from '../host/browser-host.ts';
import { createDesktopHost } from '../host/desktop-host.ts';
import { createStudio } from '../state/studio.ts';
import { followDesktop } from './follow-desktop.ts';

/** Picks the host and mounts the page. */
const bridge = (window as { [BRIDGE_NAME]?: DesktopBridge })[BRIDGE_NAME];
const studio = createStudio(bridge === undefined ? browserHost : createDesktopHost(bridge));
if (studio.host.desktop !== null) followDesktop(studio, studio.host.desktop);
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App studio={studio} />);
