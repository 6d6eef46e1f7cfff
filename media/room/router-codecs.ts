import type { types } from 'mediasoup'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'

export type VoiceCodec = 'PCMU' | 'PCMA'

/**
 * The same in every router, so that pages may load them before there is a call.
 * VP8 comes first because its key frames are pictures as they are; H.264 constrained baseline is for phones without it.
 * No Opus: voice is G.711 from the trunk to the agent's browser.
 */
export const ROUTER_CODECS: readonly types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000 },
  { kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8000 },
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

/** RTP parameters of a G.711 stream that the media edge made: payload type 0 or 8, one known SSRC. */
export function voiceParameters(codec: VoiceCodec, ssrc: number): types.RtpParameters {
  return {
    codecs: [{ mimeType: `audio/${codec}`, payloadType: codec === 'PCMU' ? 0 : 8, clockRate: 8000, channels: 1 }],
    // mediasoup finds the producer of a packet by SSRC; telephones send no MID.
    encodings: [{ ssrc }],
    rtcp: { cname: 'caller' },
  }
}
