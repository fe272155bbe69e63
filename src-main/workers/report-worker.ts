import type { Handlers } from '../../src-shared/rpc/contract-types.ts';
import { serveThread } from '../core/base/thread.ts';
import { reportThreadHandlers } from '../core/studio/reports/index.ts';
import { type ReportThreadContract, reportThreadContract } from '../core/studio/threads/index.ts';

/** Measurements read, compute and write on their own, so that nothing else waits for them. */
const handlers: Handlers<ReportThreadContract> = reportThreadHandlers();

serveThread(reportThreadContract, handlers, () => {});
