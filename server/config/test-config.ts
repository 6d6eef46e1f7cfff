import { type Config, decideConfig } from '../config.ts'

/** A configuration for tests: loopback, free ports, a folder of its own; `overrides` are merged one level deep. */
export function testConfig(dataDir: string, overrides: { [K in keyof Config]?: Partial<Config[K]> } = {}): Config {
  const base = decideConfig(
    {
      TONGPING_DATA_DIR: dataDir,
      TONGPING_LOG_LEVEL: 'silent',
      TONGPING_HTTP_HOST: '127.0.0.1',
      TONGPING_HTTPS_PORT: 0,
      TONGPING_HTTP_PORT: 0,
      TONGPING_SIP_HOST: '127.0.0.1',
      TONGPING_SIP_PORT: 0,
      TONGPING_RTP_HOST: '127.0.0.1',
      TONGPING_RTP_ANNOUNCED_ADDRESS: '127.0.0.1',
      TONGPING_WEBRTC_HOST: '127.0.0.1',
      TONGPING_WEBRTC_PORT: 0,
      MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
      FFMPEG_BIN: process.env.FFMPEG_BIN,
    },
    dataDir,
  )
  const merged: Record<string, unknown> = {
    ...base,
    http: { ...base.http, lanAddress: '127.0.0.1' },
    webrtc: { ...base.webrtc, announcedAddress: undefined },
  }
  for (const [key, value] of Object.entries(overrides)) {
    const old = merged[key]
    merged[key] =
      typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, ...(value as object) } : value
  }
  return merged as Config
}
