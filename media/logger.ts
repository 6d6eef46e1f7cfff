type LogFn = (fields: object, message: string) => void

/** The part of pino that the media packages use. */
export type Logger = { readonly debug: LogFn; readonly info: LogFn; readonly warn: LogFn; readonly error: LogFn }
