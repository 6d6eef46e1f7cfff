import type { Logger } from '../logger.ts'
import { Recognisers } from '../recognisers/recognisers.ts'
import type { CallFacts } from './call-facts.ts'
import type { PlacedText } from './call-texts.ts'
import { type PatternHits, type Patterns, textsAsked } from './decide-condition.ts'
import { type LoadedRules, patternsOf } from './quality-file.ts'
import type { Condition } from './quality-rules.ts'

/** The thread looks at no more of a text at once; what is longer comes in pieces that overlap. */
const PIECE = 1_000
const OVERLAP = 200

/** The operator's regular expressions, in the thread of the recognisers with its time limits. */
export class OperatorPatterns {
  readonly #recognisers: Recognisers
  readonly #names: ReadonlyMap<Condition, string>

  private constructor(recognisers: Recognisers, names: ReadonlyMap<Condition, string>) {
    this.#recognisers = recognisers
    this.#names = names
  }

  /** @throws ConfigError when a pattern takes too long on hostile texts */
  static async open({ rules, where }: LoadedRules, logger: Logger): Promise<OperatorPatterns> {
    const patterns = patternsOf(rules)
    const title = { 'zh-CN': '-', en: '-' }
    const recognisers = await Recognisers.tried(
      patterns.map(({ pattern }, n) => ({ name: `quality-${n}`, title, pattern })),
      where,
      logger,
    )
    return new OperatorPatterns(recognisers, new Map(patterns.map(({ condition }, n) => [condition, `quality-${n}`])))
  }

  /** Runs every pattern over the texts it asks for. */
  async lookIn(facts: CallFacts): Promise<Patterns> {
    const hits = new Map<Condition, PatternHits>()
    const found = new Map<PlacedText, ReadonlySet<string>>()
    if (this.#names.size > 0) for (const text of facts.texts) found.set(text, await this.#namesIn(text.text))
    const inUse = new Set(this.#recognisers.names)
    for (const [condition, name] of this.#names) {
      if (!('text' in condition)) continue
      const matching = textsAsked(condition, facts).filter(text => found.get(text)?.has(name))
      hits.set(condition, inUse.has(name) ? new Map(matching.map(text => [text, undefined])) : 'too-slow')
    }
    return condition => hits.get(condition) ?? new Map()
  }

  close(): Promise<void> {
    return this.#recognisers.close()
  }

  async #namesIn(text: string): Promise<Set<string>> {
    const pieces: { text: string }[] = []
    for (let at = 0; at === 0 || at < text.length; at += PIECE - OVERLAP)
      pieces.push({ text: text.slice(at, at + PIECE) })
    const names = new Set<string>()
    for (const piece of pieces)
      for (const { recogniser } of await this.#recognisers.find([piece])) names.add(recogniser)
    return names
  }
}
