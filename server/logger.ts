import pino from 'pino'

/** The part of pino that our code needs. */
export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
export type RootLogger = Logger & { child(bindings: object): Logger; flush(): void }

/**
 * Fields that may hold personal data or secrets. They are cut out wherever they stand, so that a
 * careless log line cannot leak a number, a name, a text or a password.
 */
export const REDACTED_FIELDS = [
  'from',
  'to',
  'number',
  'name',
  'agentName',
  'displayName',
  'text',
  'token',
  'digits',
  'link',
  'password',
  'secret',
  'cookie',
  'authorization',
] as const

export function createLogger(options: { level: string; destination?: pino.DestinationStream }): RootLogger {
  const paths = REDACTED_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`])
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[redacted]' },
    formatters: { level: label => ({ level: label }) },
    serializers: { err: pino.stdSerializers.err },
  }
  return options.destination
    ? pino(settings, options.destination)
    : pino(settings, pino.destination({ dest: 1, sync: true }))
}
