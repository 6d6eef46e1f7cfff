import { isAbsolute, join, resolve } from 'node:path'
import { ConfigError, type Env } from './env.ts'
import { lanAddress } from './lan-address.ts'

export type TlsChoice =
  | { readonly kind: 'self-made' }
  | { readonly kind: 'files'; readonly certFile: string; readonly keyFile: string }

/** Who speaks SIP for us. */
export type SipChoice =
  | {
      readonly kind: 'embedded'
      readonly host: string
      readonly port: number
      readonly externalAddress: string | undefined
      readonly auth: { readonly realm: string; readonly users: ReadonlyMap<string, string> } | undefined
    }
  | { readonly kind: 'drachtio'; readonly host: string; readonly port: number; readonly secret: string }

/** Who holds the master key of the vault. */
export type VaultKeyChoice =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'given'; readonly text: string }
  | { readonly kind: 'kms'; readonly url: string; readonly token: string }

export type S3Choice = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly prefix: string
  readonly caFile: string | undefined
}

/** `url` ends before `/audio/transcriptions` or `/chat/completions`, without a slash. */
export type ServiceChoice = { readonly url: string; readonly token: string | undefined; readonly model: string }

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
  readonly trunks: readonly string[]
  readonly rtp: {
    readonly host: string
    readonly announcedAddress: string
    readonly minPort: number
    readonly maxPort: number
  }
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
  /** What holds the archive from outside: time stamping authorities, copies of the daily digests. */
  readonly anchors: {
    readonly tsaUrls: readonly string[]
    readonly tsaCaFile: string | undefined
    readonly folder: string | undefined
    readonly webhook: { readonly url: string; readonly secret: string | undefined } | undefined
  }
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
  const lan = lanAddress()
  const minPort = env.TONGPING_RTP_PORT_MIN ?? 20_000
  const maxPort = env.TONGPING_RTP_PORT_MAX ?? 20_999
  if (maxPort - minPort < 3) throw new ConfigError('TONGPING_RTP_PORT_MIN..MAX must span at least four ports')
  const webrtcPort = env.TONGPING_WEBRTC_PORT ?? 44_300
  const workers = env.TONGPING_MEDIA_WORKERS ?? 1
  if (webrtcPort + workers > minPort && webrtcPort <= maxPort) {
    throw new ConfigError('TONGPING_WEBRTC_PORT lies inside TONGPING_RTP_PORT_MIN..MAX')
  }
  if ((env.TONGPING_TLS_CERT_FILE === undefined) !== (env.TONGPING_TLS_KEY_FILE === undefined)) {
    throw new ConfigError('TONGPING_TLS_CERT_FILE and TONGPING_TLS_KEY_FILE go together')
  }
  if (env.TONGPING_SMS_WEBHOOK_SECRET !== undefined && env.TONGPING_SMS_WEBHOOK_URL === undefined) {
    throw new ConfigError('TONGPING_SMS_WEBHOOK_SECRET needs TONGPING_SMS_WEBHOOK_URL')
  }
  if ((env.TONGPING_TURN_URLS === undefined) !== (env.TONGPING_TURN_SECRET === undefined)) {
    throw new ConfigError('TONGPING_TURN_URLS and TONGPING_TURN_SECRET go together')
  }
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
      tls:
        env.TONGPING_TLS_CERT_FILE !== undefined && env.TONGPING_TLS_KEY_FILE !== undefined
          ? { kind: 'files', certFile: path(env.TONGPING_TLS_CERT_FILE), keyFile: path(env.TONGPING_TLS_KEY_FILE) }
          : { kind: 'self-made' },
      metricsToken: env.TONGPING_METRICS_TOKEN,
      apiToken: env.TONGPING_API_TOKEN,
      trustProxy: env.TONGPING_TRUST_PROXY ?? false,
      lanAddress: lan,
    },
    sip: decideSip(env),
    trunks: env.TONGPING_SIP_TRUNKS ?? [],
    rtp: {
      host: env.TONGPING_RTP_HOST ?? '0.0.0.0',
      announcedAddress: env.TONGPING_RTP_ANNOUNCED_ADDRESS ?? env.TONGPING_SIP_EXTERNAL_ADDRESS ?? lan,
      minPort,
      maxPort,
    },
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
      drainMs: env.TONGPING_DRAIN_MS ?? 1_800_000,
      supervisorsVisible: env.TONGPING_SUPERVISORS_VISIBLE ?? false,
    },
    tiers: {
      policyFile: env.TONGPING_TIERS_FILE === undefined ? undefined : path(env.TONGPING_TIERS_FILE),
      s3: decideS3(env, path),
    },
    retentionFile: env.TONGPING_RETENTION_FILE === undefined ? undefined : path(env.TONGPING_RETENTION_FILE),
    scenariosFile: env.TONGPING_SCENARIOS_FILE === undefined ? undefined : path(env.TONGPING_SCENARIOS_FILE),
    recognisersFile: env.TONGPING_RECOGNISERS_FILE === undefined ? undefined : path(env.TONGPING_RECOGNISERS_FILE),
    quality: {
      file: env.TONGPING_QUALITY_FILE === undefined ? undefined : path(env.TONGPING_QUALITY_FILE),
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

function decideService(
  name: 'STT' | 'LLM',
  url: string | undefined,
  token: string | undefined,
  model: string | undefined,
): ServiceChoice | undefined {
  if ((url === undefined) !== (model === undefined) || (token !== undefined && url === undefined))
    throw new ConfigError(
      `TONGPING_${name}_URL and TONGPING_${name}_MODEL go together (TONGPING_${name}_TOKEN is optional)`,
    )
  return url === undefined || model === undefined ? undefined : { url: url.replace(/\/+$/, ''), token, model }
}

function decideVaultKey(env: Env, path: (value: string) => string): VaultKeyChoice {
  const given = [env.TONGPING_VAULT_KEY_FILE, env.TONGPING_VAULT_KEY, env.TONGPING_KMS_URL]
  if (given.filter(value => value !== undefined).length > 1)
    throw new ConfigError('only one of TONGPING_VAULT_KEY_FILE, TONGPING_VAULT_KEY and TONGPING_KMS_URL may be set')
  if ((env.TONGPING_KMS_URL === undefined) !== (env.TONGPING_KMS_TOKEN === undefined))
    throw new ConfigError('TONGPING_KMS_URL and TONGPING_KMS_TOKEN go together')
  if (env.TONGPING_KMS_URL !== undefined && env.TONGPING_KMS_TOKEN !== undefined)
    return { kind: 'kms', url: env.TONGPING_KMS_URL, token: env.TONGPING_KMS_TOKEN }
  if (env.TONGPING_VAULT_KEY !== undefined) return { kind: 'given', text: env.TONGPING_VAULT_KEY }
  const dataDir = env.TONGPING_DATA_DIR ?? 'data'
  return { kind: 'file', path: path(env.TONGPING_VAULT_KEY_FILE ?? join(dataDir, 'secrets', 'vault-master.key')) }
}

function decideAnchors(env: Env, path: (value: string) => string): Config['anchors'] {
  const tsaUrls = env.TONGPING_TSA_URLS ?? []
  for (const url of tsaUrls)
    if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
      throw new ConfigError(`TONGPING_TSA_URLS: ${url} is no http or https URL`)
  if (env.TONGPING_TSA_CA_FILE !== undefined && tsaUrls.length === 0)
    throw new ConfigError('TONGPING_TSA_CA_FILE needs TONGPING_TSA_URLS')
  if (env.TONGPING_ANCHOR_WEBHOOK_SECRET !== undefined && env.TONGPING_ANCHOR_WEBHOOK_URL === undefined)
    throw new ConfigError('TONGPING_ANCHOR_WEBHOOK_SECRET needs TONGPING_ANCHOR_WEBHOOK_URL')
  return {
    tsaUrls,
    tsaCaFile: env.TONGPING_TSA_CA_FILE === undefined ? undefined : path(env.TONGPING_TSA_CA_FILE),
    folder: env.TONGPING_ANCHOR_DIR === undefined ? undefined : path(env.TONGPING_ANCHOR_DIR),
    webhook:
      env.TONGPING_ANCHOR_WEBHOOK_URL === undefined
        ? undefined
        : { url: env.TONGPING_ANCHOR_WEBHOOK_URL, secret: env.TONGPING_ANCHOR_WEBHOOK_SECRET },
  }
}

function decideS3(env: Env, path: (file: string) => string): S3Choice | undefined {
  const { TONGPING_S3_ENDPOINT: endpoint, TONGPING_S3_BUCKET: bucket } = env
  const { TONGPING_S3_ACCESS_KEY_ID: accessKeyId, TONGPING_S3_SECRET_ACCESS_KEY: secretAccessKey } = env
  const needed = [endpoint, bucket, accessKeyId, secretAccessKey]
  if (endpoint === undefined || bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    const others = [env.TONGPING_S3_REGION, env.TONGPING_S3_PREFIX, env.TONGPING_S3_CA_FILE]
    if ([...needed, ...others].every(value => value === undefined)) return undefined
    throw new ConfigError(
      'TONGPING_S3_ENDPOINT, TONGPING_S3_BUCKET, TONGPING_S3_ACCESS_KEY_ID and TONGPING_S3_SECRET_ACCESS_KEY go together',
    )
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    region: env.TONGPING_S3_REGION ?? 'us-east-1',
    bucket,
    accessKeyId,
    secretAccessKey,
    prefix: (env.TONGPING_S3_PREFIX ?? 'tongping').replace(/\/+$/, ''),
    caFile: env.TONGPING_S3_CA_FILE === undefined ? undefined : path(env.TONGPING_S3_CA_FILE),
  }
}

/** A name of at least two labels: allowing `com` would allow everything. */
function decideLinkDomain(given: string): string {
  const bad = () =>
    new ConfigError(`TONGPING_PUSH_LINK_DOMAINS: ${given} is no domain such as example.com, without https:// and path`)
  if (!/^[^/:@?#*\s]+$/.test(given)) throw bad()
  try {
    const name = new URL(`https://${given.replace(/^\./, '')}/`).hostname
    if (!/^([a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name)) throw bad()
    return name
  } catch (error) {
    throw error instanceof ConfigError ? error : bad()
  }
}

function decideSip(env: Env): SipChoice {
  const own = [
    env.TONGPING_SIP_HOST,
    env.TONGPING_SIP_PORT,
    env.TONGPING_SIP_EXTERNAL_ADDRESS,
    env.TONGPING_SIP_AUTH_USERS,
  ]
  if (env.TONGPING_DRACHTIO_HOST !== undefined) {
    if (env.TONGPING_DRACHTIO_SECRET === undefined) {
      throw new ConfigError('TONGPING_DRACHTIO_HOST needs TONGPING_DRACHTIO_SECRET')
    }
    if (own.some(value => value !== undefined)) {
      throw new ConfigError(
        'TONGPING_SIP_* belongs to the embedded SIP server; with TONGPING_DRACHTIO_HOST set, configure drachtio-server instead',
      )
    }
    return {
      kind: 'drachtio',
      host: env.TONGPING_DRACHTIO_HOST,
      port: env.TONGPING_DRACHTIO_PORT ?? 9022,
      secret: env.TONGPING_DRACHTIO_SECRET,
    }
  }
  if (env.TONGPING_DRACHTIO_SECRET !== undefined || env.TONGPING_DRACHTIO_PORT !== undefined) {
    throw new ConfigError('TONGPING_DRACHTIO_PORT and _SECRET need TONGPING_DRACHTIO_HOST')
  }
  return {
    kind: 'embedded',
    host: env.TONGPING_SIP_HOST ?? '0.0.0.0',
    port: env.TONGPING_SIP_PORT ?? 5060,
    externalAddress: env.TONGPING_SIP_EXTERNAL_ADDRESS,
    auth: decideSipAuth(env),
  }
}

function decideSipAuth(env: Env) {
  if (env.TONGPING_SIP_AUTH_USERS === undefined) {
    if (env.TONGPING_SIP_AUTH_REALM !== undefined)
      throw new ConfigError('TONGPING_SIP_AUTH_REALM needs TONGPING_SIP_AUTH_USERS')
    return undefined
  }
  const users = new Map<string, string>()
  for (const pair of env.TONGPING_SIP_AUTH_USERS) {
    const colon = pair.indexOf(':')
    if (colon < 1 || colon === pair.length - 1)
      throw new ConfigError('TONGPING_SIP_AUTH_USERS must read user:password,user:password')
    users.set(pair.slice(0, colon), pair.slice(colon + 1))
  }
  return { realm: env.TONGPING_SIP_AUTH_REALM ?? 'tongping', users }
}

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
