import type { SipTarget } from './sip-wire.ts'

/**
 * `sip:host`, `sip:user@host:5060;transport=tcp`, `host:5060`, `udp:host:5060`. Port 5060 and UDP when not said.
 * Throws when no host can be read.
 */
export function parseSipAddress(text: string): SipTarget & { readonly user: string | undefined } {
  const match = /^(?:(sip|udp|tcp):)?(?:\/\/)?(?:([^@;]+)@)?([^:;@\s]+)(?::(\d{1,5}))?((?:;[^;\s]+)*)$/i.exec(
    text.trim(),
  )
  const host = match?.[3]
  if (!match || !host) throw new Error(`not a SIP address: ${text}`)
  const tcp = match[1]?.toLowerCase() === 'tcp' || /;transport=tcp/i.test(match[5] ?? '')
  return { transport: tcp ? 'tcp' : 'udp', host, port: Number(match[4] ?? 5060), user: match[2] }
}
