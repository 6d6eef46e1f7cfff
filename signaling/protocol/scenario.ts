import * as z from 'zod'

export const ConsentKind = z.enum(['camera', 'recording', 'control', 'document', 'face'])
export type ConsentKind = z.infer<typeof ConsentKind>

export const TOOLS = [
  'draw',
  'caller-draw',
  'live-marks',
  'camera-control',
  'text',
  'codes',
  'document',
  'face',
  'upload',
  'push',
  'share',
  'guest',
] as const
export const Tool = z.enum(TOOLS)
export type Tool = z.infer<typeof Tool>

/** What kind of call this is: which tools, which consents, what is recorded. Data, the operator's own (docs/scenarios.md). */
export const Scenario = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.object({ 'zh-CN': z.string().max(40), en: z.string().max(40) }),
  tools: z.array(Tool),
  consents: z.object({
    /** Refusing it still shows the picture, but nothing of the picture is kept. */
    recording: z.enum(['required', 'optional']),
  }),
  /** What is kept of read documents. Card numbers are always shortened. */
  documentFields: z.enum(['full', 'masked', 'none']),
  retentionClass: z.string().max(40),
  /** SIP numbers called (user part of To) that choose this scenario by themselves. */
  calledNumbers: z.array(z.string().max(40)).default([]),
})
export type Scenario = z.infer<typeof Scenario>
