import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'

export type VoiceCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus'

/**
 * The same in every router, so that pages may load them before there is a call.
 * VP8 comes first because its key frames are pictures as they are; H.264 constrained baseline is for phones without it.
 * Voice is never transcoded: the agent's browser speaks what the trunk speaks, G.711 nearly always.
 */
export const ROUTER_CODECS: readonly types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000 },
  { kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8000 },
  { kind: 'audio', mimeType: 'audio/G722', preferredPayloadType: 9, clockRate: 8000 },
  { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
]

/**
 * Not offered to browsers. Without coordination of video orientation (CVO) the phone turns its picture before encoding,
 * so that tap, snapshot and replay see it upright; the other two only matter to simulcast.
 */
const WITHHELD = new Set([
  'urn:3gpp:video-orientation',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
])

/** What browsers are told a router can do. */
export function offeredCapabilities(router: types.RtpCapabilities): RtpCapabilities {
  return {
    codecs: (router.codecs ?? []).map(codec => ({ ...codec })),
    headerExtensions: (router.headerExtensions ?? [])
      .filter(extension => !WITHHELD.has(extension.uri))
      .map(extension => ({ ...extension })),
  }
}

const VOICE: Readonly<Record<VoiceCodec, types.RtpCodecParameters>> = {
  PCMU: { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8000, channels: 1 },
  PCMA: { mimeType: 'audio/PCMA', payloadType: 8, clockRate: 8000, channels: 1 },
  G722: { mimeType: 'audio/G722', payloadType: 9, clockRate: 8000, channels: 1 },
  opus: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 },
}

/** RTP parameters of a voice stream that the media edge made: the payload type of the table, one known SSRC. */
export function voiceParameters(codec: VoiceCodec, ssrc: number): types.RtpParameters {
  return {
    codecs: [VOICE[codec]],
    // mediasoup finds the producer of a packet by SSRC; telephones send no MID.
    encodings: [{ ssrc }],
    rtcp: { cname: 'caller' },
  }
}
