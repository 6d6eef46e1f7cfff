import type { ConsumerParams, RtpCapabilities, TransportParams } from '../../../signaling/protocol/media.ts'

/** SIMULATED media parameters: a browser accepts them and builds its half, but no packet ever comes. */
const FEEDBACK = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }]
const VP8 = { mimeType: 'video/VP8', clockRate: 90_000 }

export const SIMULATED_CAPABILITIES: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, preferredPayloadType: 0, rtcpFeedback: [] },
    { kind: 'audio', mimeType: 'audio/PCMA', clockRate: 8000, channels: 1, preferredPayloadType: 8, rtcpFeedback: [] },
    { kind: 'video', ...VP8, preferredPayloadType: 101, parameters: {}, rtcpFeedback: FEEDBACK },
  ],
  headerExtensions: [],
}

export function simulatedTransport(id: string): TransportParams {
  const sha256 = Array.from({ length: 32 }, () => 'AB').join(':')
  return {
    id,
    iceParameters: { usernameFragment: `u${id}`.slice(0, 16), password: 'p'.repeat(24), iceLite: true },
    iceCandidates: [
      // Port 9 discards: nothing answers there.
      {
        foundation: 'udpcandidate',
        priority: 1_076_302_079,
        ip: '127.0.0.1',
        address: '127.0.0.1',
        port: 9,
        protocol: 'udp',
        type: 'host',
      },
    ],
    dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: sha256 }] },
  }
}

export function simulatedConsumer(id: string, kind: 'audio' | 'video'): ConsumerParams {
  const codec =
    kind === 'audio'
      ? { mimeType: 'audio/PCMA', clockRate: 8000, channels: 1, payloadType: 8, parameters: {}, rtcpFeedback: [] }
      : { ...VP8, payloadType: 101, parameters: {}, rtcpFeedback: FEEDBACK }
  return {
    id,
    producerId: `producer-of-${id}`,
    kind,
    rtpParameters: {
      codecs: [codec],
      headerExtensions: [],
      encodings: [{ ssrc: kind === 'audio' ? 1111 : 2222 }],
      rtcp: { cname: 'simulated', reducedSize: true },
      mid: kind === 'audio' ? '0' : '1',
    },
  }
}
