import type { RecordSpan } from '../../../signaling/protocol/record-span.ts'
import type { Right } from '../../../signaling/protocol/rights.ts'
import { simulatedPicture } from '../../shared/harness/simulated-picture.ts'
import { type Answer, SimulatedServer } from '../../shared/harness/simulated-server.ts'
import type { OpenedRecord, ReviewRow } from '../review-api.ts'
import { INTACT, simulatedOpened, simulatedPeaks, simulatedRow } from './simulated-record.ts'
import { SimulatedWork } from './simulated-work.ts'

type Asked = { readonly path: string; readonly query: URLSearchParams; readonly body: unknown }

/** SIMULATED: the reviewer's half of the server, with one made-up call whose film is a test picture. */
export class SimulatedArchive {
  readonly asked: Asked[] = []
  rows: readonly ReviewRow[] = [simulatedRow()]
  opened: OpenedRecord = simulatedOpened()
  verdict = INTACT
  /** Of `derived/spans.json`, for records that have one. */
  spans: readonly RecordSpan[] = []
  readonly work = new SimulatedWork(this.opened)
  /** What the person who signs in may do. */
  rights: readonly Right[] = []
  /** Answers of parts that are not simulated otherwise, by path. */
  readonly answers = new Map<string, unknown>()
  /** Instead of every reply of the list. */
  listRefusal: { status: number; code: string } | undefined
  /** Instead of opening and verifying. */
  refusal: { status: number; code: string } | undefined
  readonly #server: SimulatedServer

  private constructor(server: SimulatedServer) {
    this.#server = server
  }

  static async create(pagesFolder: string, film: Buffer): Promise<SimulatedArchive> {
    const picture = await simulatedPicture()
    let archive: SimulatedArchive | undefined
    const server = await SimulatedServer.create({
      pagesFolder,
      rights: () => archive?.rights ?? [],
      route: async (path, query, body) => archive?.answer({ path, query, body }, film, picture),
    })
    archive = new SimulatedArchive(server)
    return archive
  }

  get address(): string {
    return `${this.#server.address}/review`
  }

  signOut(): void {
    this.#server.signedIn.clear()
  }

  times(ending: string): number {
    return this.asked.filter(one => one.path.endsWith(ending)).length
  }

  answer(asked: Asked, film: Buffer, picture: Buffer): Answer | undefined {
    this.asked.push(asked)
    const { path, query } = asked
    const refuse = (o: { status: number; code: string }) => ({
      status: o.status,
      body: { code: o.code, message: 'simulated refusal' },
    })
    const answer = this.answers.get(path)
    if (answer !== undefined) return { status: 200, body: answer }
    if (path === '/api/review/calls') {
      if (this.listRefusal) return refuse(this.listRefusal)
      const number = query.get('number') ?? ''
      return { status: 200, body: { calls: this.rows.filter(row => row.from.includes(number)) } }
    }
    if (path.endsWith('/open')) return this.refusal ? refuse(this.refusal) : { status: 200, body: this.opened }
    if (path.endsWith('/verify')) return this.refusal ? refuse(this.refusal) : { status: 200, body: this.verdict }
    if (path.endsWith('replay.webm')) return { type: 'video/webm', bytes: film }
    if (path.endsWith('peaks.json')) return { status: 200, body: simulatedPeaks() }
    if (path.endsWith('spans.json')) return { status: 200, body: { format: 'tongping-spans/1', spans: this.spans } }
    if (path.endsWith('.webp')) return { type: 'image/webp', bytes: picture }
    return this.work.answer(path, asked.body)
  }

  close(): Promise<void> {
    return this.#server.close()
  }
}
