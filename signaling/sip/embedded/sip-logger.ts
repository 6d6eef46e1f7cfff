/** What the server needs of a logger; pino fits. Personal data only ever stands in `fields`, never in the message. */
export type SipLogger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLogger: SipLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
