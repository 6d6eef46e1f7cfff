import * as z from 'zod'
import { Point } from './mark.ts'

/** How the picture travels. Switched by the phone itself by published thresholds (docs/SPEC.md, NET). */
export const Rung = z.enum(['live', 'slow-scan', 'photo'])
export type Rung = z.infer<typeof Rung>
export const NetworkMeasure = z.object({
  /** What the phone could send. */
  kbps: z.number().nonnegative().optional(),
  lossPercent: z.number().min(0).max(100).optional(),
  roundTripMs: z.number().nonnegative().optional(),
})
export type NetworkMeasure = z.infer<typeof NetworkMeasure>

/** What the camera on the phone can do; the workbench offers no more than this. */
export const CameraAbilities = z.object({
  torch: z.boolean(),
  zoom: z.object({ min: z.number(), max: z.number(), step: z.number() }).optional(),
  focusPoint: z.boolean(),
  /** How a full-resolution still can be had. */
  still: z.enum(['photo', 'frame', 'none']),
  maxWidthPx: z.number().int().nonnegative(),
  maxHeightPx: z.number().int().nonnegative(),
})
export type CameraAbilities = z.infer<typeof CameraAbilities>

/** What an agent may do with the phone's camera once the caller has agreed (consent `control`). */
export const CameraControl = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('torch'), on: z.boolean() }),
  z.object({ kind: z.literal('zoom'), ratio: z.number().positive() }),
  z.object({ kind: z.literal('focus'), at: Point }),
  /** More detail and fewer frames, for small print. Needs no consent: nothing is operated. */
  z.object({ kind: z.literal('hold-still'), on: z.boolean() }),
])
export type CameraControl = z.infer<typeof CameraControl>
export const ControlOutcome = z.enum(['done', 'no-consent', 'unsupported', 'failed'])
export type ControlOutcome = z.infer<typeof ControlOutcome>

/** What the watchdog on the phone noticed. The agent reads a sentence for each, and what to say. */
export const CameraNotice = z.enum([
  'page-hidden',
  'page-visible',
  'camera-muted',
  'camera-unmuted',
  'camera-ended',
  'camera-black',
  'camera-frozen',
  'nothing-sent',
  'network-changed',
  'reacquiring',
  'reacquired',
  'needs-tap',
])
export type CameraNotice = z.infer<typeof CameraNotice>
