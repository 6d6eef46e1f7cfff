import { ConfigError } from '../env.ts'

/** `url` ends before `/audio/transcriptions` or `/chat/completions`, without a slash. */
export type ServiceChoice = { readonly url: string; readonly token: string | undefined; readonly model: string }

/** Undefined: nothing is set. @throws ConfigError when only a part is */
export function decideService(
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
