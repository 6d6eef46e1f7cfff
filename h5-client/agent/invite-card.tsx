import type { InviteView } from '../../signaling/protocol/call.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { useBench } from './bench.ts'
import { spokenGroups } from './invite-steps.ts'

/** The three ways to the phone page: digits by voice, the link by message, the QR for a second screen. */
export function InviteCard({ invite }: { invite: InviteView }) {
  const { words, language } = useBench()
  const until = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(
    new Date(invite.expiresAt),
  )
  // As a picture, never as markup: whatever an SVG carries, an <img> runs no script.
  const qr = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(invite.qrSvg)}`
  const { channel, to, text } = invite.delivery
  const address = invite.digitsAddress.replace(/^https?:\/\//, '').replace(/\/$/, '')
  return (
    <div class="invite-card">
      <p class="quiet">{words.digitsHow(address)}</p>
      <p class="digits" data-test="invite-digits" data-digits={invite.digits}>
        {spokenGroups(invite.digits)}
      </p>
      <div class="link-row">
        <a class="link" data-test="invite-link" href={invite.link} target="_blank" rel="noreferrer noopener">
          {invite.link}
        </a>
        <CopyButton text={invite.link} words={words.common} label={words.copyLink} small />
      </div>
      <div class="qr-row">
        <img class="qr" data-test="invite-qr" src={qr} alt={words.qrAlt} width="112" height="112" />
        <div class="delivery">
          <p>
            <strong>{words[channel]}</strong>
            {channel === 'none' ? null : ` → ${to}`}
          </p>
          {channel === 'none' ? null : (
            <>
              <p class="delivery-text" data-test="outbox-text">
                {text}
              </p>
              <CopyButton text={text} words={words.common} label={words.copyText} />
            </>
          )}
        </div>
      </div>
      <p class="quiet">
        {channel === 'outbox' ? `${words.outboxNote} ` : ''}
        {words.validUntil(until)}
      </p>
    </div>
  )
}
