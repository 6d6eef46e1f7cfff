import { constants } from 'node:fs'
import { access, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { loadHoldMusic } from '../media/edge/hold-music-file.ts'
import { PortPool } from '../media/edge/port-pool.ts'
import { CodeReader } from '../media/picture/code-reader.ts'
import { FaceComparer } from '../media/picture/face/face-comparer.ts'
import { PictureIntake } from '../media/picture/intake.ts'
import { PdfRenderer } from '../media/picture/pdf-renderer.ts'
import { TextReader } from '../media/picture/text-reader.ts'
import { MediaRoom } from '../media/room/media-room.ts'
import { WorkerPool } from '../media/room/worker-pool.ts'
import { SealKey } from '../recordings/seal/seal-key.ts'
import type { CallId } from '../signaling/protocol/ids.ts'
import type { CallLeg } from '../signaling/sip/call-leg.ts'
import type { RecordingLeg } from '../signaling/sip/siprec/recording-leg.ts'
import type { TrunkState } from '../signaling/sip/trunk-line.ts'
import { WsDoor } from '../signaling/ws/ws-door.ts'
import { Outbox, WebhookSender } from './assist/code-sender.ts'
import { GuestBook } from './assist/guest-book.ts'
import { InviteBook } from './assist/invite-book.ts'
import { Library } from './assist/library.ts'
import { firstRunUsers, type SignInSheet } from './auth/first-run.ts'
import { Integrations } from './auth/integrations.ts'
import { SignIn } from './auth/sign-in.ts'
import { Tokens } from './auth/tokens.ts'
import { AgentDesk } from './calls/agent-desk.ts'
import { CallDesk } from './calls/call-desk.ts'
import { requestHandlers } from './calls/requests/request-handlers.ts'
import { WatchDesk } from './calls/watch-desk.ts'
import { loadCertificate } from './certificate.ts'
import type { Config } from './config.ts'
import { DeskPhones } from './dialling/desk-phones.ts'
import { DialPolicy } from './dialling/dial-policy.ts'
import { Dialler } from './dialling/dialler.ts'
import { BrowserDoors } from './doors.ts'
import { Events } from './events.ts'
import { openEvidence } from './evidence/evidence.ts'
import { agentByAor } from './external/agent-by-aor.ts'
import { ExternalCalls } from './external/external-calls.ts'
import { SiprecCalls } from './external/siprec-calls.ts'
import { ExternalWebhook } from './external/webhook.ts'
import { callRoutes } from './http/call-routes.ts'
import { externalRoutes } from './http/external-routes.ts'
import { guestRoutes } from './http/guest-routes.ts'
import { type Health, healthRoutes } from './http/health-routes.ts'
import { createHttpApp } from './http/http-app.ts'
import { joinRoutes } from './http/join-routes.ts'
import { maySee } from './http/may-see.ts'
import { operatorRoutes } from './http/operator-routes.ts'
import { Origins } from './http/origins.ts'
import { pageRoutes } from './http/page-routes.ts'
import { pictureRoutes } from './http/picture-routes.ts'
import { pushRoutes } from './http/push-routes.ts'
import { rebindRoutes } from './http/rebind-routes.ts'
import { scanRoutes } from './http/scan-routes.ts'
import { staffRoutes } from './http/staff-routes.ts'
import { Lifetime } from './lifetime.ts'
import { createLogger, type Logger } from './logger.ts'
import { Recognisers } from './recognisers/recognisers.ts'
import { Scenarios } from './scenarios/scenarios.ts'
import { loadSecret } from './secrets.ts'
import { openSip, type Sip } from './sip.ts'
import { openDatabase } from './store/database.ts'
import { Diagrams } from './store/diagrams.ts'
import { Users } from './store/users.ts'
import { WebServers } from './web-servers.ts'

const PAGES_DIR = join(import.meta.dirname, '../h5-client/dist')
/** Below this a recording may break off: the node says "degraded" so that somebody comes in time. */
const MIN_FREE_BYTES = 512 * 1024 * 1024

export type Addresses = {
  /** What people type; no trailing slash. */
  readonly https: string
  readonly http: string
  /** `host:port` a SIP phone calls. */
  readonly sip: string
}

/** The composition root: every object is made here, once, and handed to those who need it. */
export class App {
  readonly addresses: Addresses
  readonly signInSheet: SignInSheet
  /** Of diagrams; the demo fills it with samples. */
  readonly library: Library
  readonly selfMadeCertificate: boolean
  readonly #life: Lifetime
  readonly #desk: CallDesk

  private constructor(o: {
    addresses: Addresses
    sheet: SignInSheet
    library: Library
    selfMade: boolean
    life: Lifetime
    desk: CallDesk
  }) {
    this.addresses = o.addresses
    this.signInSheet = o.sheet
    this.library = o.library
    this.selfMadeCertificate = o.selfMade
    this.#life = o.life
    this.#desk = o.desk
  }

  /** @throws Error with one clear line when a port, a file or a native part is missing; what was opened is closed again. */
  static async create(config: Config, logger: Logger = createLogger({ level: config.logLevel })): Promise<App> {
    const life = new Lifetime()
    try {
      return await App.#open(config, logger, life)
    } catch (error) {
      await life.close().catch(() => {})
      throw error
    }
  }

  static async #open(config: Config, logger: Logger, life: Lifetime): Promise<App> {
    const secretsDir = join(config.dataDir, 'secrets')
    const recordingsDir = join(config.dataDir, 'recordings')
    const uploadsDir = join(config.dataDir, 'uploads')
    const events = new Events(logger)
    const sealKey = await SealKey.loadOrCreate(secretsDir)
    const tokens = new Tokens(await loadSecret(secretsDir, 'jwt.key'))
    const db = life.add('database', await openDatabase(join(config.dataDir, 'index.sqlite')))
    const users = await Users.load(db)
    const sheet = await firstRunUsers(users, secretsDir)
    const signIn = new SignIn(users, tokens)

    const faces = life.add('face comparer', await FaceComparer.create({ logger }))
    let draining = () => false
    const evidence = await openEvidence({
      config,
      db,
      sealKey,
      events,
      logger,
      life,
      faces,
      draining: () => draining(),
    })
    await users.tellChanges(({ byAccount, what }) =>
      evidence.accessLog.add({ user: 'system', action: 'users-changed', detail: `${what} (by ${byAccount})` }),
    )
    // Calls do not outlive the process, so neither do their unfinished uploads.
    await rm(uploadsDir, { recursive: true, force: true })

    const workers = life.add('media workers', await openWorkers(config, logger))
    const reader = life.add('text reader', await TextReader.create({ processes: config.textProcesses, logger }))
    const intake = life.add('picture intake', await PictureIntake.create({ logger }))
    const codes = life.add('code reader', await CodeReader.create({ logger }))
    const recognisers = life.add('recognisers', await Recognisers.load(config.recognisersFile, logger))
    const push = {
      linkDomains: config.push.linkDomains,
      library: new Library({
        folder: join(config.dataDir, 'library'),
        diagrams: new Diagrams(db),
        take: bytes => intake.take(bytes),
      }),
      pdf: life.add('PDF renderer', await PdfRenderer.create({ logger })),
    }
    const { holdMusicFile: file, codecs } = config.voice
    const holdMusic = file ? await loadHoldMusic({ file, ffmpegBin: config.ffmpegBin, codecs }) : undefined
    const ports = life.add('RTP ports', new PortPool(config.rtp))
    const routerRtpCapabilities = MediaRoom.routerRtpCapabilities(workers)

    const hosts = [...new Set(['localhost', '127.0.0.1', config.http.lanAddress, ...urlHost(config.http.publicUrl)])]
    const tls = await loadCertificate(config.http.tls, secretsDir, hosts)
    const web = life.add('web servers', WebServers.create(tls))
    const publicUrl = () => config.http.publicUrl ?? `https://${config.http.lanAddress}:${web.httpsPort}`

    const scenarios = await Scenarios.load(config.scenariosFile)
    const guests = new GuestBook()
    const invites = new InviteBook()
    const outbox = config.sms.kind === 'outbox' ? new Outbox() : undefined
    const sender =
      config.sms.kind === 'webhook' ? new WebhookSender(config.sms.url, config.sms.secret) : (outbox ?? new Outbox())
    const agents: AgentDesk = life.add(
      'agent desk',
      new AgentDesk({ calls: () => desk, isCurrent: claims => signIn.isCurrent(claims) }),
    )
    const watchers: WatchDesk = life.add(
      'watch desk',
      new WatchDesk({ calls: () => desk, isCurrent: claims => signIn.isCurrent(claims) }),
    )
    let dialler: Dialler | undefined
    let phones: DeskPhones | undefined
    const desk: CallDesk = new CallDesk({
      rtp: config.rtp,
      voice: { codecs: config.voice.codecs, srtp: config.voice.srtp, holdMusic },
      turn: config.webrtc.turn,
      rules: config.calls,
      publicUrl,
      recordingsDir,
      uploadsDir,
      ports,
      workers,
      invites,
      sender,
      ffmpegBin: config.ffmpegBin,
      readText: (picture, region) => reader.read(picture, region),
      readCodes: (picture, region) => codes.read(picture, region),
      recognise: texts => recognisers.find(texts),
      documents: {
        readDocument: (picture, kind, region) => reader.readDocument(picture, kind, region),
        compareFaces: (document, live) => faces.compare(document, live),
      },
      intake,
      push,
      scenarios,
      guests,
      supervisorsVisible: config.calls.supervisorsVisible,
      dialler: () => dialler,
      phones: () => phones,
      sealKey,
      events,
      logger,
      sealed: async (manifest, folder) => {
        await evidence.archives.sealed(manifest, folder)
        external.sealed(manifest)
      },
      changed: (callId: CallId) => {
        desk.changed(callId)
        agents.changed(callId)
        watchers.changed(callId)
      },
    })
    const { webhook } = config.external
    const external = new ExternalCalls({
      desk,
      publicUrl,
      events,
      webhook:
        webhook &&
        life.add(
          'webhook of external calls',
          new ExternalWebhook({ ...webhook, failed: (event, why) => events.externalWebhookFailed(event, why) }),
        ),
    })
    const siprec = new SiprecCalls({
      external,
      deps: { ports, rtp: config.rtp, events, logger },
      srtp: config.voice.srtp,
      agentOf: agentByAor(users, config.external.siprec?.agents ?? []),
      limitMs: config.external.limitMs,
    })
    draining = () => !desk.onOptions()
    const handler = {
      onInvite: (leg: CallLeg) => desk.onInvite(leg),
      onOptions: () => desk.onOptions(),
      onRecording: (leg: RecordingLeg) => siprec.onRecording(leg),
    }
    const sip: Sip = life.add(
      'SIP',
      await openSip(config, handler, await loadSecret(secretsDir, 'sip-control.key'), logger),
    )
    const { trunk } = config
    if (trunk)
      dialler = new Dialler({ trunk: trunk.trunk, policy: new DialPolicy(trunk.dial), call: call => sip.call(call) })
    phones = new DeskPhones({
      ...{ users, allow: config.calls.deskPhones, trunk: trunk?.trunk, call: call => sip.call(call) },
    })
    life.add('calls', desk)

    const origins = new Origins(() => [new URL(publicUrl()).origin, ...config.http.allowedOrigins])
    const handlers = requestHandlers({
      desk,
      agents,
      events,
      routerRtpCapabilities,
      sipAddress: () => sip.address,
      scenarios: () => scenarios.all,
      push,
    })
    const doors = new BrowserDoors({
      signIn,
      tokens,
      desk,
      agents,
      watchers,
      guests,
      events,
      handlers,
      isOurOrigin: (origin, host) => origins.isOurs(origin, host),
    })
    const ws = life.add(
      'websockets',
      new WsDoor({
        servers: [web.https, web.http],
        admit: request => doors.admit(request),
        refused: status => events.refused('ws', String(status)),
      }),
    )
    events.observe({
      ...{ calls: () => desk.countByPhase(), connections: () => ws.connections, sip: () => sip.stats() },
      voiceRefused: () => ports.refused,
    })
    web.handle(
      createHttpApp({
        routes: [
          ...(await pageRoutes({ pagesDir: PAGES_DIR, invites, desk, tokens, guests, routerRtpCapabilities })),
          ...staffRoutes({
            ...{ signIn, agents, watchers, events, accessLog: evidence.accessLog },
            agentSignedIn: () => void reader.warm(),
          }),
          ...joinRoutes({ invites, desk, tokens, events }),
          ...rebindRoutes({ invites, desk, tokens }),
          ...guestRoutes({ guests, desk, tokens }),
          ...callRoutes({ desk, outbox }),
          ...operatorRoutes({ desk }),
          ...externalRoutes({ external, users, scenarios, limitMs: config.external.limitMs }),
          ...pushRoutes({ desk, library: push.library }),
          ...pictureRoutes({ desk, tokens, maySee: maySee({ desk, signIn, tokens }) }),
          ...scanRoutes({ desk, tokens, maySee: maySee({ desk, signIn, tokens }) }),
          ...evidence.routes,
          ...healthRoutes({
            health: () =>
              health({
                ...{ sip: sip.connected, draining: !desk.onOptions(), recordingsDir: config.dataDir, workers },
                anchors: evidence.anchorsOk(),
                archiveAlarm: evidence.archiveAlarm(),
                trunk: trunkOk(sip.trunk()),
              }),
            events,
            metricsToken: config.http.metricsToken,
          }),
        ],
        assetsDir: join(PAGES_DIR, 'assets'),
        signIn,
        events,
        origins,
        trustProxy: config.http.trustProxy,
        apiToken: config.http.apiToken,
        integrations: new Integrations(config.external.integrations),
        httpsUrl: publicUrl,
        forbidden: (who, what, callId) => evidence.refused(who, what, callId),
      }),
    )
    await web.listen(config.http)
    const addresses = { https: publicUrl(), http: `http://localhost:${web.httpPort}`, sip: sip.address }
    return new App({ addresses, sheet, library: push.library, selfMade: tls.selfMade, life, desk })
  }

  /** No new calls; resolves when the running ones are over or the time is up. Then close. */
  drain(deadlineMs: number): Promise<void> {
    return this.#desk.drain(deadlineMs)
  }

  /** Ends calls, seals them, closes everything; afterwards no timer, socket or child process is left. */
  close(): Promise<void> {
    return this.#life.close()
  }
}

async function openWorkers(config: Config, logger: Logger): Promise<WorkerPool> {
  const { workerBin, host, announcedAddress, port, workers } = config.webrtc
  return WorkerPool.create({
    ...(workerBin !== undefined && { workerBin }),
    workers,
    rtc: { listenIp: host, port, ...(announcedAddress !== undefined && { announcedAddress }) },
    logger,
  })
}

async function health(o: {
  sip: boolean
  draining: boolean
  recordingsDir: string
  workers: WorkerPool
  anchors: boolean
  archiveAlarm: boolean | undefined
  trunk: boolean | undefined
}): Promise<Health> {
  const disk = await access(o.recordingsDir, constants.W_OK)
    .then(() => statfs(o.recordingsDir))
    .then(stat => stat.bavail * stat.bsize > MIN_FREE_BYTES)
    .catch(() => false)
  const needed = {
    sip: o.sip ? 'ok' : 'failed',
    mediaWorker: o.workers.stats().workers.length > 0 ? 'ok' : 'failed',
    disk: disk ? 'ok' : 'failed',
  } as const
  const degraded = Object.values(needed).includes('failed')
  // An alarm of the daily chain or of the archive store calls for a person; it must not take calls away from this node.
  const checks = {
    ...needed,
    anchors: o.anchors ? ('ok' as const) : ('failed' as const),
    ...(o.trunk !== undefined && { trunk: o.trunk ? ('ok' as const) : ('failed' as const) }),
    ...(o.archiveAlarm !== undefined && { archiveStore: o.archiveAlarm ? ('failed' as const) : ('ok' as const) }),
  }
  return { status: o.draining ? 'draining' : degraded ? 'degraded' : 'ok', checks }
}

function trunkOk(state: TrunkState | undefined): boolean | undefined {
  return state && state.registration !== 'failed' && state.reachable !== false
}

function urlHost(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname]
}
