import type { SrtpMode } from '../../media/edge/remote-voice.ts'
import type { VoiceCodec } from '../../media/edge/voice-codec.ts'
import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

/** How voice is spoken with the phone network. */
export type VoiceChoice = {
  /** Best first. Between the two laws of G.711 the peer's order decides. */
  readonly codecs: readonly VoiceCodec[]
  readonly srtp: SrtpMode
  /** A sound file for callers on hold; without it a soft tone. */
  readonly holdMusicFile: string | undefined
}

/**
 * G.711 first also where more is offered: every browser and recorder has it, and it survives a transfer to any trunk. G.722
 * and Opus are for peers that speak nothing else, unless the operator puts them first.
 */
const DEFAULT: readonly VoiceCodec[] = ['PCMA', 'PCMU', 'G722', 'opus']
const BY_NAME: ReadonlyMap<string, VoiceCodec> = new Map(DEFAULT.map(codec => [codec.toLowerCase(), codec]))

/** @throws ConfigError for an unknown codec or an empty list */
export function decideVoice(env: Env, path: PathOf): VoiceChoice {
  const codecs = (env.TONGPING_VOICE_CODECS ?? DEFAULT).map(name => {
    const codec = BY_NAME.get(name.toLowerCase())
    if (codec === undefined) throw new ConfigError(`TONGPING_VOICE_CODECS knows ${DEFAULT.join(', ')}`)
    return codec
  })
  if (codecs.length === 0) throw new ConfigError('TONGPING_VOICE_CODECS names no codec')
  return {
    codecs: [...new Set(codecs)],
    srtp: env.TONGPING_SRTP ?? 'optional',
    holdMusicFile: env.TONGPING_HOLD_MUSIC === undefined ? undefined : path(env.TONGPING_HOLD_MUSIC),
  }
}
