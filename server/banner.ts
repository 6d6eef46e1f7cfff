import QRCode from 'qrcode'
import type { App } from './app.ts'

/** What a person needs after the start, as text, and the phone's address as a QR code for the terminal. */
export async function banner(app: App, demo: boolean): Promise<string> {
  const { https, http, sip } = app.addresses
  const qr = await QRCode.toString(`${https}/`, { type: 'utf8', errorCorrectionLevel: 'L' })
  const people = app.signInSheet.map(
    one =>
      `    ${one.role.padEnd(9)} ${`${https}/${one.role === 'agent' ? 'agent' : 'review'}`.padEnd(34)} name ${one.name.padEnd(9)} password ${one.password}`,
  )
  return [
    '',
    '  Tongping 同屏 is running',
    '',
    '  Sign in (工作台 / 复核台)',
    ...(people.length > 0 ? people : [`    agents    ${https}/agent`, `    reviewers ${https}/review`]),
    `    on this machine also without certificate warning: ${http}/agent`,
    '',
    `  Call in with any SIP phone (UDP or TCP):  sip:help@${sip}`,
    ...(demo
      ? [
          '  DEMO: a SIMULATED caller (recorded speech, real SIP and RTP) rings in a few seconds and again after each call.',
        ]
      : []),
    '',
    `  Phones open:  ${https}/`,
    ...(app.selfMadeCertificate
      ? ['  (the certificate was made here: phones warn once; set TONGPING_TLS_CERT_FILE and _KEY_FILE for your own)']
      : []),
    '',
    qr.replace(/^/gm, '  '),
  ].join('\n')
}
