const KEY = 'tongping-device'

function random(): string {
  let text = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += byte.toString(16).padStart(2, '0')
  return text
}

/** A random name for this browser, so that a link can tell a reload from a second phone. Says nothing about the person. */
export function deviceId(): string {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept
    const fresh = random()
    localStorage.setItem(KEY, fresh)
    return fresh
  } catch {
    // Private windows may forbid storage; then every load is a new device, and the cookie alone resumes.
    return random()
  }
}
