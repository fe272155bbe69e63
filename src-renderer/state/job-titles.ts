import type { JobProcedure } from '../../src-shared/contract/job-contract.ts';
import type { MessageKey } from '../ui/i18n/messages.ts';

/** What the queue's jobs are called. */
export const jobTitles = {
  track: 'queue.track',
  render: 'queue.render',
  exportDataset: 'queue.export',
} as const satisfies Record<JobProcedure, MessageKey>;
