import * as z from 'zod'
import { NumberPatterns } from './calls/number-patterns.ts'

const text = z.string().trim().min(1)
const port = z.coerce.number().int().min(0).max(65_535)
const ms = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const flag = z.enum(['true', 'false']).transform(value => value === 'true')
const list = text.transform(value =>
  value
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== ''),
)

/** Every variable the server reads: nothing is decided here. The list with units and defaults is `.env.example`. */
const Env = z.object({
  TONGPING_DATA_DIR: text.optional(),
  TONGPING_WORK_DIR: text.optional(),
  TONGPING_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),

  TONGPING_HTTP_HOST: text.optional(),
  TONGPING_HTTPS_PORT: port.optional(),
  TONGPING_HTTP_PORT: port.optional(),
  TONGPING_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_ALLOWED_ORIGINS: list.optional(),
  TONGPING_TLS_CERT_FILE: text.optional(),
  TONGPING_TLS_KEY_FILE: text.optional(),
  TONGPING_METRICS_TOKEN: z.string().min(16).optional(),
  TONGPING_TRUST_PROXY: flag.optional(),
  TONGPING_API_TOKEN: z.string().min(16).optional(),

  TONGPING_SIP_HOST: text.optional(),
  TONGPING_SIP_PORT: port.optional(),
  TONGPING_SIP_EXTERNAL_ADDRESS: text.optional(),
  TONGPING_SIP_RPORT: z.enum(['always', 'asked']).optional(),
  TONGPING_SIP_TRUNKS: list.optional(),
  TONGPING_SIP_TLS_PORT: port.optional(),
  TONGPING_SIP_TLS_CERT_FILE: text.optional(),
  TONGPING_SIP_TLS_KEY_FILE: text.optional(),
  TONGPING_SIP_TLS_CA_FILE: text.optional(),
  TONGPING_SIP_TLS_VERIFY: flag.optional(),
  TONGPING_SIP_CALLS_PER_SECOND: z.coerce.number().int().min(1).max(10_000).optional(),
  TONGPING_SIP_CONCURRENT_CALLS: z.coerce.number().int().min(1).max(100_000).optional(),
  TONGPING_SIP_MAX_LAG_MS: ms(20, 60_000).optional(),
  TONGPING_SIP_REQUESTS_PER_SOURCE: z.coerce.number().int().min(1).max(10_000).optional(),
  TONGPING_SIP_AUTH_REALM: text.optional(),
  TONGPING_SIP_AUTH_USERS: list.optional(),
  TONGPING_TRUNK_URI: text.optional(),
  TONGPING_TRUNK_DOMAIN: text.optional(),
  TONGPING_TRUNK_USER: text.optional(),
  TONGPING_TRUNK_PASSWORD: text.optional(),
  TONGPING_TRUNK_FROM_NUMBER: z
    .string()
    .trim()
    .regex(/^\+?[\w*#]{1,48}$/)
    .optional(),
  TONGPING_TRUNK_ASSERT_IDENTITY: flag.optional(),
  TONGPING_TRUNK_REGISTER_SECONDS: z.coerce.number().int().min(0).max(86_400).optional(),
  TONGPING_TRUNK_KEEPALIVE_SECONDS: z.coerce.number().int().min(0).max(3600).optional(),
  TONGPING_DIAL_ALLOW: list.optional(),
  TONGPING_DIAL_MAX_CALLS: z.coerce.number().int().min(1).max(1000).optional(),
  TONGPING_DIAL_MAX_CALLS_PER_AGENT: z.coerce.number().int().min(1).max(10).optional(),
  TONGPING_DIAL_CALLS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000).optional(),
  TONGPING_DIAL_CALLS_PER_MINUTE_PER_AGENT: z.coerce.number().int().min(1).max(1000).optional(),
  TONGPING_DRACHTIO_HOST: text.optional(),
  TONGPING_DRACHTIO_PORT: port.optional(),
  TONGPING_DRACHTIO_SECRET: text.optional(),

  TONGPING_RTP_HOST: text.optional(),
  TONGPING_RTP_ANNOUNCED_ADDRESS: text.optional(),
  TONGPING_RTP_PORT_MIN: port.optional(),
  TONGPING_RTP_PORT_MAX: port.optional(),
  TONGPING_VOICE_CODECS: list.optional(),
  TONGPING_SRTP: z.enum(['off', 'optional', 'required']).optional(),
  TONGPING_HOLD_MUSIC: text.optional(),
  TONGPING_WEBRTC_HOST: text.optional(),
  TONGPING_WEBRTC_ANNOUNCED_ADDRESS: text.optional(),
  TONGPING_WEBRTC_PORT: port.optional(),
  TONGPING_TEXT_PROCESSES: z.coerce.number().int().min(1).max(16).optional(),
  TONGPING_MEDIA_WORKERS: z.coerce.number().int().min(1).max(64).optional(),
  TONGPING_TURN_URLS: list.optional(),
  TONGPING_TURN_SECRET: text.optional(),
  MEDIASOUP_WORKER_BIN: text.optional(),
  FFMPEG_BIN: text.optional(),

  TONGPING_MAX_CALLS: z.coerce.number().int().min(1).max(10_000).optional(),
  TONGPING_RING_TIMEOUT_MS: ms(5_000, 600_000).optional(),
  TONGPING_VOICE_LOST_MS: ms(2_000, 120_000).optional(),
  TONGPING_TRANSFER_TO: list
    .refine(NumberPatterns.are, 'digits, ? for one digit, * at the end for the rest')
    .optional(),
  TONGPING_TRANSFER: z.enum(['auto', 'refer', 'bridge']).optional(),
  TONGPING_BRIDGE_LIMIT_MS: ms(60_000, 86_400_000).optional(),
  TONGPING_DESK_PHONES: list
    .refine(NumberPatterns.are, 'digits or SIP addresses, ? for one digit, * at the end for the rest')
    .optional(),
  TONGPING_VOICE_LOST_END_MS: ms(5_000, 3_600_000).optional(),
  TONGPING_INVITE_TTL_MS: ms(30_000, 86_400_000).optional(),
  TONGPING_SCENARIOS_FILE: text.optional(),
  TONGPING_RETENTION_FILE: text.optional(),
  TONGPING_TIERS_FILE: text.optional(),
  TONGPING_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_S3_REGION: text.optional(),
  TONGPING_S3_BUCKET: text.optional(),
  TONGPING_S3_ACCESS_KEY_ID: text.optional(),
  TONGPING_S3_SECRET_ACCESS_KEY: text.optional(),
  TONGPING_S3_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
    .optional(),
  TONGPING_S3_CA_FILE: text.optional(),
  TONGPING_RECOGNISERS_FILE: text.optional(),
  TONGPING_QUALITY_FILE: text.optional(),
  TONGPING_STT_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_STT_TOKEN: text.optional(),
  TONGPING_STT_MODEL: text.optional(),
  TONGPING_LLM_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_LLM_TOKEN: text.optional(),
  TONGPING_LLM_MODEL: text.optional(),
  TONGPING_SUPERVISORS_VISIBLE: flag.optional(),
  TONGPING_DRAIN_MS: ms(0, 86_400_000).optional(),
  TONGPING_SMS_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_SMS_WEBHOOK_SECRET: text.optional(),
  TONGPING_PUSH_LINK_DOMAINS: list.optional(),

  TONGPING_SIPREC_CLIENTS: list.optional(),
  TONGPING_SIPREC_AGENTS: list.optional(),
  TONGPING_INTEGRATIONS: list.optional(),
  TONGPING_EXTERNAL_LIMIT_MS: ms(60_000, 86_400_000).optional(),
  TONGPING_EXTERNAL_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_EXTERNAL_WEBHOOK_SECRET: z.string().min(16).optional(),

  TONGPING_VAULT: z.enum(['on', 'off']).optional(),
  TONGPING_VAULT_KEY_FILE: text.optional(),
  TONGPING_VAULT_KEY: text.optional(),
  TONGPING_VAULT_OLD_KEYS: list.optional(),
  TONGPING_VAULT_OLD_KEY_FILES: list.optional(),
  TONGPING_KMS_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_KMS_TOKEN: z.string().min(16).optional(),

  TONGPING_TSA_URLS: list.optional(),
  TONGPING_TSA_CA_FILE: text.optional(),
  TONGPING_ANCHOR_DIR: text.optional(),
  TONGPING_ANCHOR_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  TONGPING_ANCHOR_WEBHOOK_SECRET: text.optional(),
})
export type Env = z.infer<typeof Env>

export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the variables, refusing bad values and unknown `TONGPING_` names (a typing error must not be ignored).
 * An empty value counts as not set.
 * @throws ConfigError one line that names the variable.
 */
export function readEnv(variables: Record<string, string | undefined>): Env {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || value.trim() === '') continue
    if (Object.hasOwn(Env.shape, name)) given[name] = value
    else if (name.startsWith('TONGPING_') && name !== 'TONGPING_MISSING') {
      throw new ConfigError(`${name} is not a setting; see .env.example`)
    }
  }
  const parsed = Env.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`)
}
