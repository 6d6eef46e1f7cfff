import type { Answer } from '../../shared/harness/simulated-server.ts'
import type { OpenedRecord } from '../review-api.ts'

type By = { readonly id: string; readonly name: string }
type Body = Record<string, unknown>
const AT = '2026-11-15T02:00:00.000Z'
const ME: By = { id: 'user_simulated000000000', name: 'zhou' }
const COLLEAGUE: By = { id: 'user_colleague000000000', name: '周敏' }

export const SIMULATED_SHEET = {
  sheetId: 'service',
  version: 1,
  by: COLLEAGUE,
  at: AT,
  retired: false,
  title: { 'zh-CN': '服务规范', en: 'Service' },
  passAt: 80,
  sections: [
    {
      id: 'opening',
      title: { 'zh-CN': '开场', en: 'Opening' },
      questions: [
        {
          id: 'greeting',
          text: { 'zh-CN': '是否问候', en: 'Greeted the caller' },
          weight: 1,
          fatal: false,
          mayNotApply: false,
          kind: 'yes-no',
          good: 'yes',
        },
        {
          id: 'privacy',
          text: { 'zh-CN': '未要求出示密码', en: 'Asked for no password' },
          weight: 2,
          fatal: true,
          mayNotApply: true,
          kind: 'scale',
        },
      ],
    },
  ],
}

/** SIMULATED: what reviewers do with records, kept in memory and answered as the real server does. Counts nothing. */
export class SimulatedWork {
  comments: Body[] = []
  tags: Body[] = []
  scores: Body[] = []
  searches: Body[] = []
  releases: Body[] = []
  sheets: Body[] = [SIMULATED_SHEET]
  samples: Body[] = []
  calibrations: Body[] = []
  assignments: Body[] = []
  #next = 1

  constructor(opened: OpenedRecord) {
    const { row } = opened.work
    this.assignments = [
      {
        ...{ assignmentId: 'asg_1', callId: row.callId, kind: 'check', state: 'open', reviewer: ME, by: COLLEAGUE },
        ...{ at: AT, dueAt: '2026-11-16T08:00:00.000Z', note: '投诉复核', sampleId: null, calibrationId: null },
        ...{ sheetId: 'service', doneAt: null, overdue: true },
        call: { answeredAt: row.answeredAt, durationMs: row.durationMs, agentName: row.agent.name, from: row.from },
      },
    ]
  }

  answer(path: string, given: unknown): Answer | undefined {
    const body = (given ?? {}) as Body
    const ok = (value: unknown): Answer => ({ status: 200, body: value })
    const [, callId] = /\/calls\/([^/]+)\//.exec(path) ?? []
    const ends = (ending: string) => path.endsWith(ending)
    const id = (prefix: string) => `${prefix}_${this.#next++}`
    const post = given !== undefined
    if (path === '/api/review/anchors') {
      return ok({
        ...{ lastDigest: undefined, digests: 0, alarms: [], checkedAt: AT },
        ...{ stamps: { configured: false, stamped: 0, waiting: 0 } },
        published: { configured: false, waitingDays: 0 },
      })
    }
    if (ends('/facets')) {
      return ok({
        agents: [],
        scenarios: [{ id: 'install', title: { 'zh-CN': '安装', en: 'Installation' }, calls: 1 }],
        tags: [{ tag: '复核', calls: 1 }],
        flags: [{ flag: 'hold', calls: 1 }],
        reviewers: [ME, COLLEAGUE],
      })
    }
    if (ends('/searches') && !post) return ok({ searches: this.searches })
    if (ends('/searches')) {
      const saved = { searchId: id('srch'), own: true, owner: ME.name, createdAt: AT, ...body }
      this.searches.push(saved)
      return ok(saved)
    }
    if (ends('/seeks')) return { status: 204, body: undefined }
    if (ends('/unmask')) return ok({ from: '13800138000', to: '4008001234' })
    if (ends('/prints')) return ok({ text: `${ME.name} · print`, lines: [] })
    if (ends('/comments')) {
      const comment = { replyTo: null, ...body, commentId: id('cmt'), callId, author: ME, at: AT, resolved: null }
      this.comments.push(comment)
      return ok(comment)
    }
    if (ends('/resolve')) {
      const comment = this.comments.find(one => path.includes(String(one.commentId)))
      return ok(Object.assign(comment ?? {}, { resolved: body.resolved ? { by: ME, at: AT } : null }))
    }
    if (ends('/tags')) {
      this.tags = [...this.tags, { tag: body.tag, by: ME, at: AT }]
      return ok({ tags: this.tags })
    }
    if (ends('/tags/remove')) {
      this.tags = this.tags.filter(one => one.tag !== body.tag)
      return ok({ tags: this.tags })
    }
    if (ends('/scores')) return ok(this.#score(callId, body, id('score')))
    if (ends('/sheets') && post) {
      const sheet = { ...SIMULATED_SHEET, ...body, version: this.sheets.length + 1 }
      this.sheets = [sheet]
      return ok(sheet)
    }
    if (ends('/sheets')) return ok({ sheets: this.sheets })
    if (ends('/my-work')) return ok({ assignments: this.assignments })
    if (ends('/assignments')) return ok({ assignments: this.assignments })
    if (ends('/state')) {
      this.assignments = this.assignments.map(one => ({ ...one, ...body }))
      return ok(this.assignments[0])
    }
    if (ends('/samples') && post) {
      const sample = {
        ...{ sampleId: id('smp'), by: ME, at: AT, population: 40, populationSha256: 'f'.repeat(64), size: 5, done: 0 },
        ...{ seed: 'a1b2c3', withoutEarlier: false, ...body },
      }
      this.samples.push(sample)
      return ok(sample)
    }
    if (ends('/samples')) return ok({ samples: this.samples })
    if (ends('/check')) return ok({ same: true, gone: [], missing: [], added: [] })
    if (ends('/calibrations')) return ok({ calibrations: this.calibrations })
    if (ends('/releases') && post) {
      const release = {
        ...{ releaseId: id('rel'), callId, askedBy: ME, askedAt: AT, state: 'asked', answeredBy: null },
        ...{ answeredAt: null, answer: null, expiresAt: null, mayAnswer: false, ...body },
      }
      this.releases.push(release)
      return ok(release)
    }
    if (ends('/releases')) return ok({ releases: this.releases })
    if (ends('/originals')) {
      return ok({ files: [{ path: 'tracks/caller-voice-1.rtpj', bytes: 192_000, released: false }] })
    }
    const answered = /\/releases\/[^/]+\/(agree|refuse|withdraw)$/.exec(path)?.[1]
    if (answered) {
      const state = answered === 'agree' ? 'agreed' : answered === 'refuse' ? 'refused' : 'withdrawn'
      const release = this.releases.find(one => path.includes(String(one.releaseId))) ?? {}
      return ok(
        Object.assign(release, {
          state,
          answeredBy: ME,
          answeredAt: AT,
          answer: body.reason ?? null,
          mayAnswer: false,
        }),
      )
    }
    return undefined
  }

  #score(callId: string | undefined, body: Body, scoreId: string): Body {
    const answers = (body.answers ?? {}) as Body
    const unanswered = ['greeting', 'privacy'].filter(question => !(question in answers))
    const whole = unanswered.length === 0
    const score = {
      ...{ scoreId, revision: 1, callId, kind: 'check', calibrationId: null, reviewer: ME, at: AT, reason: null },
      ...body,
      result: { total: whole ? 90 : null, passed: whole ? true : null, fatal: [], unanswered },
    }
    this.scores.push(score)
    return score
  }
}
