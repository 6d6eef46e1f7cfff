import * as z from 'zod'
import { CardShutterPolicy, RecordingTrigger } from './capture.ts'

/**
 * `sms`: the invitation as a text message, asked for by voice and noted by the agent. `analysis`: machines read text, codes and
 * documents off the pictures, and compare faces.
 */
export const ConsentKind = z.enum(['sms', 'camera', 'recording', 'analysis', 'control', 'document', 'face'])
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
    /** `required`: no text message is sent before the agent has noted that the caller agreed to it. Missing: not asked. */
    sms: z.enum(['required', 'optional']).optional(),
    /** `required`: nothing is read off a picture before the caller has agreed. Missing: it is read until the caller objects. */
    analysis: z.enum(['required', 'optional']).optional(),
  }),
  /** What is kept of read documents. Card numbers are always shortened. */
  documentFields: z.enum(['full', 'masked', 'none']),
  retentionClass: z.string().max(40),
  /** When what is recorded. Missing: always, the picture as far as the caller agrees. */
  recording: z.strictObject({ voice: RecordingTrigger, picture: RecordingTrigger }).optional(),
  cardShutter: CardShutterPolicy.optional(),
  /** Flags an agent may set on a call; rules ask for them. */
  flags: z
    .array(
      z.object({
        id: z.string().regex(/^[a-z0-9-]{1,40}$/),
        title: z.object({ 'zh-CN': z.string().max(40), en: z.string().max(40) }),
      }),
    )
    .max(20)
    .optional(),
  /** SIP numbers called (user part of To) that choose this scenario by themselves. */
  calledNumbers: z.array(z.string().max(40)).default([]),
})
export type Scenario = z.infer<typeof Scenario>
