import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadHoldMusic } from '../media/edge/hold-music-file.ts'
import { PortPool } from '../media/edge/port-pool.ts'
import { MediaRoom } from '../media/room/media-room.ts'
import { WorkerPool } from '../media/room/worker-pool.ts'
import { SealKey } from '../recordings/seal/seal-key.ts'
import type { CallId } from '../signaling/protocol/ids.ts'
import type { CallLeg } from '../signaling/sip/call-leg.ts'
import type { RecordingLeg } from '../signaling/sip/siprec/recording-leg.ts'
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
import { BridgedPairs } from './calls/bridged-pairs.ts'
import { CallDesk } from './calls/call-desk.ts'
import { requestHandlers } from './calls/requests/request-handlers.ts'
import { WatchDesk } from './calls/watch-desk.ts'
import { loadCertificate } from './certificate.ts'
import type { Config } from './config.ts'
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
import { healthRoutes } from './http/health-routes.ts'
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
import { nodeHealth } from './node-health.ts'
import { machinesOfCalls, openPictureMachines } from './picture-machines.ts'
import { Scenarios } from './scenarios/scenarios.ts'
import { loadSecret } from './secrets.ts'
import { openDatabase } from './store/database.ts'
import { Diagrams } from './store/diagrams.ts'
import { Users } from './store/users.ts'
import { openTelephony, type Telephony } from './telephony.ts'
import { WebServers } from './web-servers.ts'

const PAGES_DIR = join(import.meta.dirname, '../h5-client/dist')

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

    const machines = await openPictureMachines({ config, logger, life })
    let draining = () => false
    const evidence = await openEvidence({
      config,
      db,
      sealKey,
      events,
      logger,
      life,
      faces: machines.faces,
      draining: () => draining(),
    })
    await users.tellChanges(({ byAccount, what }) =>
      evidence.accessLog.add({ user: 'system', action: 'users-changed', detail: `${what} (by ${byAccount})` }),
    )
    // Calls do not outlive the process, so neither do their unfinished uploads.
    await rm(uploadsDir, { recursive: true, force: true })

    const workers = life.add('media workers', await openWorkers(config, logger))
    const push = {
      linkDomains: config.push.linkDomains,
      library: new Library({
        folder: join(config.dataDir, 'library'),
        diagrams: new Diagrams(db),
        take: bytes => machines.intake.take(bytes),
      }),
      pdf: machines.pdf,
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
    let telephony: Telephony | undefined
    const bridges = new BridgedPairs({
      voiceLostEndMs: config.calls.voiceLostEndMs,
      limitMs: config.calls.bridgeLimitMs,
      ...{ logger, events },
    })
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
      ...machinesOfCalls(machines),
      push,
      scenarios,
      guests,
      supervisorsVisible: config.calls.supervisorsVisible,
      bridges,
      dialler: () => telephony?.dialler,
      phones: () => telephony?.phones,
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
    telephony = await openTelephony({ config, secretsDir, handler, users, logger, life })
    const { sip } = telephony
    life.add('bridged pairs', bridges)
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
      bridgedPairs: () => bridges.size,
      voiceRefused: () => ports.refused,
    })
    web.handle(
      createHttpApp({
        routes: [
          ...(await pageRoutes({ pagesDir: PAGES_DIR, invites, desk, tokens, guests, routerRtpCapabilities })),
          ...staffRoutes({
            ...{ signIn, agents, watchers, events, accessLog: evidence.accessLog },
            agentSignedIn: () => void machines.reader.warm(),
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
              nodeHealth({
                ...{ sip, draining: !desk.onOptions(), dataDir: config.dataDir, workers },
                anchorsOk: evidence.anchorsOk(),
                archiveAlarm: evidence.archiveAlarm(),
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

function urlHost(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname]
}
