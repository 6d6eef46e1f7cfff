import { toString as qrText } from 'qrcode'
import { type WebSocket, WebSocketServer } from 'ws'
import type { CallView, InviteView } from '../../../signaling/protocol/call.ts'
import type { RequestName } from '../../../signaling/protocol/catalogue.ts'
import type { DeskPhone, SpeaksBy } from '../../../signaling/protocol/desk-phone.ts'
import type { ErrorCode } from '../../../signaling/protocol/errors.ts'
import type { MarkId, PageId, UserId } from '../../../signaling/protocol/ids.ts'
import { redoable, undoable } from '../../../signaling/protocol/ink.ts'
import type { JournalEntry, JournalEvent } from '../../../signaling/protocol/journal-entry.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { NotificationData, NotificationName } from '../../../signaling/protocol/notifications.ts'
import type { AgentSession } from '../../../signaling/protocol/sessions.ts'
import { EMPTY_STAGE, foldStage } from '../../../signaling/protocol/stage.ts'
import type { VoiceControlView } from '../../../signaling/protocol/voice.ts'
import { SUBPROTOCOL } from '../../../signaling/protocol/wire.ts'
import { simulatedPicture } from '../../shared/harness/simulated-picture.ts'
import { SimulatedServer } from '../../shared/harness/simulated-server.ts'
import { ringingView } from './ringing-view.ts'
import { SIMULATED_SCENARIOS, simulatedAssist, simulatedPictureOf } from './simulated-assist.ts'
import { SIMULATED_CAPABILITIES, simulatedConsumer, simulatedTransport } from './simulated-media.ts'
import { SIMULATED_CONTROL, simulatedVoice } from './simulated-voice.ts'

type Asked = { readonly name: RequestName; readonly data: Record<string, unknown> }
type Refusal = { readonly code: ErrorCode }

const AGENT = { id: newId('user') as UserId, name: '林晓' }
const LINK = 'https://192.168.1.20:8443/j/7tq2mH0vXk9RbN4cWz3yLw'

/**
 * SIMULATED: one call and one desk, following the message catalogue, with media that never flows. Tests use it to put
 * the workbench into states that a real server reaches only now and then.
 */
export class SimulatedDesk {
  readonly asked: Asked[] = []
  readonly #server: SimulatedServer
  readonly #sockets: WebSocketServer
  readonly #qrSvg: string
  readonly #refuse = new Map<string, Refusal>()
  #call: CallView | undefined
  #entries: JournalEntry[] = []
  #answeredAtMs = 0
  #attachments = 0
  /** Milliseconds before a reply leaves; entries leave at once. */
  replyDelayMs = 0
  /** Of an agent who has one. */
  deskPhone: DeskPhone | undefined

  private constructor(server: SimulatedServer, qrSvg: string) {
    this.#server = server
    this.#qrSvg = qrSvg
    this.#sockets = new WebSocketServer({
      server: server.http,
      path: '/ws/agent',
      handleProtocols: () => SUBPROTOCOL,
    })
    this.#sockets.on('connection', socket => socket.on('message', text => this.#receive(socket, String(text))))
  }

  static async create(pagesFolder: string): Promise<SimulatedDesk> {
    const picture = await simulatedPicture()
    const server = await SimulatedServer.create({
      pagesFolder,
      route: async path =>
        path.includes('/pictures/') || path.includes('/scan/') ? { type: 'image/webp', bytes: picture } : undefined,
    })
    return new SimulatedDesk(server, await qrText(LINK, { type: 'svg', margin: 1 }))
  }

  get address(): string {
    return `${this.#server.address}/agent`
  }

  get call(): CallView {
    if (!this.#call) throw new Error('no call')
    return this.#call
  }

  /** Signs the agent in without the page's form. */
  signIn(): void {
    this.#server.signedIn.add('agent')
  }

  signOut(): void {
    this.#server.signedIn.delete('agent')
  }

  refuse(name: RequestName, code: ErrorCode): void {
    this.#refuse.set(name, { code })
  }

  allow(name: RequestName): void {
    this.#refuse.delete(name)
  }

  /** How many pages are connected. */
  get pages(): number {
    return this.#sockets.clients.size
  }

  dropConnections(code = 1012): void {
    for (const socket of this.#sockets.clients) socket.close(code)
  }

  ring(from = '13800138000', secondsAgo = 5): void {
    const other = this.#call?.phase === 'talking' ? [this.#call] : []
    this.#entries = []
    this.#call = ringingView(from, secondsAgo)
    this.notify('desk.calls', { calls: [this.#call, ...other] })
  }

  change(change: Partial<CallView>): void {
    const call = { ...this.call, ...change }
    this.#call =
      call.direction === 'out' && call.answeredAt === undefined ? call : { ...call, elapsedMs: this.#nowMs() }
    this.notify('call.changed', { call: this.#call })
  }

  control(change: Partial<VoiceControlView>): void {
    this.change({ control: { ...(this.call.control ?? SIMULATED_CONTROL), ...change } })
  }

  /** The one who was called has answered. */
  reached(): void {
    this.#answeredAtMs = Date.now()
    const { dialling: _, ...call } = this.call
    this.#call = call
    const answeredAt = new Date(this.#answeredAtMs).toISOString()
    this.change({ phase: 'talking', answeredAt, agentVoice: 'connected', control: SIMULATED_CONTROL, recording: 'on' })
  }

  invite(change: Partial<InviteView>): void {
    const invite = this.call.invite
    if (invite) this.change({ invite: { ...invite, ...change } })
  }

  /** A call that has been up for so long, in the middle of which the page comes (a reload). */
  talking(elapsedMs = 83_000): void {
    this.ring()
    this.#answeredAtMs = Date.now() - elapsedMs
    this.#call = {
      ...this.call,
      phase: 'talking',
      agent: AGENT,
      agentVoice: 'away',
      control: SIMULATED_CONTROL,
      recording: 'on',
      elapsedMs,
    }
    this.#entries = []
    this.tell({
      type: 'call.answered',
      callId: this.call.callId,
      wallClock: new Date(this.#answeredAtMs).toISOString(),
      from: this.call.from,
      to: this.call.to,
      agent: AGENT,
      voiceCodec: 'PCMA',
    })
  }

  camera(): void {
    this.notify('media.consumer', { callId: this.call.callId, consumer: simulatedConsumer('video-1', 'video') })
    this.change({ camera: 'live' })
  }

  tell(event: JournalEvent, atMs = this.#nowMs()): void {
    const entry = { ...event, seq: this.#entries.length, atMs, prev: '0'.repeat(64) } as JournalEntry
    this.#entries.push(entry)
    this.notify('call.entries', { callId: this.call.callId, entries: [entry] })
  }

  notify<N extends NotificationName>(name: N, data: NotificationData<N>): void {
    const text = JSON.stringify({ kind: 'notification', name, data })
    for (const socket of this.#sockets.clients) socket.send(text)
  }

  times(name: RequestName): number {
    return this.asked.filter(one => one.name === name).length
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    await new Promise(resolve => this.#sockets.close(resolve))
    await this.#server.close()
  }

  #nowMs(): number {
    return this.#answeredAtMs === 0 ? 0 : Date.now() - this.#answeredAtMs
  }

  #receive(socket: WebSocket, text: string): void {
    const { id, name, data } = JSON.parse(text) as { id: number } & Asked
    this.asked.push({ name, data })
    const refusal = this.#refuse.get(name)
    const send = (message: object) => {
      const text = JSON.stringify(message)
      // Without a delay a reply must not be overtaken by what happens after it.
      if (this.replyDelayMs === 0) socket.send(text)
      else setTimeout(() => socket.send(text), this.replyDelayMs)
    }
    if (refusal) send({ kind: 'refusal', id, code: refusal.code, message: 'simulated refusal' })
    else send({ kind: 'reply', id, data: this.#answer(name, data) })
  }

  #answer(name: RequestName, data: Record<string, unknown>): unknown {
    const by = PART
    switch (name) {
      case 'desk.enter': {
        const calls = this.#call && this.#call.phase !== 'ended' ? [this.#call] : []
        return {
          agent: AGENT,
          calls,
          routerRtpCapabilities: SIMULATED_CAPABILITIES,
          sipAddress: 'sip:4008001234@192.168.1.20:5060',
          scenarios: SIMULATED_SCENARIOS,
          linkDomains: ['help.example'],
          mayDial: true,
          ...(this.deskPhone && { deskPhone: this.deskPhone }),
        }
      }
      case 'desk.speakBy':
        if (this.deskPhone) this.deskPhone = { ...this.deskPhone, by: data.by as SpeaksBy }
        return {}
      case 'voice.speakBy':
        this.change({ agentBy: data.by === 'phone' ? { by: 'phone', phone: 'called' } : { by: 'browser' } })
        return {}
      case 'call.answer':
        if (data.by === 'phone') {
          this.#call = {
            ...this.call,
            ...{
              agent: AGENT,
              phase: 'answering',
              agentVoice: 'connecting',
              agentBy: { by: 'phone', phone: 'called' },
            },
          }
          return this.#session()
        }
        this.#answeredAtMs = Date.now()
        this.#call = {
          ...this.call,
          agent: AGENT,
          phase: 'talking',
          agentVoice: 'connected',
          control: SIMULATED_CONTROL,
          recording: 'on',
          elapsedMs: 0,
        }
        this.tell({
          type: 'call.answered',
          callId: this.call.callId,
          wallClock: new Date().toISOString(),
          from: this.call.from,
          to: this.call.to,
          agent: AGENT,
          voiceCodec: 'PCMA',
        })
        return this.#session()
      case 'call.attach':
        return this.#session()
      case 'call.decline':
        this.#call = undefined
        this.notify('desk.calls', { calls: [] })
        return {}
      case 'call.hangUp':
        this.change({ phase: 'ended', end: { cause: 'agent-hung-up' }, recording: 'off', agentVoice: 'none' })
        return {}
      case 'invite.issue':
        return this.#issue(data)
      case 'stage.freeze': {
        const id = newId('page')
        this.tell({
          type: 'page.added',
          page: { kind: 'camera', id, by, picture: simulatedPictureOf('server-key-frame') },
        })
        this.tell({ type: 'stage.page', by, pageId: id })
        return { pageId: id }
      }
      case 'stage.page':
        this.tell({ type: 'stage.page', by, pageId: data.pageId as PageId })
        return {}
      case 'stage.live':
        this.tell({ type: 'stage.live', by })
        return {}
      case 'mark.begin':
        this.tell({
          type: 'mark.begun',
          by,
          on: data.on as PageId,
          mark: data.mark as never,
          ...(data.replaces === undefined ? {} : { replaces: data.replaces as MarkId }),
        })
        return {}
      case 'mark.extend':
        this.tell({
          type: 'mark.extended',
          by,
          on: data.on as PageId,
          markId: data.markId as MarkId,
          points: data.points as never,
        })
        return {}
      case 'ink.undo': {
        const page = this.#entries.reduce(foldStage, EMPTY_STAGE).pages.find(one => one.page.id === data.on)
        const last = page && undoable(page.ink, by)
        if (last) this.tell({ type: 'ink.undone', by, on: data.on as PageId, action: last.seq })
        return {}
      }
      case 'ink.redo': {
        const page = this.#entries.reduce(foldStage, EMPTY_STAGE).pages.find(one => one.page.id === data.on)
        const next = page && redoable(page.ink, by)
        if (next) this.tell({ type: 'ink.redone', by, on: data.on as PageId, action: next.seq })
        return {}
      }
      case 'marks.erase':
        this.tell({ type: 'marks.erased', by, on: data.on as PageId, markIds: data.markIds as MarkId[], all: false })
        return {}
      case 'marks.clear': {
        const page = this.#entries.reduce(foldStage, EMPTY_STAGE).pages.find(one => one.page.id === data.on)
        const markIds = page?.marks.map(mark => mark.id) ?? []
        if (markIds.length > 0) this.tell({ type: 'marks.erased', by, on: data.on as PageId, markIds, all: true })
        return {}
      }
      case 'text.read':
      case 'text.correct':
      case 'codes.read':
      case 'codes.seen':
      case 'document.read':
      case 'document.judge':
      case 'face.compare':
      case 'camera.control':
      case 'consent.ask':
      case 'picture.prefer':
      case 'guest.invite':
        return simulatedAssist(name, data, { by, qrSvg: this.#qrSvg, tell: event => this.tell(event) })
      case 'scenario.choose': {
        const scenario = SIMULATED_SCENARIOS.find(one => one.id === data.scenario)
        if (scenario) this.change({ scenario: { id: scenario.id, title: scenario.title }, tools: scenario.tools })
        return {}
      }
      case 'invite.rebind': {
        const { rebind: _, ...call } = this.call
        this.#call = call
        this.change({})
        return {}
      }
      case 'guest.remove':
        this.change({ onlookers: this.call.onlookers.filter(one => one.participantId !== data.participantId) })
        return {}
      case 'voice.dial':
        this.#call = {
          ...ringingView('4008001234', 0),
          to: String(data.to),
          direction: 'out',
          phase: 'dialling',
          dialling: 'trying',
          agent: AGENT,
          agentVoice: 'connecting',
        }
        this.#entries = []
        return this.#session()
      case 'voice.hold':
      case 'voice.retrieve':
      case 'voice.mute':
      case 'voice.key':
      case 'voice.transfer':
      case 'voice.consult':
      case 'voice.speakTo':
      case 'voice.connect':
      case 'voice.cancelConsult':
        return simulatedVoice(name, data, this.call.control ?? SIMULATED_CONTROL, {
          change: control => this.change({ control }),
          tell: event => this.tell(event),
        })
      case 'media.produce':
        return { producerId: 'simulated-producer' }
      default:
        return {}
    }
  }

  #session(): AgentSession {
    this.#attachments += 1
    const again = `again-${this.#attachments}`
    const consumer = simulatedConsumer(`voice-${again}`, 'audio')
    setTimeout(() => this.notify('media.consumer', { callId: this.call.callId, consumer }), 5)
    if (this.call.camera !== 'none') {
      const video = simulatedConsumer(`video-${again}`, 'video')
      setTimeout(() => this.notify('media.consumer', { callId: this.call.callId, consumer: video }), 5)
    }
    return {
      call: {
        ...this.call,
        ...(this.call.phase === 'talking' && { elapsedMs: this.#nowMs(), agentVoice: 'connected' as const }),
      },
      participantId: PART,
      entries: this.#entries,
      voiceCodec: 'PCMA',
      send: simulatedTransport(`send-${again}`),
      receive: simulatedTransport(`receive-${again}`),
    }
  }

  #issue(data: Record<string, unknown>): InviteView {
    const inviteId = newId('inv')
    const link = LINK
    const invite: InviteView = {
      id: inviteId,
      state: 'sent',
      link,
      qrSvg: this.#qrSvg,
      digits: '482913',
      digitsAddress: 'https://192.168.1.20:8443/',
      language: data.language as InviteView['language'],
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      delivery: {
        channel: 'outbox',
        to: String(data.to ?? this.call.from),
        text: `客服想看看您的摄像头画面：${link} （电话不会断）`,
      },
    }
    this.tell({ type: 'invite.issued', inviteId, by: PART, language: invite.language, expiresAt: invite.expiresAt })
    this.tell({ type: 'invite.handed-over', inviteId, channel: 'outbox' })
    this.change({ invite })
    return invite
  }
}

const PART = newId('part')
