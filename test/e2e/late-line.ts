import type { BrowserContext } from 'playwright-core';

/**
 * Everything that the engine says reaches the page later, in order: what a person can do between two messages comes to light. For hunting,
 * not for CI: `MASKLET_LATE=400 npx vitest run --project e2e`.
 */
export async function makeLate(context: BrowserContext, millis: number): Promise<void> {
  await context.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => void setTimeout(() => socket.send(message), millis));
  });
  await context.route(/\/(frame|host|media)\b/, async (route) => {
    await new Promise((done) => setTimeout(done, millis));
    // The page may have given it up meanwhile.
    await route.fallback().catch(() => {});
  });
}
