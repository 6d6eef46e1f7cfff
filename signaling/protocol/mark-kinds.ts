/** What a mark can look like. Free of zod, so that the pages take the values from here. */
export const MARK_COLOURS = ['red', 'yellow', 'green', 'blue', 'white', 'violet'] as const
export type MarkColour = (typeof MARK_COLOURS)[number]

export const STAMPS = ['warning', 'tick', 'cross', 'turn-left', 'turn-right', 'press'] as const
export type StampKind = (typeof STAMPS)[number]

/** Each party has a colour, so that nobody asks who drew it; the agent picks among the others. */
export const CALLER_COLOUR = 'green' satisfies MarkColour
export const GUEST_COLOUR = 'violet' satisfies MarkColour
export const AGENT_COLOURS = ['red', 'yellow', 'blue', 'white'] as const satisfies readonly MarkColour[]
