/** One element; names are local, `namespace` is what its prefix stands for. */
export type XmlElement = {
  readonly name: string
  readonly namespace: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All text directly inside, joined and trimmed. */
  readonly text: string
}

/** Not XML, or XML with what is not taken here. */
export class XmlRefused extends Error {
  override name = 'XmlRefused'
}

const MAX_CHARACTERS = 65_536
const MAX_DEPTH = 16
const MAX_ELEMENTS = 2_000
const MAX_ATTRIBUTES = 32
const NAME = /[A-Za-z_][A-Za-z0-9._-]*(?::[A-Za-z_][A-Za-z0-9._-]*)?/y
const SPACE = /[ \t\r\n]*/y
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

type Open = {
  readonly qualified: string
  readonly scope: ReadonlyMap<string, string>
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  text: string
}

/**
 * Reads a small XML document: elements, attributes, namespaces, text, comments, the five entities and numbers of
 * characters. No document type, no CDATA, no other instructions: nothing in it can grow or reach out.
 * @throws XmlRefused
 */
export function readXml(source: string): XmlElement {
  if (source.length > MAX_CHARACTERS) throw new XmlRefused('too long')
  return new Reader(source.replace(/^\uFEFF/, '')).document()
}

class Reader {
  readonly #source: string
  #at = 0
  #elements = 0

  constructor(source: string) {
    this.#source = source
  }

  document(): XmlElement {
    this.#space()
    if (this.#source.startsWith('<?xml', this.#at)) this.#skipTo('?>')
    this.#between()
    const root = this.#element()
    this.#between()
    if (this.#at < this.#source.length) throw new XmlRefused('something stands after the document')
    return root
  }

  /** Not recursive: depth is bounded by a number, not by the stack. */
  #element(): XmlElement {
    const open: Open[] = []
    for (;;) {
      const before = open.at(-1)
      if (before) before.text += this.#text()
      if (this.#at >= this.#source.length) throw new XmlRefused('the document ends too early')
      if (this.#source.startsWith('<!--', this.#at)) {
        this.#skipTo('-->')
        continue
      }
      if (this.#source.startsWith('</', this.#at)) {
        const closed = this.#close(open)
        if (open.length === 0) return closed
        continue
      }
      const { element, empty } = this.#open(before?.scope ?? new Map())
      open.push(element)
      if (open.length > MAX_DEPTH) throw new XmlRefused('too deep')
      if (empty) {
        const closed = finish(open)
        if (open.length === 0) return closed
      }
    }
  }

  #open(outer: ReadonlyMap<string, string>): { element: Open; empty: boolean } {
    if (this.#source[this.#at] !== '<') throw new XmlRefused('no element where one should be')
    this.#at++
    if (++this.#elements > MAX_ELEMENTS) throw new XmlRefused('too many elements')
    const qualified = this.#name()
    const attributes = new Map<string, string>()
    const scope = new Map(outer)
    for (let n = 0; ; n++) {
      const spaced = this.#space()
      if (this.#take('/>')) return { element: { qualified, scope, attributes, children: [], text: '' }, empty: true }
      if (this.#take('>')) return { element: { qualified, scope, attributes, children: [], text: '' }, empty: false }
      if (!spaced || n >= MAX_ATTRIBUTES) throw new XmlRefused('attributes cannot be read')
      const name = this.#name()
      this.#space()
      if (!this.#take('=')) throw new XmlRefused('an attribute without a value')
      this.#space()
      const value = this.#quoted()
      if (attributes.has(name)) throw new XmlRefused('an attribute stands twice')
      if (name === 'xmlns') scope.set('', value)
      else if (name.startsWith('xmlns:')) scope.set(name.slice(6), value)
      attributes.set(name, value)
    }
  }

  #close(open: Open[]): XmlElement {
    this.#at += 2
    const name = this.#name()
    this.#space()
    if (!this.#take('>') || open.at(-1)?.qualified !== name) throw new XmlRefused('tags do not fit each other')
    return finish(open)
  }

  #quoted(): string {
    const quote = this.#source[this.#at]
    if (quote !== '"' && quote !== "'") throw new XmlRefused('an attribute without quotes')
    const end = this.#source.indexOf(quote, this.#at + 1)
    if (end < 0) throw new XmlRefused('an attribute without an end')
    const value = this.#source.slice(this.#at + 1, end)
    if (value.includes('<')) throw new XmlRefused('a tag inside an attribute')
    this.#at = end + 1
    return decode(value)
  }

  #text(): string {
    const next = this.#source.indexOf('<', this.#at)
    const end = next < 0 ? this.#source.length : next
    const text = decode(this.#source.slice(this.#at, end))
    this.#at = end
    return text
  }

  #between(): void {
    for (;;) {
      this.#space()
      if (!this.#source.startsWith('<!--', this.#at)) return
      this.#skipTo('-->')
    }
  }

  #name(): string {
    NAME.lastIndex = this.#at
    const name = NAME.exec(this.#source)?.[0]
    if (name === undefined) throw new XmlRefused('no name where one should be')
    this.#at += name.length
    return name
  }

  #space(): boolean {
    SPACE.lastIndex = this.#at
    const length = SPACE.exec(this.#source)?.[0].length ?? 0
    this.#at += length
    return length > 0
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #skipTo(end: string): void {
    const at = this.#source.indexOf(end, this.#at)
    if (at < 0) throw new XmlRefused('something has no end')
    this.#at = at + end.length
  }
}

function finish(open: Open[]): XmlElement {
  const { qualified, scope, attributes, children, text } = open.pop() as Open
  const colon = qualified.indexOf(':')
  const prefix = colon < 0 ? '' : qualified.slice(0, colon)
  const namespace = scope.get(prefix)
  if (namespace === undefined && prefix !== '') throw new XmlRefused('a prefix that stands for nothing')
  const element: XmlElement = {
    name: qualified.slice(colon + 1),
    namespace: namespace ?? '',
    attributes,
    children,
    text: text.trim(),
  }
  open.at(-1)?.children.push(element)
  return element
}

function decode(text: string): string {
  return text.replace(/&([^;&]{0,10});?/g, (whole, name: string) => {
    const known = ENTITIES[name]
    if (known !== undefined && whole.endsWith(';')) return known
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const code = number ? Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10) : Number.NaN
    if (!whole.endsWith(';') || !(code > 0x1f || code === 9 || code === 10 || code === 13) || code > 0x10ffff)
      throw new XmlRefused('an entity that is not known here')
    return String.fromCodePoint(code)
  })
}
