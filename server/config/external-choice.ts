import { ConfigError, type Env } from '../env.ts'
import { decideSiprec, type SiprecChoice } from './siprec-choice.ts'

/** Calls that other systems hold. */
export type ExternalChoice = {
  /** Secrets of the systems that may register calls, by name. */
  readonly integrations: ReadonlyMap<string, string>
  /** Where they hear what happens to their calls. */
  readonly webhook: { readonly url: string; readonly secret: string } | undefined
  /** A call that nobody ends is ended after so long. */
  readonly limitMs: number
  readonly siprec: SiprecChoice | undefined
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/
const MIN_SECRET_CHARACTERS = 24

/** @throws ConfigError */
export function decideExternal(env: Env): ExternalChoice {
  return {
    integrations: decideIntegrations(env),
    webhook: decideWebhook(env),
    siprec: decideSiprec(env),
    limitMs: env.TONGPING_EXTERNAL_LIMIT_MS ?? 4 * 3600_000,
  }
}

function decideIntegrations(env: Env): ReadonlyMap<string, string> {
  const integrations = new Map<string, string>()
  for (const pair of env.TONGPING_INTEGRATIONS ?? []) {
    const colon = pair.indexOf(':')
    const [name, secret] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1)]
    if (!NAME.test(name) || name === 'siprec' || secret.length < MIN_SECRET_CHARACTERS)
      throw new ConfigError(
        `TONGPING_INTEGRATIONS must read name:secret,name:secret with secrets of ${MIN_SECRET_CHARACTERS} characters and more`,
      )
    if (integrations.has(name)) throw new ConfigError(`TONGPING_INTEGRATIONS names ${name} twice`)
    integrations.set(name, secret)
  }
  return integrations
}

function decideWebhook(env: Env): ExternalChoice['webhook'] {
  const { TONGPING_EXTERNAL_WEBHOOK_URL: url, TONGPING_EXTERNAL_WEBHOOK_SECRET: secret } = env
  if (url === undefined && secret === undefined) return undefined
  if (url === undefined || secret === undefined)
    throw new ConfigError('TONGPING_EXTERNAL_WEBHOOK_URL and _SECRET belong together')
  return { url, secret }
}
