import { createRoot } from 'react-dom/client';
import './style/fonts.css';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/studio.css';
import './style/home.css';
import './style/review.css';
import './style/dialogs.css';
import { App } from '../features/app/app.tsx';
import { browserHost } from '../host/browser-host.ts';
import { createStudio } from '../state/studio.ts';

/** Picks the host and mounts the page. */
const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rpc`;
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App studio={createStudio(browserHost, socketUrl)} />);
