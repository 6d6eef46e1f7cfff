/**
 * Reads a TAP stream (version 14, as `tap run` writes it) and counts its leaves: assertions that have no assertions below
 * them. A subtest's own line repeats what its body said and counts only when nothing below it explains its failure (a
 * time-out, a plan not kept, an exception).
 */
export class TapReport {
  passed = 0
  failed = 0
  skipped = 0
  #onFile
  #onFailure
  /** One frame per open level, outermost first; `path` of names comes from the "# Subtest" comments. */
  #levels = [level()]
  #yaml
  #failure
  #rest = ''

  /**
   * @param {{onFile?: (file: {name: string, passed: number, failed: number, skipped: number, ms?: number}) => void,
   *   onFailure?: (failure: {path: string[], detail: string[]}) => void}} listeners
   */
  constructor({ onFile = () => {}, onFailure = () => {} } = {}) {
    this.#onFile = onFile
    this.#onFailure = onFailure
  }

  write(text) {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  end() {
    if (this.#rest) this.#line(this.#rest)
    this.#rest = ''
    this.#tellFailure()
  }

  #line(line) {
    const indent = line.length - line.trimStart().length
    const text = line.trim()
    if (this.#yaml !== undefined) {
      if (text === '...' && indent === this.#yaml) {
        this.#yaml = undefined
        this.#tellFailure()
      } else this.#failure?.detail.push(line.slice(this.#yaml))
      return
    }
    if (text === '---') {
      this.#yaml = indent
      return
    }
    const named = /^# Subtest: (.*)$/.exec(text)
    if (named && indent % 4 === 0) {
      this.#at(indent / 4).opened = named[1]
      return
    }
    if (/^Bail out!/.test(text)) {
      this.#fail(this.#levels.length - 1, text)
      return
    }
    const point = /^(not )?ok\b(?: +(\d+))?(?: +- +| +)?(.*)$/.exec(text)
    if (point && indent % 4 === 0) this.#point(indent / 4, point[1] === undefined, point[3] ?? '')
  }

  #at(depth) {
    while (this.#levels.length <= depth) this.#levels.push(level())
    return this.#levels[depth]
  }

  #point(depth, ok, rest) {
    this.#tellFailure()
    const directive = /(?:^|\s)# (SKIP|TODO)\b(.*)$/i.exec(rest)
    const ms = Number(/# time=([\d.]+)ms/.exec(rest)?.[1])
    const name = rest.replace(/\s*# (?:time=|SKIP|TODO).*$/i, '').replace(/\s*\{$/, '')
    const here = this.#at(depth)
    const below = this.#levels.length > depth + 1 ? this.#levels.splice(depth + 1) : []
    const body = below[0]
    const counted = body ? body.passed + body.failed + body.skipped : 0
    if (body) for (const key of ['passed', 'failed', 'skipped']) here[key] += body[key]
    if (directive) {
      // What is not tested is neither passed nor failed, and is said at the end.
      this.skipped++
      here.skipped++
    } else if (!ok && (body === undefined || body.failed === 0)) this.#fail(depth, name)
    else if (ok && counted === 0) {
      this.passed++
      here.passed++
    }
    here.opened = undefined
    if (depth === 0) {
      const { passed, failed, skipped } = here
      this.#onFile({ name, passed, failed, skipped, ...(Number.isFinite(ms) ? { ms } : {}) })
      this.#levels = [level()]
    }
  }

  #fail(depth, name) {
    this.failed++
    this.#levels[depth].failed++
    const path = this.#levels.slice(0, depth).flatMap(({ opened }) => (opened === undefined ? [] : [opened]))
    this.#failure = { path: [...path, name], detail: [] }
  }

  /** A failure is told when its explanation has been read, or when it turns out to have none. */
  #tellFailure() {
    if (this.#failure) this.#onFailure(this.#failure)
    this.#failure = undefined
  }
}

const level = () => ({ passed: 0, failed: 0, skipped: 0, opened: undefined })
