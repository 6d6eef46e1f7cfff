/** Words of redaction as values; free of zod, so that pages may import them. */

export const REDACTION_STATES = ['draft', 'applying', 'applied', 'failed'] as const
export const REDACTION_RELEASE_STATES = ['none', 'asked', 'released', 'refused'] as const
/** Why something is suggested. */
export const SUGGESTION_KINDS = [
  'id-number',
  'bank-card',
  'phone-number',
  'e-mail',
  'finding',
  'document',
  'face',
] as const
export type SuggestionKind = (typeof SUGGESTION_KINDS)[number]
/** What stands where a text was. */
export const MASK = '▇'
