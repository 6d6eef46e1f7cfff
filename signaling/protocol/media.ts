import * as z from 'zod'

/**
 * Shapes that mediasoup and mediasoup-client exchange. Only the outline is checked here, with bounds;
 * mediasoup validates the inside itself and refuses what it does not like.
 */
const text = z.string().max(400)
export const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(z.object({ algorithm: text, value: text }))
    .min(1)
    .max(8),
})
export type DtlsParameters = z.infer<typeof DtlsParameters>
const codec = z.looseObject({ mimeType: text, clockRate: z.number().int() })
const headerExtensions = z
  .array(z.looseObject({ uri: text }))
  .max(32)
  .optional()
export const RtpCapabilities = z.looseObject({ codecs: z.array(codec).max(60), headerExtensions })
export type RtpCapabilities = z.infer<typeof RtpCapabilities>
export const RtpParameters = z.looseObject({
  codecs: z.array(codec).min(1).max(10),
  headerExtensions,
  encodings: z.array(z.looseObject({})).max(1).optional(),
  rtcp: z.looseObject({}).optional(),
  mid: text.optional(),
})
export type RtpParameters = z.infer<typeof RtpParameters>

/** What `device.createSendTransport` / `createRecvTransport` take. */
export const TransportParams = z.object({
  id: text,
  iceParameters: z.looseObject({}),
  iceCandidates: z.array(z.looseObject({})),
  dtlsParameters: z.looseObject({}),
  iceServers: z.array(z.looseObject({})).optional(),
})
export type TransportParams = z.infer<typeof TransportParams>
/** What `transport.consume` takes. */
export const ConsumerParams = z.object({
  id: text,
  producerId: text,
  kind: z.enum(['audio', 'video']),
  /** The agent's shared screen, not the camera. */
  screen: z.boolean().optional(),
  rtpParameters: RtpParameters,
})
export type ConsumerParams = z.infer<typeof ConsumerParams>
