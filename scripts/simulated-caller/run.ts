import { startSimulatedCaller } from './simulated-caller.ts'

const [sipAddress = 'sip:127.0.0.1:5060', number] = process.argv.slice(2)
const print = (fields: object, message: string) => console.log(message, JSON.stringify(fields))
console.log(
  `Calling ${sipAddress}. Simulated: the person and the speech. Real: SIP, RTP and everything behind them. Ctrl+C hangs up.`,
)
const caller = await startSimulatedCaller({
  sipAddress,
  logger: { info: print, warn: print },
  ...(number === undefined ? {} : { number }),
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void caller.close())
