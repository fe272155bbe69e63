/**
 * Version 3: prompts given together share a round, and a later round corrects the answer to the earlier ones. Prompts of older
 * sessions have none: they count as one round before all others.
 */
export const promptRoundsSchema = 'ALTER TABLE prompts ADD COLUMN round INTEGER';
