const fields = ['ntpSec', 'ntpFrac', 'rtpTs', 'packetCount', 'octetCount'] as const

/**
 * An RTCP sender report (RFC 3550 section 6.4.1) with the values the phone reported, under the SSRC of the tap.
 * A direct transport runs no RTCP of its own, so the report is written anew from mediasoup's trace of it.
 * Undefined when the trace does not hold what a report needs.
 */
export function senderReportOf(trace: unknown, ssrc: number): Buffer | undefined {
  if (typeof trace !== 'object' || trace === null) return undefined
  const report = Buffer.alloc(28)
  report.writeUInt8(0x80, 0)
  report.writeUInt8(200, 1)
  report.writeUInt16BE(6, 2)
  report.writeUInt32BE(ssrc, 4)
  for (const [i, field] of fields.entries()) {
    const value: unknown = Reflect.get(trace, field)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) return undefined
    report.writeUInt32BE(value, 8 + i * 4)
  }
  return report
}
