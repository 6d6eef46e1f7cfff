import { ConfigError } from '../env.ts'

/** A name of at least two labels: allowing `com` would allow everything. @throws ConfigError for anything else */
export function decideLinkDomain(given: string): string {
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
