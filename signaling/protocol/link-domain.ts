export type LinkRefusal = 'unreadable' | 'not-https' | 'has-sign-in' | 'not-allowed'

/**
 * Whether a link card may lead there; runs in the server (which decides) and in the workbench (which says so before).
 * @param domains as the operator configured them, lower case, punycode; each allows itself and everything below it
 * @returns the host as it will be shown (punycode stays punycode: a look-alike must not look alike), or why not
 */
export function linkHost(url: string, domains: readonly string[]): { host: string } | { refusal: LinkRefusal } {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return { refusal: 'unreadable' }
  }
  if (parsed.protocol !== 'https:') return { refusal: 'not-https' }
  // `https://bank.example@evil.example/` reads like the first and leads to the second.
  if (parsed.username !== '' || parsed.password !== '') return { refusal: 'has-sign-in' }
  const name = parsed.hostname.toLowerCase().replace(/\.$/, '')
  const allowed = domains.some(domain => name === domain || name.endsWith(`.${domain}`))
  return allowed ? { host: parsed.host } : { refusal: 'not-allowed' }
}
