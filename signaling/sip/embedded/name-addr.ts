/** Parameters of a header value or uri: names in lower case, values as they came, undefined where there is no `=`. */
export type Params = ReadonlyMap<string, string | undefined>

/** From, To, Contact, Route: `"display" <uri>;params` or a bare uri. */
export type NameAddr = { readonly display: string; readonly uri: string; readonly params: Params }

/** Splits at a separator that is neither inside a quoted string nor inside angle brackets. */
export function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes(separator)) return [text]
  const parts: string[] = []
  let quoted = false
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (quoted) {
      if (char === '\\') index++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '<') depth++
    else if (char === '>') depth = Math.max(0, depth - 1)
    else if (char === separator && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** `;a=1;b` to a map. */
export function parseParams(text: string): Params {
  const params = new Map<string, string | undefined>()
  for (const part of splitOutsideQuotes(text, ';')) {
    const trimmed = part.trim()
    if (trimmed === '') continue
    const equals = trimmed.indexOf('=')
    if (equals === -1) params.set(trimmed.toLowerCase(), undefined)
    else params.set(trimmed.slice(0, equals).trim().toLowerCase(), trimmed.slice(equals + 1).trim())
  }
  return params
}

/** Undefined when there is an opening bracket without a closing one, or no uri at all. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const open = indexOutsideQuotes(value, '<')
  if (open === -1) {
    const semicolon = value.indexOf(';')
    const uri = (semicolon === -1 ? value : value.slice(0, semicolon)).trim()
    return uri === ''
      ? undefined
      : { display: '', uri, params: parseParams(semicolon === -1 ? '' : value.slice(semicolon)) }
  }
  const close = value.indexOf('>', open)
  if (close === -1) return undefined
  return {
    display: value.slice(0, open).trim(),
    uri: value.slice(open + 1, close).trim(),
    params: parseParams(value.slice(close + 1)),
  }
}

/** True when a From, To or Contact value has a uri and closed quotes, so that everybody reads the same party out of it. */
export function isWellFormedParty(value: string): boolean {
  const parsed = parseNameAddr(value)
  return parsed !== undefined && /^[A-Za-z][\w+\-.]*:\S+$/.test(parsed.uri) && !endsInsideQuotes(value)
}

/** The `tag` of a From or To value; empty if there is none (RFC 2543 peers). */
export function tagOf(value: string | undefined): string {
  return (value === undefined ? undefined : parseNameAddr(value)?.params.get('tag')) ?? ''
}

/** A From or To value with this tag, in brackets so that the tag cannot be read as a uri parameter. */
export function withTag(value: string, tag: string): string {
  const bracketed = bracketUri(value)
  return tagOf(bracketed) === '' ? `${bracketed};tag=${tag}` : bracketed
}

/** A From or To value without its tag. */
export function withoutTag(value: string): string {
  const parsed = parseNameAddr(value)
  if (parsed === undefined) return value
  const params = [...parsed.params].filter(([name]) => name !== 'tag')
  return `${parsed.display === '' ? '' : `${parsed.display} `}<${parsed.uri}>${formatParams(params)}`
}

/** `sip:a@b;tag=1` becomes `<sip:a@b>;tag=1`; what has brackets stays. */
export function bracketUri(value: string): string {
  if (indexOutsideQuotes(value, '<') !== -1) return value.trim()
  const semicolon = value.indexOf(';')
  return semicolon === -1
    ? `<${value.trim()}>`
    : `<${value.slice(0, semicolon).trim()}>${value.slice(semicolon).trim()}`
}

export function formatParams(params: Iterable<readonly [string, string | undefined]>): string {
  let text = ''
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`
  return text
}

function endsInsideQuotes(text: string): boolean {
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') quoted = !quoted
    else if (quoted && text[index] === '\\') index++
  }
  return quoted
}

function indexOutsideQuotes(text: string, wanted: string): number {
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (quoted) {
      if (char === '\\') index++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === wanted) return index
  }
  return -1
}
