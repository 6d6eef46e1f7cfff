import type { LegReason } from './call-leg.ts'

/**
 * The most telling value of a Reason header (RFC 3326): a SIP cause says more of a forked or moved call than the
 * Q.850 cause beside it ("call completed elsewhere"), so it goes first. undefined when there is none that we can read.
 */
export function reasonOf(header: string | undefined): LegReason | undefined {
  const values = splitOutsideQuotes(header ?? '').flatMap(value => {
    const [, name, params = ''] = /^\s*(SIP|Q\.850)\s*(;.*)?$/is.exec(value) ?? []
    const cause = Number(/;\s*cause\s*=\s*(\d{1,3})/i.exec(params)?.[1] ?? Number.NaN)
    if (name === undefined || Number.isNaN(cause)) return []
    const text = /;\s*text\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(params)?.[1]?.replace(/\\(.)/g, '$1') ?? ''
    const protocol: LegReason['protocol'] = name.toUpperCase() === 'SIP' ? 'SIP' : 'Q.850'
    return [{ protocol, cause, text: text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, 120) }]
  })
  return values.find(value => value.protocol === 'SIP') ?? values[0]
}

/** What is not acceptable about a description, for whoever reads the traces at the other end (RFC 3261 section 20.43). */
export function warningOf(status: number, reason: string): Record<string, string> {
  return status === 488 ? { Warning: `399 tongping "${headerText(reason)}"` } : {}
}

/** Text inside a quoted string of a header: nothing that could end the string or the line. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, ' ').slice(0, 120)
}

function splitOutsideQuotes(header: string): string[] {
  return header.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? []
}
