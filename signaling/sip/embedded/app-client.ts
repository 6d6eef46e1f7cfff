/** One authenticated control connection, as the SIP side sees it. */
export interface AppClient {
  readonly open: boolean
  /** What the application calls itself: the tags it gave when it connected. */
  readonly tags: ReadonlySet<string>
  /** Sends `<fresh id>|<line>` and, after CRLF, the SIP message. */
  send(line: string, message?: Buffer): void
}

/** A message of the application with SIP in it: `id|sip|<transactionId>|<dialogId>[|<route>]`. */
export type AppCommand = {
  readonly client: AppClient
  readonly msgId: string
  readonly transactionId: string
  readonly dialogId: string
  readonly route: string | undefined
}

/** True if one may be the other after a reconnect: they call themselves the same. */
export function isSameApplication(a: AppClient, b: AppClient): boolean {
  return a.tags.size === b.tags.size && [...a.tags].every(tag => b.tags.has(tag))
}

/** Refuses an application's SIP command; its connection stays. */
export function refuse(command: Pick<AppCommand, 'client' | 'msgId'>, reason: string): void {
  command.client.send(`response|${command.msgId}|NOK|${reason}`)
}
