import { ConfigError, type Env } from '../env.ts'
import type { PathOf } from './path-of.ts'

/** What holds the archive from outside: time stamping authorities, copies of the daily digests. */
export type AnchorsChoice = {
  readonly tsaUrls: readonly string[]
  readonly tsaCaFile: string | undefined
  readonly folder: string | undefined
  readonly webhook: { readonly url: string; readonly secret: string | undefined } | undefined
}

/** @throws ConfigError when settings contradict each other */
export function decideAnchors(env: Env, path: PathOf): AnchorsChoice {
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
