import axe from 'axe-core';
import type { StudioPage } from './studio-page.ts';

/** Serious findings of axe on the page as it is, in one line each. */
export async function axeFindings(studio: StudioPage): Promise<string[]> {
  await studio.page.evaluate(axe.source);
  return studio.page.evaluate(async () => {
    const { violations, passes } = await (
      window as unknown as { axe: { run(): Promise<{ violations: Violation[]; passes: object[] }> } }
    ).axe.run();
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    if (passes.length < 10) throw new Error('axe looked at almost nothing');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  });
}
