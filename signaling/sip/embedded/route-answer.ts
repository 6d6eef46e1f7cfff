/** What a routing service may say (drachtio-server's JSON). */
export type RouteAnswer =
  | { readonly kind: 'reject'; readonly status: number; readonly reason: string | undefined }
  | { readonly kind: 'redirect'; readonly contacts: readonly string[] }
  | {
      readonly kind: 'proxy'
      readonly destinations: readonly string[]
      readonly recordRoute: boolean
      readonly followRedirects: boolean
      readonly simultaneous: boolean
      readonly provisionalTimeout: string
      readonly finalTimeout: string
    }
  /** `host:port`, perhaps with `;transport=tls`. */
  | { readonly kind: 'application'; readonly uri: string }
  | { readonly kind: 'tag'; readonly tag: string }

/** @throws when it is not one of these. */
export function parseRouteAnswer(text: string): RouteAnswer {
  const { action, data } = JSON.parse(text) as { action?: unknown; data?: unknown }
  if (typeof data !== 'object' || data === null) throw new Error('no data in the answer')
  const fields = data as Readonly<Record<string, unknown>>
  switch (action) {
    case 'reject': {
      const { status, reason } = fields
      if (typeof status !== 'number' || !Number.isInteger(status) || status < 300 || status > 699)
        throw new Error('reject needs a status of 300 to 699')
      return { kind: 'reject', status, reason: typeof reason === 'string' ? singleLine(reason) : undefined }
    }
    case 'redirect':
      return { kind: 'redirect', contacts: strings(fields.contact ?? fields.contacts).map(singleLine) }
    case 'proxy':
      return {
        kind: 'proxy',
        destinations: strings(fields.destination),
        recordRoute: fields.recordRoute === true,
        followRedirects: fields.followRedirects !== false,
        simultaneous: fields.simultaneous === true,
        provisionalTimeout: textOr(fields.provisionalTimeout, '5s'),
        finalTimeout: textOr(fields.finalTimeout, '60s'),
      }
    case 'route':
      if (typeof fields.uri === 'string') return { kind: 'application', uri: fields.uri }
      if (typeof fields.tag === 'string') return { kind: 'tag', tag: fields.tag }
      throw new Error('route needs a uri or a tag')
    default:
      throw new Error('unknown action')
  }
}

function strings(value: unknown): string[] {
  const all = typeof value === 'string' ? [value] : value
  if (!Array.isArray(all) || all.length === 0) throw new Error('a uri, or a list of them, is missing')
  return all.map(one => {
    if (typeof one !== 'string') throw new Error('a uri must be text')
    return one
  })
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** A service's words must never be able to begin a header of their own. */
function singleLine(text: string): string {
  return text.replace(/[\r\n\0]+/g, ' ').trim()
}
