import { isAbsolute, join, resolve } from 'node:path'
import type { TransferMode } from './calls/call-transfer.ts'
import { type AnchorsChoice, decideAnchors } from './config/anchors-choice.ts'
import { decideExternal, type ExternalChoice } from './config/external-choice.ts'
import { decideLinkDomain } from './config/link-domain.ts'
import { decideS3, type S3Choice } from './config/s3-choice.ts'
import { decideService, type ServiceChoice } from './config/service-choice.ts'
import { decideSip, type SipChoice } from './config/sip-choice.ts'
import { decideTls, type TlsChoice } from './config/tls-choice.ts'
import { decideTrunk, type TrunkChoice } from './config/trunk-choice.ts'
import { decideVaultKey, type VaultKeyChoice } from './config/vault-choice.ts'
import { decideVoice, type VoiceChoice } from './config/voice-choice.ts'
import { ConfigError, type Env } from './env.ts'
import { lanAddress } from './lan-address.ts'

export type Config = {
  readonly dataDir: string
  /** Plain bytes of records lie here while they are worked on; private, emptied at the start. */
  readonly workDir: string
  readonly logLevel: string
  readonly http: {
    readonly host: string
    readonly httpsPort: number
    /** 0 picks a free port; plain HTTP only redirects and answers /healthz. */
    readonly httpPort: number
    /** Without a trailing slash; empty until the ports are known. */
    readonly publicUrl: string | undefined
    readonly allowedOrigins: readonly string[]
    readonly tls: TlsChoice
    readonly metricsToken: string | undefined
    /** Bearer token of the operator's own machines (IVR, CRM); without it their routes are closed. */
    readonly apiToken: string | undefined
    readonly trustProxy: boolean
    /** The address put into links and the certificate when no public URL is set. */
    readonly lanAddress: string
  }
  readonly sip: SipChoice
  readonly external: ExternalChoice
  readonly trunks: readonly string[]
  /** Undefined: nobody calls out. */
  readonly trunk: TrunkChoice | undefined
  readonly rtp: {
    readonly host: string
    readonly announcedAddress: string
    readonly minPort: number
    readonly maxPort: number
  }
  readonly voice: VoiceChoice
  readonly webrtc: {
    readonly host: string
    readonly announcedAddress: string | undefined
    readonly port: number
    readonly workers: number
    readonly workerBin: string | undefined
    readonly turn: { readonly urls: readonly string[]; readonly secret: string } | undefined
  }
  readonly ffmpegBin: string
  /** How many pictures may be read for text at once; each takes a core while it reads, and about 250 MB. */
  readonly textProcesses: number
  readonly calls: {
    readonly maxCalls: number
    readonly ringTimeoutMs: number
    readonly voiceLostMs: number
    readonly voiceLostEndMs: number
    readonly inviteTtlMs: number
    /** Patterns of numbers a call may be transferred to. */
    readonly transferTo: readonly string[]
    /** Who carries transfers out: the far end, and where it cannot, we; the far end or nobody; always we. */
    readonly transfer: TransferMode
    /** How long a caller may speak through us with whom the call was handed over to. */
    readonly bridgeLimitMs: number
    /** Patterns of telephones that agents may take calls on; none: only in the browser. */
    readonly deskPhones: readonly string[]
    readonly drainMs: number
    readonly supervisorsVisible: boolean
  }
  /** Undefined: the scenarios that come with the house. */
  readonly scenariosFile: string | undefined
  /** What may be destroyed when (JSON). Undefined: everything is kept. */
  readonly retentionFile: string | undefined
  readonly tiers: {
    /** Undefined: nothing moves by age. */
    readonly policyFile: string | undefined
    /** Undefined: there is no cold store. */
    readonly s3: S3Choice | undefined
  }
  /** Undefined: the patterns that come with the house. */
  readonly recognisersFile: string | undefined
  readonly quality: {
    /** Undefined: the rules that come with the house. */
    readonly file: string | undefined
    /** OpenAI-compatible services; undefined: nothing is sent anywhere. */
    readonly speechToText: ServiceChoice | undefined
    readonly languageModel: ServiceChoice | undefined
  }
  readonly sms:
    | { readonly kind: 'outbox' }
    | { readonly kind: 'webhook'; readonly url: string; readonly secret: string | undefined }
  readonly vault: {
    /** False: sealed calls stay plain; those encrypted before can still be read. */
    readonly encrypting: boolean
    readonly key: VaultKeyChoice
    /** Master keys of before, base64 and files: they only open. */
    readonly oldKeys: readonly string[]
    readonly oldKeyFiles: readonly string[]
  }
  readonly anchors: AnchorsChoice
  readonly push: {
    /** Lower case, punycode. */
    readonly linkDomains: readonly string[]
  }
}

/**
 * Turns what was read into decisions, choosing each default once.
 * @throws ConfigError when settings contradict each other.
 */
export function decideConfig(env: Env, cwd: string): Config {
  const path = (value: string) => (isAbsolute(value) ? value : resolve(cwd, value))
  const optional = (value: string | undefined) => (value === undefined ? undefined : path(value))
  const lan = lanAddress()
  const minPort = env.TONGPING_RTP_PORT_MIN ?? 20_000
  const maxPort = env.TONGPING_RTP_PORT_MAX ?? 20_999
  if (maxPort - minPort < 3) throw new ConfigError('TONGPING_RTP_PORT_MIN..MAX must span at least four ports')
  const webrtcPort = env.TONGPING_WEBRTC_PORT ?? 44_300
  const workers = env.TONGPING_MEDIA_WORKERS ?? 1
  if (webrtcPort + workers > minPort && webrtcPort <= maxPort) {
    throw new ConfigError('TONGPING_WEBRTC_PORT lies inside TONGPING_RTP_PORT_MIN..MAX')
  }
  if (env.TONGPING_SMS_WEBHOOK_SECRET !== undefined && env.TONGPING_SMS_WEBHOOK_URL === undefined) {
    throw new ConfigError('TONGPING_SMS_WEBHOOK_SECRET needs TONGPING_SMS_WEBHOOK_URL')
  }
  if ((env.TONGPING_TURN_URLS === undefined) !== (env.TONGPING_TURN_SECRET === undefined)) {
    throw new ConfigError('TONGPING_TURN_URLS and TONGPING_TURN_SECRET go together')
  }
  if (env.TONGPING_TRANSFER === 'bridge' && (env.TONGPING_DIAL_ALLOW ?? []).length === 0)
    throw new ConfigError('TONGPING_TRANSFER=bridge needs TONGPING_TRUNK_URI and TONGPING_DIAL_ALLOW to call by')
  const httpsPort = env.TONGPING_HTTPS_PORT ?? 8443
  const httpPort = env.TONGPING_HTTP_PORT ?? 8080
  if (httpsPort === httpPort && httpsPort !== 0) {
    throw new ConfigError('TONGPING_HTTPS_PORT and TONGPING_HTTP_PORT must differ')
  }
  return {
    dataDir: path(env.TONGPING_DATA_DIR ?? 'data'),
    workDir: path(env.TONGPING_WORK_DIR ?? join(env.TONGPING_DATA_DIR ?? 'data', 'work')),
    logLevel: env.TONGPING_LOG_LEVEL ?? 'info',
    http: {
      host: env.TONGPING_HTTP_HOST ?? '0.0.0.0',
      httpsPort,
      httpPort,
      publicUrl: env.TONGPING_PUBLIC_URL?.replace(/\/+$/, ''),
      allowedOrigins: env.TONGPING_ALLOWED_ORIGINS ?? [],
      tls: decideTls(env, path),
      metricsToken: env.TONGPING_METRICS_TOKEN,
      apiToken: env.TONGPING_API_TOKEN,
      trustProxy: env.TONGPING_TRUST_PROXY ?? false,
      lanAddress: lan,
    },
    sip: decideSip(env, path),
    external: decideExternal(env),
    trunks: env.TONGPING_SIP_TRUNKS ?? [],
    trunk: decideTrunk(env),
    rtp: {
      host: env.TONGPING_RTP_HOST ?? '0.0.0.0',
      announcedAddress: env.TONGPING_RTP_ANNOUNCED_ADDRESS ?? env.TONGPING_SIP_EXTERNAL_ADDRESS ?? lan,
      minPort,
      maxPort,
    },
    voice: decideVoice(env, path),
    webrtc: {
      host: env.TONGPING_WEBRTC_HOST ?? '0.0.0.0',
      announcedAddress: env.TONGPING_WEBRTC_ANNOUNCED_ADDRESS ?? lan,
      port: webrtcPort,
      workers,
      workerBin: env.MEDIASOUP_WORKER_BIN,
      turn:
        env.TONGPING_TURN_URLS !== undefined && env.TONGPING_TURN_SECRET !== undefined
          ? { urls: env.TONGPING_TURN_URLS, secret: env.TONGPING_TURN_SECRET }
          : undefined,
    },
    ffmpegBin: env.FFMPEG_BIN ?? 'ffmpeg',
    textProcesses: env.TONGPING_TEXT_PROCESSES ?? 1,
    calls: {
      maxCalls: env.TONGPING_MAX_CALLS ?? 100,
      ringTimeoutMs: env.TONGPING_RING_TIMEOUT_MS ?? 120_000,
      voiceLostMs: env.TONGPING_VOICE_LOST_MS ?? 5_000,
      voiceLostEndMs: env.TONGPING_VOICE_LOST_END_MS ?? 60_000,
      inviteTtlMs: env.TONGPING_INVITE_TTL_MS ?? 600_000,
      transferTo: env.TONGPING_TRANSFER_TO ?? ['*'],
      transfer: env.TONGPING_TRANSFER ?? 'auto',
      bridgeLimitMs: env.TONGPING_BRIDGE_LIMIT_MS ?? 14_400_000,
      deskPhones: env.TONGPING_DESK_PHONES ?? [],
      drainMs: env.TONGPING_DRAIN_MS ?? 1_800_000,
      supervisorsVisible: env.TONGPING_SUPERVISORS_VISIBLE ?? false,
    },
    tiers: {
      policyFile: optional(env.TONGPING_TIERS_FILE),
      s3: decideS3(env, path),
    },
    retentionFile: optional(env.TONGPING_RETENTION_FILE),
    scenariosFile: optional(env.TONGPING_SCENARIOS_FILE),
    recognisersFile: optional(env.TONGPING_RECOGNISERS_FILE),
    quality: {
      file: optional(env.TONGPING_QUALITY_FILE),
      speechToText: decideService('STT', env.TONGPING_STT_URL, env.TONGPING_STT_TOKEN, env.TONGPING_STT_MODEL),
      languageModel: decideService('LLM', env.TONGPING_LLM_URL, env.TONGPING_LLM_TOKEN, env.TONGPING_LLM_MODEL),
    },
    sms:
      env.TONGPING_SMS_WEBHOOK_URL !== undefined
        ? { kind: 'webhook', url: env.TONGPING_SMS_WEBHOOK_URL, secret: env.TONGPING_SMS_WEBHOOK_SECRET }
        : { kind: 'outbox' },
    vault: {
      encrypting: env.TONGPING_VAULT !== 'off',
      key: decideVaultKey(env, path),
      oldKeys: env.TONGPING_VAULT_OLD_KEYS ?? [],
      oldKeyFiles: (env.TONGPING_VAULT_OLD_KEY_FILES ?? []).map(path),
    },
    anchors: decideAnchors(env, path),
    push: { linkDomains: (env.TONGPING_PUSH_LINK_DOMAINS ?? []).map(decideLinkDomain) },
  }
}
