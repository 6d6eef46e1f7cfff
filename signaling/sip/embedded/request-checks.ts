import type { SipRequest } from './sip-message.ts'

/** Schemes that an application may know what to do with; others have no meaning in a request line (RFC 3261 8.2.2.1). */
export function isKnownScheme(uri: string): boolean {
  return /^(sips?|tel|urn|im|pres):/i.test(uri)
}

/** RFC 3261 10.3 step 6: `*` only alone and only to remove. */
export function badRegisterContact(request: SipRequest): boolean {
  if (request.method !== 'REGISTER') return false
  const contacts = request.list('contact')
  // A bare uri ends at the first `?` (RFC 3261 20): what follows would be nobody knows what.
  if (contacts.some(contact => !contact.includes('<') && contact.includes('?'))) return true
  return contacts.includes('*') && (contacts.length > 1 || request.get('expires')?.trim() !== '0')
}
