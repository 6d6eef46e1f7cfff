/** Brings one still to the server. @throws when it is refused, or no reply comes in time */
export async function postStill(callId: string, jpeg: Blob, timeoutMs: number): Promise<void> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  try {
    const response = await fetch(`/api/calls/${callId}/scan`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'image/jpeg' },
      body: jpeg,
      signal: timeout.signal,
    })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
  } finally {
    clearTimeout(timer)
  }
}
