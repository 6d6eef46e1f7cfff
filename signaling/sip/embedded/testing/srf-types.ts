import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/** The parts of drachtio-srf that these tests use; its own declarations lack half of them. */
export type TestHeaders = Record<string, string>

export type TestRequest = EventEmitter & {
  readonly method: string
  readonly uri: string
  readonly body: string
  readonly source: string
  readonly source_address: string
  readonly protocol: string
  readonly receivedOn?: string
  readonly callingNumber: string
  readonly stackDialogId: string
  get(name: string): string | undefined
  has(name: string): boolean
  cancel(options?: { headers?: TestHeaders }, callback?: (error: unknown, sent: TestRequest) => void): void
  proxy(options: Record<string, unknown>): Promise<ProxyResults>
}

export type ProxyResults = {
  readonly connected: boolean
  readonly finalStatus: number
  readonly responses: readonly {
    readonly address: string
    readonly port: number
    readonly msgs: readonly { readonly status: number }[]
  }[]
}

export type TestResponse = {
  readonly status: number
  readonly reason: string
  readonly body: string
  get(name: string): string | undefined
  has(name: string): boolean
  send(
    status: number,
    options?: { headers?: TestHeaders; body?: string },
    callback?: (error: unknown, sent: TestResponse) => void,
    onPrack?: (prack: TestRequest) => void,
  ): void
}

export type TestDialog = EventEmitter & {
  readonly id: string
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string }
  readonly local: { readonly uri: string; readonly sdp: string }
  readonly remote: { readonly uri: string; readonly sdp: string }
  destroy(options?: { headers?: TestHeaders }): Promise<TestRequest>
  modify(sdp: string): Promise<string>
  request(options: { method: string; body?: string; headers?: TestHeaders }): Promise<TestResponse>
}

export type UacOptions = {
  readonly localSdp?: string
  readonly method?: string
  readonly headers?: TestHeaders
  readonly proxy?: string
  readonly callingNumber?: string
  readonly auth?: { readonly username: string; readonly password: string }
}

export type UacCallbacks = {
  readonly cbRequest?: (error: unknown, request: TestRequest) => void
  readonly cbProvisional?: (response: TestResponse) => void
}

type Handler = (request: TestRequest, response: TestResponse) => void

export type TestSrf = EventEmitter & {
  readonly invite: (handler: Handler) => void
  readonly register: (handler: Handler) => void
  readonly options: (handler: Handler) => void
  readonly message: (handler: Handler) => void
  readonly subscribe: (handler: Handler) => void
  readonly info: (handler: Handler) => void
  listen(options: { host: string; port: number; secret: string }): void
  endSession(request: TestRequest): void
  connect(options: { host: string; port: number; secret: string }): void
  disconnect(socket?: Socket): void
  createUAS(
    request: TestRequest,
    response: TestResponse,
    options: { localSdp?: string; headers?: TestHeaders },
  ): Promise<TestDialog>
  createUAC(uri: string, options: UacOptions, callbacks?: UacCallbacks): Promise<TestDialog>
  createB2BUA(
    request: TestRequest,
    response: TestResponse,
    uri: string,
    options: Record<string, unknown>,
    callbacks?: Record<string, unknown>,
  ): Promise<{ uas: TestDialog; uac: TestDialog }>
  request(
    uri: string,
    options: { method: string; headers?: TestHeaders; body?: string; proxy?: string },
  ): Promise<TestRequest>
}
